## Was eine zweite Person braucht

approvals = Freigaben
    .what = Mit dem Vier-Augen-Prinzip fragt eine Person, und eine andere mit der Rolle Inhaber entscheidet: über Administratoren, Zwei-Schritt-Authentifizierung, Single Sign-On, Verbindungen, Weiterleitungsadressen, Pläne über dem Grenzwert und Rücknahmen.
    .requests = Anfragen
    .caption = Die neuesten zuerst; 30 Tage lang aufbewahrt
    .none = Niemand hat um etwas gebeten. Eine Anfrage erscheint hier, wenn jemand etwas speichert, das eine zweite Person braucht.
approvals-off = Das Vier-Augen-Prinzip ist ausgeschaltet
    .what = Eine Person mit der Rolle Inhaber entscheidet allein. Schalten Sie es unter Sicherheit, Administratoren ein, sobald sich zwei Inhaber angemeldet haben.
approvals-alone = Nur eine Person mit der Rolle Inhaber ist bekannt
    .what = Niemand sonst kann etwas freigeben. Lassen Sie eine weitere Person mit dieser Rolle sich hier anmelden. Oder erstellen Sie auf dem Server mit „cloudsync-idp admin link“ einen Notfall-Link, und schalten Sie das Vier-Augen-Prinzip damit aus.
approval = Eine Anfrage
    .subject = Worum gebeten wird
    .by = Gefragt von
    .why = Warum
    .why-hint = Die andere Person liest es. Es steht 30 Tage lang in der Liste.
    .asked = Gefragt
    .until = Läuft ab
    .state = Stand
    .decided = Entschieden von
    .reason = Warum abgelehnt wird
    .reason-hint = Wer gefragt hat, liest es.
    .request = Die Anfrage
    .does = Was geschieht
    .gone = Die Einstellungen wurden seitdem geändert, oder es ist entschieden: Was geschehen würde, wird nicht aufbewahrt.
    .run = Den Lauf ansehen
    .open = Noch ist nichts geschehen: Dafür braucht es eine zweite Person mit der Rolle Inhaber. Prüfen Sie, was geschieht, sagen Sie warum, und bitten Sie darum. Sonst wird es nach zehn Minuten vergessen.
    .ask = Um Freigabe bitten
    .mine = Eine andere Person mit der Rolle Inhaber entscheidet. Die eigene Anfrage können Sie nicht freigeben.
    .withdraw = Anfrage zurückziehen
    .let-in = Wer gefragt hat, hat in den letzten sieben Tagen Ihren zweiten Faktor zurückgesetzt, Ihnen einen Code ausgestellt, Ihre Sperre aufgehoben oder Ihnen ein Konto übergeben, und könnte sich als Sie anmelden. Eine andere Person mit der Rolle Inhaber entscheidet; Sie können entscheiden ab:
approval-settings = Einstellungen ändern
approval-approve = Freigeben und ausführen
approval-reject = Ablehnen
approval-reverts = Lauf { $run } wird zurückgenommen: { $count ->
        [one] 1 Konto erhält
       *[other] { $count } Konten erhalten
    } den Stand davor zurück, und die Synchronisierung wird angehalten.
approval-takes = { $count ->
        [one] 1 Person verliert
       *[other] { $count } Personen verlieren
    } Zugang; davon { $beyond } über dem Grenzwert.
approval-open = noch nicht gefragt
approval-waiting = wartet
approval-approved = freigegeben
approval-rejected = abgelehnt
approval-withdrawn = zurückgezogen
approval-expired = abgelaufen
approval-done-asked = Um Freigabe gebeten
    .what = Alle anderen mit der Rolle Inhaber sehen es auf dem Überblick. Die Anfrage läuft nach sieben Tagen ab, und wenn sich die Einstellungen ändern.
approval-done-saved = Freigegeben und gespeichert
    .what = Die neuen Einstellungen gelten hier sofort, und auf allen anderen Knoten innerhalb einer Sekunde.
approval-done-rejected = Abgelehnt
    .what = Nichts wurde geändert. Wer gefragt hat, kann Ihren Grund hier lesen.
approval-done-withdrawn = Zurückgezogen
    .what = Nichts wurde geändert.
approval-done-ended = Das Vier-Augen-Prinzip ist ausgeschaltet
    .what = Von nun an entscheidet eine Person mit der Rolle Inhaber allein. Das Protokoll zeigt, dass ein Notfall-Link dafür benutzt wurde.
approval-not-a-person = Das kann nur eine angemeldete Person mit der Rolle Inhaber
    .what = Solange das Vier-Augen-Prinzip gilt, fragt und entscheidet weder ein Skript noch ein Notfall-Link. Ein Notfall-Link kann es nur ausschalten, in einer Änderung von nichts anderem.
approval-against-admin = Das nähme jemandem mit Ihrer oder einer höheren Rolle etwas weg
    .what = Nichts ist geschehen: Nur eine Person mit der Rolle Inhaber kann das tun.
approval-full = Es warten schon zu viele Anfragen
    .what = Nichts wurde aufbewahrt. Lassen Sie die anderen entscheiden, oder ziehen Sie Anfragen zurück.
approval-not-waiting = Diese Anfrage wartet nicht mehr
    .what = Nichts ist geschehen: Jemand hat entschieden, sie ist abgelaufen, oder die Einstellungen wurden seitdem geändert.
approval-not-seen = Das ist nicht, was gezeigt wurde
    .what = Nichts ist geschehen. Prüfen Sie unten, was die Anfrage tut, und entscheiden Sie noch einmal.
approval-own = Danach haben Sie selbst gefragt
    .what = Nichts ist geschehen: Eine andere Person mit der Rolle Inhaber muss entscheiden.
approval-let-in = Wer gefragt hat, hat Ihnen vor Kurzem Zugang verschafft
    .what = Nichts ist geschehen: Wer in den letzten sieben Tagen Ihren zweiten Faktor zurückgesetzt, Ihnen einen Code ausgestellt, Ihre Sperre aufgehoben oder Ihnen ein Konto übergeben hat, könnte sich als Sie anmelden. Eine andere Person mit der Rolle Inhaber muss entscheiden, oder warten Sie bis zur Zeit unten.
approval-asker-lost = Wer gefragt hat, darf das nicht mehr
    .what = Nichts ist geschehen: Die Person hat die Rolle verloren oder kann sich nicht anmelden. Lehnen Sie die Anfrage ab.
approval-no-reason = Eine Ablehnung braucht einen Grund
    .what = Nichts ist geschehen. Sagen Sie unten, warum Sie ablehnen.

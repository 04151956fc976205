# Deutsch, in der Sie-Form. Schlüssel und Argumente wie in en.ftl.
# $client ist der Name der Anwendung, in der Regel CloudSync; er steht ohne Artikel.

legal = Rechtliches
brand-place = Anmeldung

## Auf jeder Seite

error-prefix = Fehler
help = Hier bekommen Sie Hilfe
attempt-id = Nennen Sie diese Nummer, wenn Sie um Hilfe bitten
back-to = Zurück zu { $client }
signed-in-as = Angemeldet als
not-you = Nicht Sie?

## Anmelden

cancel = Abbrechen
another-account = Ein anderes Konto benutzen
sign-in = Anmelden
    .title = Bei { $client } anmelden
    .lead = und weiter zu { $client }
    .fresh = Zu Ihrer Sicherheit melden Sie sich bitte noch einmal an, um zu { $client } weiterzugehen.
    .account = um Ihre Sicherheitsseite zu öffnen
    .fresh-account = Zu Ihrer Sicherheit melden Sie sich bitte noch einmal an, um Ihre Anmeldung zu ändern.
    .panel = um die Verwaltung zu öffnen
    .code-accepted = Ihr Code stimmt. Geben Sie jetzt Ihr Passwort ein.
username = Benutzername
    .hint = Firmen-Benutzername oder E-Mail-Adresse
domain = Domäne
    .hint = Die Domäne, zu der Ihr Benutzername gehört
    .none = Bitte wählen
password = Passwort
    .hint = Das Passwort für Ihren Arbeitsplatzrechner
    .forgot = Passwort vergessen?
    .show = Passwort anzeigen
    .hide = Passwort verbergen
    .caps = Die Feststelltaste ist an.
sign-in-button = Anmelden
password-promise = Ihr Passwort prüft das Verzeichnis Ihrer Firma. Hier wird es nie gespeichert.

## Anmelden: warum der letzte Versuch fehlschlug. Titel, was geschehen ist, was jetzt zu tun ist.

notice-refused = Die Anmeldung ist fehlgeschlagen
    .what = Prüfen Sie Benutzername und Passwort.
    .next = Nach mehreren Versuchen kann ein Konto eine Zeit lang gesperrt sein. Wenn Sie nicht sicher sind, fragen Sie Ihren Administrator.
notice-too-many = Zu viele Versuche mit diesem Benutzernamen
    .what = Damit das Konto nicht gesperrt wird, wurde das Passwort diesmal nicht geprüft.
    .next = { $minutes ->
        [one] Versuchen Sie es in 1 Minute wieder, oder benutzen Sie einen Browser, in dem Sie sich schon einmal angemeldet haben.
       *[other] Versuchen Sie es in { $minutes } Minuten wieder, oder benutzen Sie einen Browser, in dem Sie sich schon einmal angemeldet haben.
    }
notice-too-many-here = Zu viele Versuche mit diesem Benutzernamen
    .what = Damit das Konto nicht gesperrt wird, wurde das Passwort diesmal nicht geprüft.
    .next = { $minutes ->
        [one] Versuchen Sie es in 1 Minute wieder, oder fragen Sie Ihren Administrator.
       *[other] Versuchen Sie es in { $minutes } Minuten wieder, oder fragen Sie Ihren Administrator.
    }
notice-busy = Gerade melden sich sehr viele an
    .what = Im Augenblick melden sich mehr Personen an, als wir bedienen können. Mit Ihrem Passwort und Ihrem Konto ist alles in Ordnung.
    .next = Warten Sie einige Sekunden und geben Sie Ihr Passwort noch einmal ein.
notice-missing-username = Geben Sie Ihren Benutzernamen ein
    .what = Das Feld für den Benutzernamen war leer.
    .next = Verwenden Sie Ihren Firmen-Benutzernamen oder Ihre E-Mail-Adresse.
notice-missing-domain = Wählen Sie Ihre Domäne
    .what = Diesen Benutzernamen könnte es in mehreren Domänen geben.
    .next = Wählen Sie Ihre Domäne und geben Sie Ihr Passwort noch einmal ein. Wenn Sie nicht wissen, welche es ist, fragen Sie Ihren Administrator.
notice-missing-password = Geben Sie Ihr Passwort ein
    .what = Das Feld für das Passwort war leer.
    .next = Verwenden Sie das Passwort für Ihren Arbeitsplatzrechner.
notice-try-again = Bitte melden Sie sich noch einmal an
    .what = Diese Seite war zu lange geöffnet. Ihre Eingabe wurde deshalb nicht verwendet.
    .next = Mit Ihrem Konto ist alles in Ordnung. Geben Sie Ihr Passwort noch einmal ein.
notice-account-disabled = Ihr Konto ist deaktiviert
    .what = Ihr Passwort stimmt, aber Ihre Firma hat dieses Konto deaktiviert.
    .next = Wenn Sie das für ein Versehen halten, bitten Sie Ihren Administrator, es wieder zu aktivieren.
notice-account-expired = Ihr Konto ist abgelaufen
    .what = Ihr Passwort stimmt, aber das Enddatum des Kontos ist überschritten.
    .next = Bitten Sie Ihren Administrator, es zu verlängern.
notice-password-expired = Ihr Passwort ist abgelaufen
    .what = Das Passwort stimmt, ist aber zu alt und gilt nicht mehr.
    .next = Ändern Sie es an Ihrem Arbeitsplatzrechner (unter Windows drücken Sie Strg+Alt+Entf und wählen Sie „Kennwort ändern“) und melden Sie sich hier mit dem neuen an.
notice-password-must-change = Sie müssen zuerst Ihr Passwort ändern
    .what = Das Passwort stimmt, aber Ihr Administrator verlangt ein neues, bevor Sie weitermachen können.
    .next = Ändern Sie es an Ihrem Arbeitsplatzrechner (melden Sie sich dort an; unter Windows drücken Sie Strg+Alt+Entf und wählen Sie „Kennwort ändern“) und melden Sie sich hier mit dem neuen an.
notice-account-locked = Ihr Konto ist gesperrt
    .what = Ihr Passwort stimmt, aber das Konto ist nach zu vielen Fehlversuchen gesperrt.
    .next = Warten Sie, bis die Sperre endet, oder bitten Sie Ihren Administrator, das Konto zu entsperren. Bis dahin helfen weitere Versuche nicht.
notice-out-of-scope = Sie haben noch keinen Zugang zu { $client }
    .what = Ihr Passwort stimmt, aber Ihr Konto liegt in keinem Teil des Verzeichnisses, der mit { $client } verbunden ist.
    .next = Bitten Sie Ihren Administrator, Sie in eine verbundene Abteilung oder Gruppe aufzunehmen.
notice-no-email = Ihre E-Mail-Adresse fehlt
    .what = Ihr Passwort stimmt, aber im Verzeichnis Ihrer Firma steht für Sie keine E-Mail-Adresse. { $client } braucht eine.
    .next = Bitten Sie Ihren Administrator, sie im Verzeichnis einzutragen.
notice-email-differs = Ihre E-Mail-Adresse gehört zu einem anderen Konto
    .what = Ihr Passwort stimmt, aber die E-Mail-Adresse, die das Verzeichnis für Sie führt, wird in { $client } von einem anderen Konto benutzt.
    .next = Bitten Sie Ihren Administrator zu entscheiden, zu welchem Konto sie gehört.
notice-email-taken = Ihre E-Mail-Adresse wird schon benutzt
    .what = Ihr Passwort stimmt, aber Sie haben in { $client } noch kein Konto, und die E-Mail-Adresse, die das Verzeichnis für Sie führt, gehört zum Konto einer anderen Person oder mehreren Personen gemeinsam.
    .next = Bitten Sie Ihren Administrator, im Verzeichnis eine Adresse einzutragen, die nur Sie benutzen. Melden Sie sich dann noch einmal an.
notice-link-pending = Ihr Konto muss erst bestätigt werden
    .what = Ihr Passwort stimmt, und in { $client } gibt es schon ein Konto mit Ihrer E-Mail-Adresse. Ein Administrator muss noch bestätigen, dass es Ihres ist.
    .next = Bitten Sie Ihren Administrator, Ihr Konto zu verknüpfen. Melden Sie sich dann noch einmal an.
notice-email-unusable = Ihre E-Mail-Adresse kann nicht benutzt werden
    .what = Ihr Passwort stimmt, aber die E-Mail-Adresse, die das Verzeichnis für Sie führt, kann in { $client } nicht benutzt werden.
    .next = Bitten Sie Ihren Administrator, Ihre E-Mail-Adresse im Verzeichnis zu berichtigen. Melden Sie sich dann noch einmal an.
notice-no-account = Ihr Konto ist noch nicht bereit
    .what = Ihr Passwort stimmt, aber in { $client } gibt es noch kein Konto für Sie.
    .next = Wenn Sie neu sind, versuchen Sie es in einigen Minuten wieder. Bleibt es dabei, fragen Sie Ihren Administrator.
notice-account-suspended = Ihr Konto ist stillgelegt
    .what = Ihr Passwort stimmt, aber Ihr Konto in { $client } ist stillgelegt.
    .next = Bitten Sie Ihren Administrator, es wieder freizugeben.
notice-not-allowed-here = Hier oder um diese Zeit dürfen Sie sich nicht anmelden
    .what = Ihr Passwort stimmt, aber Ihre Firma beschränkt, wann oder an welchen Rechnern dieses Konto benutzt werden darf.
    .next = Versuchen Sie es während Ihrer Arbeitszeit oder an Ihrem üblichen Rechner, oder fragen Sie Ihren Administrator.
notice-smart-card-required = Ihr Konto verlangt eine Smartcard
    .what = Ihr Passwort stimmt, aber Ihre Firma erlaubt diesem Konto nur die Anmeldung mit Smartcard, und diese Seite nimmt nur Passwörter an.
    .next = Bitten Sie Ihren Administrator, für Ihr Konto ein Passwort zuzulassen.
notice-sso-disabled = Die Anmeldung mit Firmenkonto ist abgeschaltet
    .what = Ihr Administrator hat die Anmeldung bei { $client } mit Firmenkonten abgeschaltet.
    .next = Mit Ihrem Konto ist alles in Ordnung. Fragen Sie Ihren Administrator, wann die Anmeldung wieder möglich ist.

## Anmelden: ein Code zusätzlich zum Passwort

signing-in-as = Anmeldung als
go-on = Weiter
code = Code
second-factor = Geben Sie Ihren Code ein
    .lead = Öffnen Sie Ihre Authenticator-App und geben Sie den Code ein, den sie gerade anzeigt.
    .first = { $minutes ->
        [one] Zu viele Versuche mit diesem Benutzernamen. Versuchen Sie es in 1 Minute wieder, oder benutzen Sie einen Browser, in dem Sie sich schon einmal angemeldet haben. Mit einer Authenticator-App müssen Sie nicht warten: Geben Sie jetzt ihren Code ein und danach Ihr Passwort.
       *[other] Zu viele Versuche mit diesem Benutzernamen. Versuchen Sie es in { $minutes } Minuten wieder, oder benutzen Sie einen Browser, in dem Sie sich schon einmal angemeldet haben. Mit einer Authenticator-App müssen Sie nicht warten: Geben Sie jetzt ihren Code ein und danach Ihr Passwort.
    }
    .hint = Die Ziffern aus Ihrer App
recovery-code = Geben Sie einen Wiederherstellungs­code ein
    .lead = Geben Sie einen der Codes ein, die Sie beim Einrichten Ihrer Authenticator-App gespeichert haben. Ein Code vom Helpdesk funktioniert auch.
    .label = Wiederherstellungscode
    .hint = Buchstaben und Ziffern. Jeder gilt einmal.
    .use = Einen Wiederherstellungscode benutzen
    .back = Die Authenticator-App benutzen
remember = { $count ->
        [one] In diesem Browser 1 Tag lang nicht nach einem Code fragen
       *[other] In diesem Browser { $count } Tage lang nicht nach einem Code fragen
    }
    .hint = Nur auf einem Gerät, das sonst niemand benutzt.
no-phone = Ich kann meine App gerade nicht benutzen
    .recovery = Haben Sie Ihre Wiederherstellungscodes gespeichert? Benutzen Sie einen davon. Jeder gilt einmal.
    .help-desk = Auch keinen Wiederherstellungscode? Bitten Sie Ihren Helpdesk um einen Code und geben Sie ihn anstelle eines Wiederherstellungscodes ein.
    .none = Haben Sie noch nie eine Authenticator-App eingerichtet? Warten Sie eine Weile, bevor Sie es wieder versuchen, oder fragen Sie Ihren Helpdesk.
notice-missing-code = Geben Sie einen Code ein
    .what = Das Feld war leer.
    .next = Ihre Authenticator-App zeigt alle paar Sekunden einen neuen Code an.
notice-wrong-code = Dieser Code hat nicht gestimmt
    .what = Es ist nicht der aktuelle Code für Ihr Konto.
    .next = Warten Sie auf den nächsten Code und geben Sie diesen ein. Wenn keiner stimmt, prüfen Sie, ob sich die Uhr Ihres Telefons automatisch stellt.
notice-missing-recovery-code = Geben Sie einen Wiederherstellungs­code ein
    .what = Das Feld war leer.
    .next = Geben Sie einen der Codes ein, die Sie gespeichert haben, oder einen Code vom Helpdesk.
notice-wrong-recovery-code = Dieser Code hat nicht gestimmt
    .what = Es ist keiner Ihrer Wiederherstellungscodes, oder er wurde schon benutzt.
    .next = Prüfen Sie jeden Buchstaben, oder versuchen Sie einen anderen Code von Ihrer Liste.
notice-missing-desk-code = Geben Sie den Code vom Helpdesk ein
    .what = Das Feld war leer.
    .next = Wenn Sie keinen Code haben, bitten Sie Ihren Helpdesk um einen.
notice-wrong-desk-code = Dieser Code hat nicht gestimmt
    .what = Es ist nicht der Code, den Ihr Helpdesk für Sie erstellt hat, oder er wurde schon benutzt oder ist abgelaufen.
    .next = Prüfen Sie jeden Buchstaben, oder bitten Sie Ihren Helpdesk um einen neuen Code.
notice-used-code = Dieser Code wurde schon benutzt
    .what = Jeder Code gilt nur einmal, damit niemand ihn nach Ihnen benutzen kann.
    .next = Warten Sie, bis Ihre App den nächsten Code anzeigt, und geben Sie diesen ein.
notice-wait-code = Zu viele falsche Codes
    .what = Zum Schutz des Kontos werden Codes eine Weile nicht geprüft. Bis dahin wird auch der richtige Code abgelehnt.

## Anmelden: die App einrichten

enrol = Richten Sie Ihre Authenticator-App ein
    .lead = Ihre Firma verlangt zusätzlich zum Passwort einen Code von Ihrem Telefon. Das richten Sie einmal ein; es dauert zwei Minuten.
    .app = Installieren Sie eine Authenticator-App
    .app-hint = Jede App für Einmalcodes ist geeignet. Wenn Sie auf Ihrem Telefon schon eine haben, verwenden Sie diese.
    .scan = Fügen Sie dieses Konto in der App hinzu
    .picture = QR-Code für Ihre Authenticator-App. Der Schlüssel darunter enthält dasselbe als Text.
    .open = Sind Sie gerade auf diesem Telefon? In der App öffnen
    .by-hand = Sie können nicht scannen? Geben Sie einen Schlüssel ein
    .by-hand-hint = Wählen Sie in der App „Einrichtungsschlüssel eingeben“ und tippen Sie dies ein. Groß- und Kleinschreibung und Leerzeichen spielen keine Rolle.
    .kind = Art des Schlüssels: zeitbasiert, { $seconds } Sekunden.
    .digits = Stellen: { $count }.
    .code = Geben Sie den Code ein, den die App anzeigt
    .code-hint = { $count } Ziffern. Das bestätigt, dass es funktioniert.
    .name = Name für diesen Authenticator
    .name-hint = Freiwillig: hilft Ihnen, ihn später wiederzuerkennen, zum Beispiel „Mein Telefon“.
    .button = Einrichtung abschließen
later = Jetzt nicht
    .days = { $count ->
        [one] Sie können das noch 1 Tag aufschieben. Danach müssen Sie es erledigen, bevor Sie sich anmelden können.
       *[other] Sie können das noch { $count } Tage aufschieben. Danach müssen Sie es erledigen, bevor Sie sich anmelden können.
    }
invitation = Bitten Sie Ihren Helpdesk um einen Code
    .lead = Ihre Firma verlangt zusätzlich zum Passwort einen zweiten Schritt. Um ihn einzurichten, brauchen Sie einen Code von Ihrem Helpdesk. Er bestätigt, dass Sie es sind.
    .code = Code vom Helpdesk
    .hint = Er gilt einmal und nur für einige Tage.

## Wiederherstellungscodes

recovery-codes = Speichern Sie Ihre Wiederherstellungs{ "\u00AD" }codes
    .what = Wenn Sie Ihr Telefon verlieren, können Sie sich mit einem dieser Codes anmelden. Jeder gilt einmal. Bewahren Sie sie getrennt von Ihrem Telefon auf: auf Papier oder in einem Passwort-Manager.
    .once = Sie werden nur jetzt angezeigt.
    .sheet = Wiederherstellungscodes
    .file = wiederherstellungscodes.txt
    .download = Herunterladen
    .copy = Kopieren
    .copied = Kopiert.
    .print = Drucken
    .kept = Ich habe sie gespeichert
recovery-code-used = Ihr Code hat funktioniert
    .left = { $count ->
        [0] Sie haben keine Wiederherstellungscodes mehr.
        [one] Sie haben noch 1 Wiederherstellungscode.
       *[other] Sie haben noch { $count } Wiederherstellungscodes.
    }
    .new = Dieser Code gilt nicht noch einmal. Nach dem nächsten Schritt können Sie hier neue erstellen und ein neues Telefon einrichten:
    .page = Ihre Sicherheitsseite
    .account = Weiter zu Ihrer Sicherheitsseite
    .panel = Weiter zur Verwaltung

## Das Passwort ändern

change-password = Wählen Sie ein neues Passwort
    .expired = Ihr Passwort stimmt, ist aber zu alt und gilt nicht mehr.
    .must-change = Ihr Passwort stimmt, aber Ihr Administrator verlangt ein neues, bevor Sie weitermachen können.
    .current = Bisheriges Passwort
    .current-hint = Das Passwort, mit dem Sie sich gerade angemeldet haben
    .new = Neues Passwort
    .new-hint = Es gilt dann auch für Ihren Arbeitsplatzrechner.
    .again = Neues Passwort wiederholen
    .button = Passwort ändern und weiter
    .promise = Ihr Passwort wird im Verzeichnis Ihrer Firma gespeichert. Hier wird es nie gespeichert.
password-rules = Die Regeln Ihrer Firma:
    .length = { $count ->
        [one] Mindestens 1 Zeichen.
       *[other] Mindestens { $count } Zeichen.
    }
    .kinds = Drei davon: Großbuchstaben, Kleinbuchstaben, Zahlen, andere Zeichen.
    .name = Nicht Ihr Benutzername und kein Teil Ihres Namens.
    .history = { $count ->
        [one] Nicht Ihr letztes Passwort.
       *[other] Keines Ihrer letzten { $count } Passwörter.
    }
    .days = { $count ->
        [one] Nach einer Änderung kann es erst nach 1 Tag wieder geändert werden.
       *[other] Nach einer Änderung kann es erst nach { $count } Tagen wieder geändert werden.
    }
    .hours = { $count ->
        [one] Nach einer Änderung kann es erst nach 1 Stunde wieder geändert werden.
       *[other] Nach einer Änderung kann es erst nach { $count } Stunden wieder geändert werden.
    }
    .minutes = { $count ->
        [one] Nach einer Änderung kann es erst nach 1 Minute wieder geändert werden.
       *[other] Nach einer Änderung kann es erst nach { $count } Minuten wieder geändert werden.
    }
notice-missing-current = Geben Sie Ihr bisheriges Passwort ein
    .what = Das Feld war leer.
    .next = Es ist das Passwort, mit dem Sie sich gerade angemeldet haben.
notice-missing-new = Geben Sie ein neues Passwort ein
    .what = Das Feld war leer.
    .next = Geben Sie in beiden Feldern dasselbe neue Passwort ein.
notice-not-the-same = Die neuen Passwörter sind verschieden
    .what = In den beiden Feldern steht nicht dasselbe Passwort. Es wurde nichts geändert.
    .next = Geben Sie in beiden Feldern dasselbe neue Passwort ein.
notice-wrong-current = Das bisherige Passwort stimmt nicht
    .what = Das Verzeichnis Ihrer Firma hat es nicht angenommen. Es wurde nichts geändert.
    .next = Versuchen Sie es sorgfältig noch einmal: Nach mehreren Fehlversuchen kann ein Konto eine Zeit lang gesperrt sein.
notice-too-simple = Das neue Passwort ist zu einfach
    .what = Für die Regeln Ihrer Firma ist es zu kurz, zu einfach oder Ihrem Namen zu ähnlich. Es wurde nichts geändert.
    .next = Wählen Sie ein längeres mit Groß- und Kleinbuchstaben, Zahlen und Sonderzeichen.
notice-in-history = Dieses Passwort hatten Sie schon einmal
    .what = Das Verzeichnis Ihrer Firma merkt sich frühere Passwörter und nimmt sie nicht noch einmal an. Es wurde nichts geändert.
    .next = Wählen Sie ein Passwort, das Sie noch nicht benutzt haben.
notice-too-young = Ihr Passwort wurde erst vor Kurzem geändert
    .what = Ihre Firma verlangt einige Zeit zwischen zwei Änderungen des Passworts. Es wurde nichts geändert.
    .next = Versuchen Sie es morgen wieder, oder fragen Sie Ihren Administrator.
notice-change-not-allowed = Hier können Sie das Passwort nicht ändern
    .what = Ihre Firma erlaubt diesem Konto nicht, sein Passwort auf diese Weise zu ändern. Es wurde nichts geändert.
    .next = Ändern Sie es an Ihrem Arbeitsplatzrechner, oder bitten Sie Ihren Administrator um ein neues.
notice-change-refused = Das Verzeichnis hat das neue Passwort abgelehnt
    .what = Einen Grund hat es nicht genannt. Es wurde nichts geändert.
    .next = Versuchen Sie es mit einem längeren, das Sie noch nicht hatten. Wird auch das abgelehnt, fragen Sie Ihren Administrator.
notice-wait-password = Zu viele Versuche
    .what = Damit Ihr Konto nicht gesperrt wird, werden Passwörter eine Weile nicht geprüft.

## Die Sicherheitsseite

account = Ihre Sicherheit
    .back = Zurück zu Ihrer Sicherheitsseite
    .authenticators = Authenticator-Apps
    .authenticators-hint = Sie erzeugen die Codes, mit denen Sie sich anmelden.
    .no-authenticator = Sie haben noch keine eingerichtet.
    .added = Hinzugefügt: { $when }
    .used = benutzt: { $when }
    .never-used = nie benutzt
    .edit = Ändern
    .rename = Umbenennen
    .remove = Entfernen
    .remove-hint = Ihre Codes gelten dann sofort nicht mehr. Wiederherstellungscodes und andere Apps gelten weiter.
    .remove-last-hint = Ihre Codes und Ihre Wiederherstellungscodes gelten dann sofort nicht mehr. Danach melden Sie sich nur mit Ihrem Passwort an.
    .last-stays = Ihre Firma verlangt eine Authenticator-App, deshalb kann die letzte nicht entfernt werden. Um sie zu ersetzen, fügen Sie zuerst die neue hinzu.
    .recovery = { $count ->
        [0] Sie haben keine Wiederherstellungscodes mehr. Erstellen Sie neue, sonst können Sie sich ohne Ihr Telefon vielleicht nicht mehr anmelden.
        [one] Sie haben noch 1 Wiederherstellungscode.
       *[other] Sie haben noch { $count } Wiederherstellungscodes.
    }
    .add = Authenticator-App hinzufügen
    .codes = Neue Wiederherstellungscodes erstellen
    .codes-hint = Die alten gelten dann nicht mehr.
    .sign-in = Neu anmelden, um etwas zu ändern
    .sign-in-hint = Um zu ändern, wie Sie sich anmelden, melden Sie sich bitte noch einmal an. Danach haben Sie fünf Minuten für Ihre Änderungen.
    .password-hint = Das Passwort für Ihren Arbeitsplatzrechner.
    .sessions = Wo Sie angemeldet sind
    .sessions-hint = Wenn Sie einen Browser nicht kennen, beenden Sie dort die Anmeldung und ändern Sie Ihr Passwort.
    .here = Dieser Browser
    .signed-in = Angemeldet: { $when }
    .end = Beenden
    .end-others = Alle anderen beenden
    .tokens-elsewhere = Manche Anwendungen haben noch Zugriff aus anderen Anmeldungen. „Alle anderen beenden“ hebt diesen Zugriff auf.
    .browsers = Browser, in denen nicht nach einem Code gefragt wird
    .browsers-hint = Dort haben Sie „nicht nach einem Code fragen“ ausgewählt.
    .remembered = Ausgewählt: { $when }
    .until = bis: { $when }
    .forget = Vergessen
    .forget-all = Alle vergessen
authenticator = Authenticator-App
browser = Ein Browser
    .on = { $browser } auf { $system }
own-password = Passwort ändern
    .lead = Alle anderen Browser werden dabei abgemeldet, und Anwendungen bitten Sie, sich neu anzumelden.
    .button = Passwort ändern
new-factor = Authenticator-App hinzufügen
    .lead = Ein zweites Telefon oder Tablet, damit Sie sich mit jedem der beiden anmelden können.
    .button = Hinzufügen
account-added = Die App wurde hinzugefügt. Ihre Codes gelten ab jetzt.
account-renamed = Der neue Name ist gespeichert.
account-removed = Die App wurde entfernt. Ihre Codes gelten nicht mehr.
account-last-stays = Es wurde nichts geändert: Ihre Firma verlangt eine Authenticator-App, deshalb kann die letzte nicht entfernt werden.
account-session-ended = Dieser Browser ist abgemeldet.
account-others-ended = Alle anderen Browser sind abgemeldet.
account-forgotten = Erledigt. Dort wird wieder nach einem Code gefragt.
account-password-changed = Ihr Passwort wurde geändert. Alle anderen Browser sind abgemeldet, und in jedem Browser wird wieder nach einem Code gefragt.
account-nothing-changed = Es wurde nichts geändert: Die Seite war nicht mehr aktuell. Bitte versuchen Sie es noch einmal.

## Zeiten

moment-now = gerade eben
moment-minutes = { $count ->
        [one] vor 1 Minute
       *[other] vor { $count } Minuten
    }
moment-hours = { $count ->
        [one] vor 1 Stunde
       *[other] vor { $count } Stunden
    }
moment-days = { $count ->
        [one] vor 1 Tag
       *[other] vor { $count } Tagen
    }
moment-in-minutes = { $count ->
    [0] innerhalb einer Minute
    [one] in 1 Minute
   *[other] in { $count } Minuten
}
moment-in-hours = { $count ->
    [one] in 1 Stunde
   *[other] in { $count } Stunden
}
moment-date = { $day }. { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    } { $year }

## Fehler. Titel, was geschehen ist, was jetzt zu tun ist.

error-bad-request = Diese Anmeldeanfrage ist ungültig
    .what = Die Anwendung, von der Sie kommen, hat eine Anfrage gesendet, die wir nicht verarbeiten können.
    .next = Gehen Sie zurück und versuchen Sie es noch einmal. Wenn es wieder geschieht, geben Sie die Zeilen unten Ihrem Administrator.
error-bad-sign-out = Diese Abmeldeanfrage ist ungültig
    .what = Die Anwendung, von der Sie kommen, hat eine Anfrage gesendet, die wir nicht verarbeiten können. Es wurde niemand abgemeldet.
    .next = Gehen Sie zurück und versuchen Sie es noch einmal. Wenn es wieder geschieht, geben Sie die Zeilen unten Ihrem Administrator.
error-bad-form = Wir konnten nicht lesen, was gesendet wurde
    .what = Ein Teil des Formulars fehlt, wurde doppelt gesendet oder unterwegs beschädigt. Es wurde nichts getan.
    .next = Gehen Sie zurück und versuchen Sie es noch einmal. Wenn es wieder geschieht, geben Sie die Zeilen unten Ihrem Administrator.
error-form-expired = Diese Seite war zu lange geöffnet
    .what = Was Sie gesendet haben, wurde nicht verwendet, und es wurde nichts geändert.
    .next = Gehen Sie zurück, öffnen Sie die Seite neu und wiederholen Sie Ihre Eingabe.
error-detail = Für Entwickler
error-unknown-client = Diese Anwendung ist nicht registriert
    .what = Die Anwendung, von der Sie kommen, ist bei diesem Anmeldedienst nicht registriert.
    .next = Öffnen Sie die Anwendung auf dem gewohnten Weg. Wenn es wieder geschieht, sagen Sie Ihrem Administrator Bescheid.
error-bad-redirect-uri = Diese Zieladresse ist nicht registriert
    .what = Die Anwendung, von der Sie kommen, wollte Sie an eine Adresse weiterleiten, die für sie nicht registriert ist. Zu Ihrem Schutz wurde nichts dorthin gesendet.
    .next = Öffnen Sie die Anwendung auf dem gewohnten Weg. Wenn es wieder geschieht, sagen Sie Ihrem Administrator Bescheid.
error-login-expired = Diese Anmeldung ist beendet
    .what = Sie hat zu lange gedauert oder wurde in einem anderen Browser oder Tab begonnen.
    .next = Beginnen Sie noch einmal in der Anwendung, die Sie benutzen möchten.
error-directory-unavailable = Das Verzeichnis der Firma ist nicht erreichbar
    .what = Das Verzeichnis Ihrer Firma antwortet gerade nicht, deshalb geht es nicht weiter. Mit Ihrem Passwort und Ihrem Konto ist alles in Ordnung.
    .next = Warten Sie eine Minute und versuchen Sie es noch einmal. Wenn das nicht hilft, sagen Sie Ihrem Administrator Bescheid.
error-storage-unavailable = Die Anmeldung ist kurz unterbrochen
    .what = Ein Teil unseres Systems antwortet nicht. Mit Ihrem Passwort und Ihrem Konto ist alles in Ordnung, und keine Anmeldung ging verloren.
    .next = Warten Sie einige Sekunden und versuchen Sie es noch einmal. Wenn das nicht hilft, sagen Sie Ihrem Administrator Bescheid. Ihre Eingabe wurde nicht gespeichert und wird vielleicht noch einmal verlangt.
    .by-itself = Diese Seite versucht es automatisch alle paar Sekunden.
    .now = Jetzt noch einmal versuchen
error-busy = Gerade melden sich sehr viele an
    .what = Im Augenblick melden sich mehr Personen an, als wir bedienen können. Mit Ihrem Passwort und Ihrem Konto ist alles in Ordnung.
    .next = Warten Sie einige Sekunden und versuchen Sie es noch einmal.
error-too-many-requests = Zu viele Versuche
    .what = Zum Schutz der Konten nehmen wir in kurzer Zeit nur eine begrenzte Zahl von Versuchen an.
    .seconds = { $count ->
        [one] Versuchen Sie es in 1 Sekunde wieder.
       *[other] Versuchen Sie es in { $count } Sekunden wieder.
    }
    .minutes = { $count ->
        [one] Versuchen Sie es in 1 Minute wieder.
       *[other] Versuchen Sie es in { $count } Minuten wieder.
    }
error-not-found = Hier gibt es keine Seite
    .what = Die Adresse stimmt nicht, oder die Seite ist umgezogen.
    .next = Prüfen Sie die Adresse, oder beginnen Sie in der Anwendung, die Sie benutzen möchten.
error-method-not-allowed = So lässt sich diese Seite nicht öffnen
    .what = Die Adresse gibt es, aber sie ist für Anwendungen oder nur für ein Formular gedacht.
    .next = Beginnen Sie noch einmal in der Anwendung, die Sie benutzen möchten.
error-too-large = Es wurde zu viel gesendet
    .what = So viel auf einmal kann diese Seite nicht annehmen.
    .next = Gehen Sie zurück und versuchen Sie es mit weniger Text in den Feldern.
error-internal = Bei uns ist etwas schiefgegangen
    .what = Es liegt nicht an Ihnen, und Ihr Konto ist nicht betroffen.
    .next = Versuchen Sie es gleich noch einmal. Wenn es wieder geschieht, geben Sie die Nummer unten Ihrem Administrator.

## Abmelden

signed-out = Sie sind abgemeldet
    .lead = Sie können dieses Fenster schließen. An einem gemeinsam genutzten Rechner schließen Sie bitte den ganzen Browser.
    .again = Bei { $client } wieder anmelden
    .again-here = Wieder anmelden
logout-confirm = Möchten Sie sich abmelden?
    .by = { $client } möchte Ihre Anmeldung in diesem Browser beenden.
    .lead = Ihre Anmeldung in diesem Browser endet. Anwendungen, die Sie noch geöffnet haben, bitten Sie dann vielleicht, sich neu anzumelden.
    .button = Abmelden
    .stay = Angemeldet bleiben und weiter zu { $client }

## Übergabe an die Anwendung

form-post = Sie sind angemeldet
    .title = Weiter zu { $client }
    .lead = Noch ein Schritt, dann sind Sie wieder bei { $client }.
    .button = Weiter zu { $client }

## Startseite

home = Anmeldung mit Firmenkonto
    .lead = Hier meldet man sich mit dem Firmenkonto bei { $product } an.
    .people = Sie suchen { $product }? Öffnen Sie es wie gewohnt. Zum Anmelden kommen Sie dann von selbst hierher.
    .admins = Sie richten es ein? Anwendungen finden alles Nötige im Discovery-Dokument.
    .discovery = Discovery-Dokument
    .documentation = Dokumentation

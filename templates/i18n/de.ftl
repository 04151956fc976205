# Deutsch, in der Sie-Form. Schlüssel und Argumente wie in en.ftl.
# $client ist der Name des Programms, in der Regel CloudSync; er steht ohne Artikel.

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
    .code-accepted = Ihr Code stimmt. Geben Sie jetzt Ihr Passwort ein.
username = Benutzername
    .hint = Firmen-Benutzername oder E-Mail-Adresse
domain = Domäne
    .hint = Zu der Ihr Firmen-Benutzername gehört
    .none = Bitte wählen
password = Passwort
    .hint = Dasselbe wie an Ihrem Arbeitsplatzrechner
    .forgot = Passwort vergessen?
    .show = Passwort anzeigen
    .hide = Passwort verbergen
    .caps = Die Feststelltaste ist an.
sign-in-button = Anmelden
password-promise = Ihr Passwort prüft das Verzeichnis Ihrer Firma. Hier wird es nie gespeichert.

## Anmelden: warum es beim letzten Mal nicht ging. Titel, was war, was zu tun ist.

notice-refused = Das hat nicht geklappt
    .what = Prüfen Sie Benutzername und Passwort.
    .mend = Nach mehreren Versuchen kann ein Konto eine Zeit lang gesperrt sein. Wenn Sie nicht sicher sind, fragen Sie Ihren Administrator.
notice-too-many = Zu viele Versuche mit diesem Benutzernamen
    .what = Damit niemand das Konto sperren kann, wurde das Passwort diesmal nicht geprüft.
    .mend = { $minutes ->
        [one] Versuchen Sie es in 1 Minute wieder, oder benutzen Sie einen Browser, in dem Sie sich schon einmal angemeldet haben.
       *[other] Versuchen Sie es in { $minutes } Minuten wieder, oder benutzen Sie einen Browser, in dem Sie sich schon einmal angemeldet haben.
    }
notice-too-many-here = Zu viele Versuche mit diesem Benutzernamen
    .what = Damit niemand das Konto sperren kann, wurde das Passwort diesmal nicht geprüft.
    .mend = { $minutes ->
        [one] Versuchen Sie es in 1 Minute wieder, oder fragen Sie Ihren Administrator.
       *[other] Versuchen Sie es in { $minutes } Minuten wieder, oder fragen Sie Ihren Administrator.
    }
notice-busy = Gerade melden sich sehr viele an
    .what = Im Augenblick sind es mehr Anmeldungen, als wir annehmen können. Mit Ihrem Passwort und Ihrem Konto ist alles in Ordnung.
    .mend = Warten Sie einige Sekunden und geben Sie Ihr Passwort noch einmal ein.
notice-missing-username = Geben Sie Ihren Benutzernamen ein
    .what = Das Feld für den Benutzernamen war leer.
    .mend = Ihr Firmen-Benutzername oder Ihre E-Mail-Adresse genügt.
notice-missing-domain = Wählen Sie Ihre Domäne
    .what = Diesen Benutzernamen könnte es in mehreren Domänen geben.
    .mend = Wählen Sie Ihre Domäne und geben Sie Ihr Passwort noch einmal ein. Wenn Sie nicht sicher sind, welche es ist, fragen Sie Ihren Administrator.
notice-missing-password = Geben Sie Ihr Passwort ein
    .what = Das Feld für das Passwort war leer.
    .mend = Es ist dasselbe wie an Ihrem Arbeitsplatzrechner.
notice-try-again = Bitte melden Sie sich noch einmal an
    .what = Diese Seite war zu lange geöffnet. Ihre Eingabe wurde deshalb nicht verwendet.
    .mend = Mit Ihrem Konto ist alles in Ordnung. Geben Sie Ihr Passwort einfach noch einmal ein.
notice-account-disabled = Ihr Konto ist deaktiviert
    .what = Ihr Passwort stimmt, aber Ihre Firma hat dieses Konto deaktiviert.
    .mend = Wenn Sie das für ein Versehen halten, bitten Sie Ihren Administrator, es wieder zu aktivieren.
notice-account-expired = Ihr Konto ist abgelaufen
    .what = Ihr Passwort stimmt, aber das Konto war befristet, und die Frist ist vorbei.
    .mend = Bitten Sie Ihren Administrator, es zu verlängern.
notice-password-expired = Ihr Passwort ist abgelaufen
    .what = Das Passwort stimmt, ist aber zu alt und gilt nicht mehr.
    .mend = Ändern Sie es an Ihrem Arbeitsplatzrechner (unter Windows drücken Sie Strg+Alt+Entf und wählen Sie „Kennwort ändern“) und melden Sie sich hier mit dem neuen an.
notice-password-must-change = Sie müssen zuerst Ihr Passwort ändern
    .what = Das Passwort stimmt, aber Ihr Administrator verlangt ein neues, bevor es weitergeht.
    .mend = Ändern Sie es an Ihrem Arbeitsplatzrechner (melden Sie sich dort an; unter Windows drücken Sie Strg+Alt+Entf und wählen Sie „Kennwort ändern“) und melden Sie sich hier mit dem neuen an.
notice-account-locked = Ihr Konto ist gesperrt
    .what = Ihr Passwort stimmt, aber das Konto ist nach zu vielen Fehlversuchen gesperrt.
    .mend = Warten Sie, bis die Sperre endet, oder bitten Sie Ihren Administrator, das Konto zu entsperren. Vorher helfen weitere Versuche nicht.
notice-out-of-scope = Sie haben noch keinen Zugang zu { $client }
    .what = Ihr Passwort stimmt, aber Ihr Konto liegt in keinem Teil des Verzeichnisses, der mit { $client } verbunden ist.
    .mend = Bitten Sie Ihren Administrator, Sie in eine verbundene Abteilung oder Gruppe aufzunehmen.
notice-no-mail = Ihre E-Mail-Adresse fehlt
    .what = Ihr Passwort stimmt, aber im Verzeichnis Ihrer Firma steht für Sie keine E-Mail-Adresse. { $client } braucht eine.
    .mend = Bitten Sie Ihren Administrator, sie im Verzeichnis einzutragen.
notice-email-differs = Ihre E-Mail-Adresse gehört zu einem anderen Konto
    .what = Ihr Passwort stimmt, aber die E-Mail-Adresse, die das Verzeichnis für Sie führt, wird in { $client } von einem anderen Konto benutzt.
    .mend = Bitten Sie Ihren Administrator zu klären, zu welchem Konto sie gehört.
notice-mail-taken = Ihre E-Mail-Adresse wird schon benutzt
    .what = Ihr Passwort stimmt, aber Sie haben in { $client } noch kein Konto, und die E-Mail-Adresse, die das Verzeichnis für Sie führt, gehört zum Konto einer anderen Person oder mehreren Personen gemeinsam.
    .mend = Bitten Sie Ihren Administrator, im Verzeichnis eine Adresse einzutragen, die nur Ihnen gehört. Melden Sie sich dann noch einmal an.
notice-link-pending = Ihr Konto muss erst bestätigt werden
    .what = Ihr Passwort stimmt, und in { $client } gibt es schon ein Konto mit Ihrer E-Mail-Adresse. Ein Administrator muss noch bestätigen, dass es Ihres ist.
    .mend = Bitten Sie Ihren Administrator, Ihr Konto zu verknüpfen. Melden Sie sich dann noch einmal an.
notice-mail-unusable = Ihre E-Mail-Adresse kann nicht benutzt werden
    .what = Ihr Passwort stimmt, aber was das Verzeichnis als Ihre E-Mail-Adresse führt, ist keine Adresse, die in { $client } benutzt werden darf.
    .mend = Bitten Sie Ihren Administrator, Ihre E-Mail-Adresse im Verzeichnis zu berichtigen. Melden Sie sich dann noch einmal an.
notice-no-account = Ihr Konto ist noch nicht bereit
    .what = Ihr Passwort stimmt, aber in { $client } gibt es noch kein Konto für Sie.
    .mend = Wenn Sie neu sind, versuchen Sie es in einigen Minuten wieder. Bleibt es dabei, fragen Sie Ihren Administrator.
notice-account-suspended = Ihr Konto ist stillgelegt
    .what = Ihr Passwort stimmt, aber Ihr Konto in { $client } ist stillgelegt.
    .mend = Bitten Sie Ihren Administrator, es wieder freizugeben.
notice-not-allowed-here = Hier oder um diese Zeit dürfen Sie sich nicht anmelden
    .what = Ihr Passwort stimmt, aber Ihre Firma beschränkt, wann oder an welchen Rechnern dieses Konto benutzt werden darf.
    .mend = Versuchen Sie es während Ihrer Arbeitszeit oder an Ihrem üblichen Rechner, oder fragen Sie Ihren Administrator.
notice-smart-card-required = Ihr Konto verlangt eine Smartcard
    .what = Ihr Passwort stimmt, aber Ihre Firma erlaubt diesem Konto nur die Anmeldung mit Smartcard, und diese Seite nimmt Passwörter entgegen.
    .mend = Bitten Sie Ihren Administrator, für Ihr Konto ein Passwort zuzulassen.
notice-sso-disabled = Die Anmeldung mit Firmenkonto ist abgeschaltet
    .what = Ihr Administrator hat abgeschaltet, dass man sich bei { $client } mit dem Firmenkonto anmeldet.
    .mend = Mit Ihrem Konto ist alles in Ordnung. Fragen Sie Ihren Administrator, wann es wieder geht.

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
    .lead = Geben Sie einen der Codes ein, die Sie beim Einrichten Ihrer Authenticator-App aufbewahrt haben. Ein Code vom Helpdesk geht auch.
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
    .recovery = Haben Sie Ihre Wiederherstellungscodes aufbewahrt? Benutzen Sie einen davon. Jeder gilt einmal.
    .help-desk = Auch keinen Wiederherstellungscode? Bitten Sie Ihren Helpdesk um einen Code und geben Sie ihn anstelle eines Wiederherstellungscodes ein.
    .none = Haben Sie noch nie eine Authenticator-App eingerichtet? Warten Sie eine Weile, bevor Sie es wieder versuchen, oder fragen Sie Ihren Helpdesk.
notice-missing-code = Geben Sie einen Code ein
    .what = Das Feld war leer.
    .mend = Ihre Authenticator-App zeigt alle paar Sekunden einen neuen Code an.
notice-wrong-code = Dieser Code hat nicht gestimmt
    .what = Es ist nicht der Code, der jetzt zu Ihrem Konto gehört.
    .mend = Warten Sie auf den nächsten Code und geben Sie diesen ein. Wenn keiner stimmt, prüfen Sie, ob sich die Uhr Ihres Telefons automatisch stellt.
notice-missing-recovery-code = Geben Sie einen Wiederherstellungs­code ein
    .what = Das Feld war leer.
    .mend = Geben Sie einen der Codes ein, die Sie aufbewahrt haben, oder einen Code vom Helpdesk.
notice-wrong-recovery-code = Dieser Code hat nicht gestimmt
    .what = Es ist keiner Ihrer Wiederherstellungscodes, oder er wurde schon benutzt.
    .mend = Prüfen Sie jeden Buchstaben, oder versuchen Sie einen anderen Code von Ihrer Liste.
notice-missing-desk-code = Geben Sie den Code vom Helpdesk ein
    .what = Das Feld war leer.
    .mend = Wenn Sie keinen Code haben, bitten Sie Ihren Helpdesk um einen.
notice-wrong-desk-code = Dieser Code hat nicht gestimmt
    .what = Es ist nicht der Code, den Ihr Helpdesk für Sie gemacht hat, oder er wurde schon benutzt oder ist zu alt.
    .mend = Prüfen Sie jeden Buchstaben, oder bitten Sie Ihren Helpdesk um einen neuen Code.
notice-used-code = Dieser Code wurde schon benutzt
    .what = Jeder Code gilt nur einmal, damit niemand ihn nach Ihnen benutzen kann.
    .mend = Warten Sie, bis Ihre App den nächsten Code anzeigt, und geben Sie diesen ein.
notice-wait-code = Zu viele falsche Codes
    .what = Zum Schutz des Kontos werden Codes eine Weile nicht geprüft. Auch der richtige würde abgelehnt.

## Anmelden: die App einrichten

enrol = Richten Sie Ihre Authenticator-App ein
    .lead = Ihre Firma verlangt zusätzlich zum Passwort einen Code von Ihrem Telefon. Das richten Sie einmal ein; es dauert zwei Minuten.
    .app = Installieren Sie eine Authenticator-App
    .app-hint = Jede App für Einmalcodes ist geeignet. Wenn auf Ihrem Telefon schon eine ist, nehmen Sie diese.
    .scan = Fügen Sie dieses Konto in der App hinzu
    .picture = QR-Code für Ihre Authenticator-App. Der Schlüssel darunter sagt dasselbe in Buchstaben.
    .open = Sind Sie schon auf diesem Telefon? In der App öffnen
    .by-hand = Sie können nicht scannen? Geben Sie einen Schlüssel ein
    .by-hand-hint = Wählen Sie in der App „Einrichtungsschlüssel eingeben“ und tippen Sie dies ein. Große oder kleine Buchstaben und Leerzeichen spielen keine Rolle.
    .kind = Art des Schlüssels: zeitbasiert, { $seconds } Sekunden.
    .digits = Stellen: { $count }.
    .code = Geben Sie den Code ein, den die App anzeigt
    .code-hint = { $count } Ziffern. Das zeigt, dass es funktioniert.
    .name = Name für diesen Authenticator
    .name-hint = Wenn Sie möchten: damit Sie ihn später wiedererkennen, zum Beispiel „Mein Telefon“.
    .button = Einrichtung abschließen
later = Jetzt nicht
    .days = { $count ->
        [one] Sie können das noch 1 Tag aufschieben. Danach muss es erledigt sein, bevor Sie sich anmelden können.
       *[other] Sie können das noch { $count } Tage aufschieben. Danach muss es erledigt sein, bevor Sie sich anmelden können.
    }
invitation = Bitten Sie Ihren Helpdesk um einen Code
    .lead = Ihre Firma verlangt zusätzlich zum Passwort einen zweiten Schritt. Um ihn einzurichten, brauchen Sie einen Code von Ihrem Helpdesk: So ist sicher, dass wirklich Sie es sind.
    .code = Code vom Helpdesk
    .hint = Er gilt einmal und nur für einige Tage.

## Wiederherstellungscodes

recovery-codes = Bewahren Sie Ihre Wiederherstellungs{ "\u00AD" }codes auf
    .what = Wenn Sie Ihr Telefon verlieren, kommen Sie mit einem dieser Codes hinein. Jeder gilt einmal. Bewahren Sie sie dort auf, wo Ihr Telefon nicht ist: auf Papier oder in einem Passwort-Manager.
    .once = Wir zeigen sie nur jetzt.
    .sheet = Wiederherstellungscodes
    .file = wiederherstellungscodes.txt
    .download = Herunterladen
    .copy = Kopieren
    .copied = Kopiert.
    .print = Drucken
    .kept = Ich habe sie aufbewahrt
recovery-code-used = Ihr Code hat funktioniert
    .left = { $count ->
        [0] Sie haben keine Wiederherstellungscodes mehr.
        [one] Sie haben noch 1 Wiederherstellungscode.
       *[other] Sie haben noch { $count } Wiederherstellungscodes.
    }
    .new = Dieser Code gilt nicht noch einmal. Wenn Sie fortgefahren sind, können Sie hier neue erstellen und ein neues Telefon einrichten:
    .page = Ihre Sicherheitsseite
    .account = Weiter zu Ihrer Sicherheitsseite

## Das Passwort ändern

change-password = Wählen Sie ein neues Passwort
    .expired = Ihr Passwort stimmt, ist aber zu alt und gilt nicht mehr.
    .must-change = Ihr Passwort stimmt, aber Ihr Administrator verlangt ein neues, bevor es weitergeht.
    .current = Bisheriges Passwort
    .current-hint = Das, mit dem Sie sich gerade angemeldet haben
    .new = Neues Passwort
    .new-hint = Es gilt dann auch an Ihrem Arbeitsplatzrechner.
    .again = Neues Passwort noch einmal
    .button = Passwort ändern und weiter
    .promise = Ihr Passwort liegt im Verzeichnis Ihrer Firma. Hier wird es nie gespeichert.
password-rules = Die Regeln Ihrer Firma:
    .length = { $count ->
        [one] Mindestens 1 Zeichen.
       *[other] Mindestens { $count } Zeichen.
    }
    .kinds = Drei davon: Großbuchstaben, Kleinbuchstaben, Ziffern, andere Zeichen.
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
    .mend = Es ist das, mit dem Sie sich gerade angemeldet haben.
notice-missing-new = Geben Sie ein neues Passwort ein
    .what = Das Feld war leer.
    .mend = Geben Sie in beiden Feldern dasselbe neue Passwort ein.
notice-not-the-same = Die neuen Passwörter sind verschieden
    .what = Beim zweiten Mal haben Sie etwas anderes eingegeben als beim ersten. Es wurde nichts geändert.
    .mend = Geben Sie in beiden Feldern dasselbe neue Passwort ein.
notice-wrong-current = Das bisherige Passwort stimmt nicht
    .what = Das Verzeichnis Ihrer Firma hat es nicht angenommen. Es wurde nichts geändert.
    .mend = Versuchen Sie es mit Bedacht noch einmal: Nach mehreren falschen Versuchen kann ein Konto für einige Zeit gesperrt sein.
notice-too-simple = Das neue Passwort ist zu einfach
    .what = Für die Regeln Ihrer Firma ist es zu kurz, zu schlicht oder Ihrem Namen zu ähnlich. Es wurde nichts geändert.
    .mend = Nehmen Sie ein längeres, und mischen Sie große und kleine Buchstaben, Ziffern und Zeichen.
notice-in-history = Dieses Passwort hatten Sie schon einmal
    .what = Das Verzeichnis Ihrer Firma merkt sich frühere Passwörter und verlangt ein neues. Es wurde nichts geändert.
    .mend = Denken Sie sich eines aus, das Sie hier noch nicht benutzt haben.
notice-too-young = Das Passwort wurde erst vor Kurzem geändert
    .what = In Ihrer Firma lässt sich ein Passwort erst nach einiger Zeit wieder ändern. Es wurde nichts geändert.
    .mend = Versuchen Sie es morgen wieder, oder fragen Sie Ihren Administrator.
notice-change-not-allowed = Hier können Sie das Passwort nicht ändern
    .what = Ihre Firma erlaubt diesem Konto nicht, sein Passwort auf diese Weise zu ändern. Es wurde nichts geändert.
    .mend = Ändern Sie es an Ihrem Arbeitsplatzrechner, oder bitten Sie Ihren Administrator um ein neues.
notice-change-refused = Das Verzeichnis hat das neue Passwort abgelehnt
    .what = Einen Grund hat es nicht genannt. Es wurde nichts geändert.
    .mend = Versuchen Sie es mit einem längeren, das Sie noch nicht hatten. Wird auch das abgelehnt, fragen Sie Ihren Administrator.
notice-wait-password = Zu viele falsche Versuche
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
    .remove-last-hint = Ihre Codes und Ihre Wiederherstellungscodes gelten dann sofort nicht mehr: Danach genügt Ihr Passwort allein.
    .last-stays = Ihre Firma verlangt eine Authenticator-App, deshalb bleibt die letzte. Um sie zu ersetzen, fügen Sie zuerst die neue hinzu.
    .recovery = { $count ->
        [0] Sie haben keine Wiederherstellungscodes mehr. Machen Sie neue, sonst kommen Sie ohne Ihr Telefon vielleicht nicht mehr hinein.
        [one] Sie haben noch 1 Wiederherstellungscode.
       *[other] Sie haben noch { $count } Wiederherstellungscodes.
    }
    .add = Authenticator-App hinzufügen
    .codes = Neue Wiederherstellungscodes machen
    .codes-hint = Die alten gelten dann nicht mehr.
    .sign-in = Neu anmelden, um etwas zu ändern
    .sign-in-hint = Bevor Sie ändern, wie Sie sich anmelden, bitten wir Sie, sich noch einmal anzumelden. Das gilt fünf Minuten.
    .password-hint = Das im Verzeichnis Ihrer Firma, das Sie auch am Computer am Arbeitsplatz benutzen.
    .sessions = Wo Sie angemeldet sind
    .sessions-hint = Beenden Sie, was Sie nicht kennen, und ändern Sie dann Ihr Passwort.
    .here = Dieser Browser
    .signed-in = Angemeldet: { $when }
    .end = Beenden
    .end-others = Alle anderen beenden
    .tokens-elsewhere = Anwendungen haben noch Zugriff aus anderen Anmeldungen. „Alle anderen beenden“ nimmt ihn weg.
    .browsers = Browser, in denen nicht nach einem Code gefragt wird
    .browsers-hint = Dort haben Sie „nicht nach einem Code fragen“ angekreuzt.
    .remembered = Angekreuzt: { $when }
    .until = bis: { $when }
    .forget = Vergessen
    .forget-all = Alle vergessen
authenticator = Authenticator-App
browser = Ein Browser
    .on = { $browser } auf { $system }
own-password = Passwort ändern
    .lead = Alle anderen Browser werden dabei abgemeldet, und Programme bitten Sie um eine neue Anmeldung.
    .button = Passwort ändern
new-factor = Authenticator-App hinzufügen
    .lead = Ein zweites Telefon oder Tablet, damit Sie sich mit jedem der beiden anmelden können.
    .button = Hinzufügen
account-added = Die App wurde hinzugefügt. Ihre Codes gelten ab jetzt.
account-renamed = Der neue Name ist gespeichert.
account-removed = Die App wurde entfernt. Ihre Codes gelten nicht mehr.
account-last-stays = Es wurde nichts geändert: Ihre Firma verlangt eine Authenticator-App, deshalb bleibt die letzte.
account-session-ended = Dieser Browser ist abgemeldet.
account-others-ended = Alle anderen Browser sind abgemeldet.
account-forgotten = Erledigt. Dort wird wieder nach einem Code gefragt.
account-password-changed = Ihr Passwort wurde geändert. Alle anderen Browser sind abgemeldet, und keiner ist mehr gemerkt.
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

## Was unterwegs schiefging. Titel, was war, was zu tun ist.

error-bad-request = Dieser Anmeldelink ist nicht vollständig
    .what = Das Programm, von dem Sie kommen, hat so gefragt, dass wir nicht antworten können.
    .mend = Gehen Sie zurück und versuchen Sie es noch einmal. Wenn es wieder geschieht, geben Sie die Zeilen unten Ihrem Administrator.
error-bad-sign-out = Dieser Abmeldelink ist nicht vollständig
    .what = Das Programm, von dem Sie kommen, hat so gefragt, dass wir nicht antworten können. Es wurde niemand abgemeldet.
    .mend = Gehen Sie zurück und versuchen Sie es noch einmal. Wenn es wieder geschieht, geben Sie die Zeilen unten Ihrem Administrator.
error-bad-form = Wir konnten nicht lesen, was gesendet wurde
    .what = Etwas im Formular fehlt, kam doppelt oder wurde unterwegs beschädigt. Es wurde nichts getan.
    .mend = Gehen Sie zurück und versuchen Sie es noch einmal. Wenn es wieder geschieht, geben Sie die Zeilen unten Ihrem Administrator.
error-form-expired = Diese Seite war zu lange geöffnet
    .what = Was Sie gesendet haben, wurde nicht verwendet, und es wurde nichts geändert.
    .mend = Gehen Sie zurück, öffnen Sie die Seite neu und versuchen Sie es noch einmal.
error-detail = Für Entwickler
error-unknown-client = Wir kennen dieses Programm nicht
    .what = Das Programm, von dem Sie kommen, ist bei uns nicht eingetragen.
    .mend = Öffnen Sie das Programm auf dem gewohnten Weg. Wenn es wieder geschieht, sagen Sie Ihrem Administrator Bescheid.
error-bad-redirect-uri = An diese Adresse schicken wir Sie nicht
    .what = Das Programm, von dem Sie kommen, wollte Sie an eine Adresse weiterschicken, die nicht für es eingetragen ist. Zu Ihrem Schutz wurde nichts dorthin geschickt.
    .mend = Öffnen Sie das Programm auf dem gewohnten Weg. Wenn es wieder geschieht, sagen Sie Ihrem Administrator Bescheid.
error-login-expired = Diese Anmeldung ist beendet
    .what = Sie hat zu lange gedauert oder wurde in einem anderen Browser oder Tab begonnen.
    .mend = Beginnen Sie noch einmal in dem Programm, das Sie benutzen möchten.
error-directory-unavailable = Das Verzeichnis der Firma ist nicht erreichbar
    .what = Es geht nicht weiter, weil das Verzeichnis Ihrer Firma gerade nicht antwortet. Mit Ihrem Passwort und Ihrem Konto ist alles in Ordnung.
    .mend = Warten Sie eine Minute und versuchen Sie es noch einmal. Wenn es länger dauert, sagen Sie Ihrem Administrator Bescheid.
error-storage-unavailable = Die Anmeldung ist kurz unterbrochen
    .what = Ein Teil unseres Systems antwortet nicht. Mit Ihrem Passwort und Ihrem Konto ist alles in Ordnung, und keine Anmeldung ging verloren.
    .mend = Warten Sie einige Sekunden und versuchen Sie es noch einmal. Wenn es anhält, wenden Sie sich an Ihre Administration. Ihre Eingabe wurde nicht gespeichert und wird vielleicht noch einmal verlangt.
    .by-itself = Diese Seite versucht es alle paar Sekunden von selbst.
    .now = Jetzt noch einmal versuchen
error-busy = Gerade melden sich sehr viele an
    .what = Im Augenblick sind es mehr Anmeldungen, als wir annehmen können. Mit Ihrem Passwort und Ihrem Konto ist alles in Ordnung.
    .mend = Warten Sie einige Sekunden und versuchen Sie es noch einmal.
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
    .mend = Prüfen Sie die Adresse, oder beginnen Sie in dem Programm, das Sie benutzen möchten.
error-method-not-allowed = So lässt sich diese Seite nicht öffnen
    .what = Die Adresse gibt es, aber sie ist für Programme oder nur für ein Formular gedacht.
    .mend = Beginnen Sie noch einmal in dem Programm, das Sie benutzen möchten.
error-too-large = Das war zu viel auf einmal
    .what = Es wurde mehr gesendet, als diese Seite annehmen kann.
    .mend = Gehen Sie zurück und versuchen Sie es mit weniger Text in den Feldern.
error-internal = Bei uns ist etwas schiefgegangen
    .what = Es liegt nicht an Ihnen, und Ihr Konto ist nicht betroffen.
    .mend = Versuchen Sie es gleich noch einmal. Wenn es wieder geschieht, geben Sie die Nummer unten Ihrem Administrator.

## Abmelden

signed-out = Sie sind abgemeldet
    .lead = Sie können dieses Fenster schließen. An einem gemeinsam genutzten Rechner schließen Sie bitte den ganzen Browser.
    .again = Bei { $client } wieder anmelden
    .again-here = Wieder anmelden
logout-confirm = Möchten Sie sich abmelden?
    .by = { $client } möchte Ihre Anmeldung in diesem Browser beenden.
    .lead = Ihre Anmeldung in diesem Browser endet. Programme, die Sie noch geöffnet haben, bitten Sie dann vielleicht, sich neu anzumelden.
    .button = Abmelden
    .stay = Angemeldet bleiben und weiter zu { $client }

## Übergabe an das Programm

form-post = Sie sind angemeldet
    .title = Weiter zu { $client }
    .lead = Noch ein Schritt, dann sind Sie wieder bei { $client }.
    .button = Weiter zu { $client }

## Startseite

home = Anmeldung mit Firmenkonto
    .lead = Hier meldet man sich mit dem Firmenkonto bei { $product } an.
    .people = Sie suchen { $product }? Öffnen Sie es wie gewohnt. Zum Anmelden kommen Sie dann von selbst hierher.
    .admins = Sie richten es ein? Programme finden alles Nötige im Discovery-Dokument.
    .discovery = Discovery-Dokument
    .documentation = Dokumentation

# Deutsch, in der Sie-Form. Schlüssel und Argumente wie in en.ftl.
# $client ist der Name des Programms, in der Regel CloudSync; er steht ohne Artikel.

brand = CloudSync
brand-place = Anmeldung

## Auf jeder Seite

error-prefix = Fehler
help = Hier bekommen Sie Hilfe
attempt-id = Nennen Sie diese Nummer, wenn Sie um Hilfe bitten
back-to = Zurück zu { $client }
signed-in-as = Angemeldet als
not-you = Nicht Sie?

## Anmelden

sign-in = Anmelden
    .title = Bei { $client } anmelden
    .lead = und weiter zu { $client }
    .fresh = Zu Ihrer Sicherheit bittet { $client } Sie, sich noch einmal anzumelden.
username = Benutzername
    .hint = Firmen-Benutzername oder E-Mail-Adresse
password = Passwort
    .hint = Dasselbe wie an Ihrem Arbeitsplatzrechner
sign-in-button = Anmelden
password-promise = Ihr Passwort prüft das Verzeichnis Ihrer Firma. Hier wird es nie gespeichert.

## Anmelden: warum es beim letzten Mal nicht ging. Titel, was war, was zu tun ist.

notice-refused = Das hat nicht geklappt
    .what = Benutzername oder Passwort stimmt nicht, oder dieses Konto kann zurzeit nicht benutzt werden.
    .mend = Prüfen Sie beides und versuchen Sie es noch einmal. Nach mehreren Versuchen kann ein Konto für einige Zeit gesperrt sein; dann wird auch das richtige Passwort abgelehnt. Wenn Sie nicht sicher sind, fragen Sie Ihren Administrator, bevor Sie weiter probieren.
notice-missing-username = Geben Sie Ihren Benutzernamen ein
    .what = Das Feld für den Benutzernamen war leer.
    .mend = Ihr Firmen-Benutzername oder Ihre E-Mail-Adresse genügt.
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
    .mend = Ändern Sie es an Ihrem Arbeitsplatzrechner (drücken Sie Strg+Alt+Entf und wählen Sie „Kennwort ändern“) und melden Sie sich hier mit dem neuen an.
notice-password-must-change = Sie müssen zuerst Ihr Passwort ändern
    .what = Das Passwort stimmt, aber Ihr Administrator verlangt ein neues, bevor es weitergeht.
    .mend = Ändern Sie es an Ihrem Arbeitsplatzrechner (melden Sie sich dort an, oder drücken Sie Strg+Alt+Entf und wählen Sie „Kennwort ändern“) und melden Sie sich hier mit dem neuen an.
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
notice-no-account = Ihr Konto ist noch nicht bereit
    .what = Ihr Passwort stimmt, aber in { $client } gibt es noch kein Konto für Sie.
    .mend = Wenn Sie neu sind, versuchen Sie es in einigen Minuten wieder. Bleibt es dabei, fragen Sie Ihren Administrator.
notice-account-suspended = Ihr Konto ist stillgelegt
    .what = Ihr Passwort stimmt, aber Ihr Konto in { $client } ist stillgelegt.
    .mend = Bitten Sie Ihren Administrator, es wieder freizugeben.
notice-not-allowed-here = Hier oder um diese Zeit dürfen Sie sich nicht anmelden
    .what = Ihr Passwort stimmt, aber Ihre Firma beschränkt, wann oder an welchen Rechnern dieses Konto benutzt werden darf.
    .mend = Versuchen Sie es während Ihrer Arbeitszeit oder an Ihrem üblichen Rechner, oder fragen Sie Ihren Administrator.
notice-sso-disabled = Die Anmeldung mit Firmenkonto ist abgeschaltet
    .what = Ihr Administrator hat abgeschaltet, dass man sich bei { $client } mit dem Firmenkonto anmeldet.
    .mend = Mit Ihrem Konto ist alles in Ordnung. Fragen Sie Ihren Administrator, wann es wieder geht.

## Was unterwegs schiefging. Titel, was war, was zu tun ist.

error-bad-request = Dieser Anmeldelink ist nicht vollständig
    .what = Das Programm, von dem Sie kommen, hat so gefragt, dass wir nicht antworten können.
    .mend = Gehen Sie zurück und versuchen Sie es noch einmal. Wenn es wieder geschieht, geben Sie die Zeilen unten Ihrem Administrator.
error-detail = Für Entwickler
error-unknown-client = Wir kennen dieses Programm nicht
    .what = Das Programm, von dem Sie kommen, ist nicht für die Anmeldung mit Ihrem Firmenkonto eingetragen.
    .mend = Öffnen Sie das Programm auf dem gewohnten Weg. Wenn es wieder geschieht, sagen Sie Ihrem Administrator Bescheid.
error-bad-redirect-uri = An diese Adresse schicken wir Sie nicht
    .what = Das Programm, von dem Sie kommen, wollte die Antwort an eine Adresse haben, die nicht für es eingetragen ist. Zu Ihrem Schutz wurde nichts dorthin geschickt.
    .mend = Öffnen Sie das Programm auf dem gewohnten Weg. Wenn es wieder geschieht, sagen Sie Ihrem Administrator Bescheid.
error-login-expired = Diese Anmeldung ist beendet
    .what = Sie hat zu lange gedauert oder wurde in einem anderen Browser oder Tab begonnen.
    .mend = Beginnen Sie noch einmal in dem Programm, das Sie benutzen möchten.
error-directory-unavailable = Das Verzeichnis der Firma ist nicht erreichbar
    .what = Wir konnten Ihr Passwort nicht prüfen, weil das Verzeichnis Ihrer Firma gerade nicht antwortet. Mit Ihrem Passwort und Ihrem Konto ist alles in Ordnung.
    .mend = Warten Sie eine Minute und versuchen Sie es noch einmal. Wenn es länger dauert, sagen Sie Ihrem Administrator Bescheid.
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
    .lead = Hier meldet man sich mit dem Firmenkonto bei CloudSync an.
    .people = Sie suchen CloudSync? Öffnen Sie es wie gewohnt. Zum Anmelden kommen Sie dann von selbst hierher.
    .admins = Sie richten es ein? Programme finden alles Nötige im Discovery-Dokument.
    .discovery = Discovery-Dokument
    .documentation = Dokumentation

## Formulare mit Einstellungen

settings-save = Speichern
settings-saved = Gespeichert
    .what = Die neuen Einstellungen gelten hier ab sofort und auf allen anderen Knoten innerhalb einer Sekunde.
settings-unchanged = Es gab nichts zu speichern
    .what = Das Formular enthält, was schon gespeichert ist.
settings-wrong = Es wurde nichts gespeichert
    .what = Berichtigen Sie die Felder unten. Ihre Eingaben sind noch da.
settings-related = Siehe auch
settings-stale = Inzwischen hat jemand anderes gespeichert
    .what = Es wurde noch nichts gespeichert, und nichts von Ihrer Eingabe ist verloren. Senden Sie das Formular noch einmal, wenn es noch stimmt.
settings-read-only = Mit Ihrer Rolle können Sie diese Seite lesen
    .what = Ändern können Sie sie damit nicht.
settings-secret-again = Geben Sie es noch einmal ein: Ein Geheimnis bleibt in einem fehlerhaften Formular nicht stehen.
field-range = Eine ganze Zahl von { $min } bis { $max }.

## Die Seite, die eine Änderung noch einmal zeigt

confirm = Bestätigen Sie Ihre Änderungen
    .what = Es wurde noch nichts gespeichert: Prüfen Sie noch einmal, was sich ändert.
    .changes = { $count ->
        [one] 1 Einstellung ändert sich
       *[other] { $count } Einstellungen ändern sich
    }
    .setting = Einstellung
    .before = Jetzt
    .after = Neu
    .not-set = nicht gesetzt
    .on = ein
    .off = aus
    .more = { $count ->
        [one] und 1 weitere
       *[other] und { $count } weitere
    }
    .none = Dieses Formular ändert nichts.
    .consequences = Bevor Sie speichern
    .nobody-signs-in = Niemand kann sich mehr anmelden, weder an CloudSync noch in dieser Verwaltung. Nur ein Notfall-Link lässt Sie wieder ein; erstellen Sie ihn auf dem Server.
    .no-owners = Keine Gruppe gibt mehr die Rolle eines Inhabers. Nur ein Notfall-Link lässt einen Inhaber ein; erstellen Sie ihn auf dem Server.
    .fewer-owners = Mitglieder einer Gruppe, die Sie herausnehmen, verlieren die Rolle eines Inhabers, vielleicht auch Sie. Ihre Sitzungen in dieser Verwaltung enden.
    .second-factor = { $after ->
        [one] Von jetzt an wird 1 Person nach einem zweiten Faktor gefragt
       *[other] Von jetzt an werden { $after } Personen nach einem zweiten Faktor gefragt
    } (bisher { $before }). { $without ->
        [0] Alle haben schon einen.
        [one] 1 davon hat noch keinen.
       *[other] { $without } davon haben noch keinen.
    }
    .weaker-factor = Der zweite Faktor schützt weniger als vorher: Wer ein Passwort gestohlen hat, hat es leichter.
    .test-failed = Der Verbindungstest ist fehlgeschlagen. Mit diesen Einstellungen können sich Personen vielleicht nicht anmelden.
    .button = { $count ->
        [one] 1 Änderung speichern
       *[other] { $count } Änderungen speichern
    }
    .continue = Weiter mit dem Formular
    .back = Zurück, ohne zu speichern
confirm-deed = Bestätigen
    .what = Noch ist nichts geschehen: Prüfen Sie noch einmal, was geschieht.
    .back = Zurück, ohne es zu tun
confirm-open = So kann das nicht gespeichert werden
    .what = Ein Feld ist falsch, oder jemand anderes hat inzwischen gespeichert. Gehen Sie weiter: Die nächste Seite zeigt, was zu tun ist, und behält Ihre Eingaben.

## Zwei Administratoren zugleich

conflict = Jemand anderes hat inzwischen gespeichert
    .what = Von Ihren Eingaben ist nichts verloren, und es wurde noch nichts gespeichert. Wo nur einer von Ihnen ein Feld geändert hat, gilt diese Änderung. Wo beide es geändert haben, wählen Sie.
    .saved = Zuletzt gespeichert von { $by }, { $when }.
    .command = einem Befehl auf dem Server
    .seen = Als Sie das Formular öffneten
    .theirs = Von jemand anderem gespeichert
    .mine = Von Ihnen eingegeben
    .unknown = nicht mehr bekannt
    .only-mine = Nur Sie haben das geändert: Ihr Wert gilt.
    .only-theirs = Nur jemand anderes hat das geändert: Dessen Wert bleibt.
    .take-theirs = Den anderen Wert behalten
    .take-mine = Meinen Wert nehmen
    .secret = Ein eingegebenes Geheimnis wurde nicht aufbewahrt: Geben Sie es danach noch einmal ein.
    .button = So speichern
    .back = Zurück, ohne zu speichern

## Sicherheit: Administratoren

roles = Administratoren
    .what = Mitglieder dieser Gruppen, in jeder Tiefe, dürfen diese Verwaltung betreten. Von mehreren Rollen zählt die höchste. Eine Gruppe zählt ab der nächsten Synchronisierung, die das Objekt findet; von da an zählt das Objekt, nicht sein Name.
    .hidden = { $count ->
        [one] 1 Gruppe, die nur Inhaber sehen
       *[other] { $count } Gruppen, die nur Inhaber sehen
    }
    .directory = Gruppen von { $name }
    .sessions = Sitzungen in dieser Verwaltung
    .four-eyes = Vier-Augen-Prinzip
roles-owners = Inhaber
    .what = Sie können hier alles tun. Ein DN je Zeile.
roles-operators = Betrieb
    .what = Sie steuern die Synchronisierung und entscheiden über zurückgehaltene Personen; keine Verbindungs-, Anmelde- oder Rolleneinstellungen. Ein DN je Zeile.
roles-help-desk = Helpdesk
    .what = Er hilft einer Person nach der anderen; er sieht keine Einstellungen und kein Protokoll. Ein DN je Zeile.
roles-auditors = Prüfung
    .what = Sie liest alles und ändert nichts. Ein DN je Zeile.
roles-idle = Minuten ohne Benutzung
    .what = Eine Sitzung in dieser Verwaltung endet, wenn sie so lange nicht benutzt wird.
roles-hours = Stunden insgesamt
    .what = Eine Sitzung in dieser Verwaltung endet so lange nach ihrem Beginn, ob benutzt oder nicht.
roles-four-eyes = Eine zweite Person mit der Rolle Inhaber gibt Richtlinien und Massenänderungen frei
    .what = Wer Administrator ist, Zwei-Schritt-Authentifizierung, Single Sign-On, Verbindungen, Weiterleitungsadressen, Pläne über dem Grenzwert und Rücknahmen warten dann auf eine zweite Person. Dafür müssen sich zwei Inhaber angemeldet haben. Nur ein Notfall-Link kann es allein ausschalten.

## Single Sign-On

sso = Single Sign-On
    .what = Wer sich mit dem Passwort des Verzeichnisses anmelden kann, und wie lange Personen und Anwendungen angemeldet bleiben.
    .sign-in = Anmeldung
    .sessions = Sitzungen der Personen
    .tokens = Codes und Token der Anwendungen
    .directory = Verzeichnis { $name }
    .throttle = Grenzen für Versuche
sso-enabled = Anmeldung über Active Directory einschalten
    .what = Ist das ausgeschaltet, kann sich niemand anmelden, und die Seite sagt es. Auch Administratoren können sich dann nicht in dieser Verwaltung anmelden: Nur ein Notfall-Link lässt Sie wieder ein.
sso-help = Ansprechstelle für Hilfe
    .what = Sie steht auf Seiten, die eine Anmeldung ablehnen, zum Beispiel: der IT-Helpdesk, Durchwahl 100.
sso-forgot = Seite für ein vergessenes Passwort
    .what = Eine https-Adresse, auf die die Anmeldeseite verweist. Leer: kein Verweis.
sso-pending = Minuten für eine Anmeldung
    .what = Die Zeit von der ersten Seite einer Anmeldung bis zur letzten.
sso-staleness = Sekunden, bis das Verzeichnis wieder gefragt wird
    .what = Wie alt unser Wissen über eine Person sein darf, wenn eine Sitzung oder ein Refresh-Token benutzt wird. 0: Das Verzeichnis wird jedes Mal gefragt.
sso-idle = Minuten ohne Benutzung
    .what = Eine Sitzung endet, wenn sie so lange nicht benutzt wird.
sso-absolute = Stunden insgesamt
    .what = Eine Sitzung endet so lange nach der Anmeldung, ob benutzt oder nicht.
sso-code = Sekunden für einen Code
    .what = In dieser Zeit muss eine Anwendung einen Autorisierungscode einlösen.
sso-access = Minuten für ein Zugriffstoken
    .what = So lange nehmen Anwendungen es an, auch nachdem eine Person gesperrt wurde.
sso-id-token = Minuten für ein ID-Token
    .what = So lange sollte eine Anwendung es als Nachweis der Anmeldung annehmen.
sso-refresh-idle = Tage für ein unbenutztes Refresh-Token
    .what = Ein Refresh-Token endet, wenn es so lange nicht benutzt wird.
sso-refresh-absolute = Tage für Refresh-Token insgesamt
    .what = Sie enden so lange nach der Anmeldung, ob benutzt oder nicht.
sso-remember = Tage für einen gemerkten Browser
    .what = So viele Tage lang können Personen den zweiten Faktor in einem Browser überspringen, den sie gewählt haben. 0: nie. Nach einer Änderung sind alle Browser vergessen.
sso-domains = Akzeptierte Anmeldenamen
    .what = Domänen nach dem @ eines Anmeldenamens, eine pro Zeile, zum Beispiel corp.example.com. NAME und DOMÄNE\NAME werden immer akzeptiert.
sso-password-change = Ein abgelaufenes Passwort kann hier geändert werden
    .what = Ist das aus, wird die Person gebeten, es zuerst anderswo zu ändern.
sso-throttle-name = Fehlversuche pro Minute für einen Namen
    .what = Weitere werden abgelehnt, ohne das Verzeichnis zu fragen. 0: keine Grenze. Konten im Verzeichnis sind in jedem Fall vor einer Sperre geschützt.
sso-throttle-address = Fehlversuche pro Minute von einer Adresse
    .what = 0: keine Grenze. Ein Netz hinter einer einzigen Adresse braucht vielleicht mehr.
sso-throttle-overall = Fehlversuche pro Minute insgesamt
    .what = Aus Browsern, in denen sich noch niemand angemeldet hat. 0: keine Grenze.
sso-throttle-person-codes = Anmeldungen pro Minute für eine Person
    .what = Autorisierungscodes über alle Anwendungen. 0: keine Grenze.
sso-throttle-address-codes = Anmeldungen pro Minute von einer Adresse
    .what = Autorisierungscodes über alle Anwendungen. 0: keine Grenze.

## Zwei-Schritt-Authentifizierung

two-step = Zwei-Schritt-Authentifizierung
    .what = Wer einen zweiten Faktor braucht und wie einer eingerichtet wird. Single Sign-On überspringt ihn nie. Bevor etwas gespeichert wird, sagt die nächste Seite, wie viele Personen es betrifft.
    .policy = Wer
    .enrolment = Einrichten
    .authenticators = Neue Authenticator-Apps
two-step-required = Zweiter Faktor
    .what = Eine Anwendung kann ihn von mehr Personen verlangen.
two-step-required-nobody = Niemand
two-step-required-optional = Wer einen eingerichtet hat
two-step-required-everyone = Alle
two-step-required-groups = Mitglieder von Gruppen, und wer einen eingerichtet hat
two-step-groups = Gruppen
    .what = Ein DN pro Zeile; Mitglieder verschachtelter Gruppen zählen mit. Nur wirksam, wenn oben Gruppen gewählt sind. Eine Gruppe, die der Sync nicht gefunden hat, nimmt niemanden ihres Verzeichnisses aus.
two-step-grace = Tage zum Aufschieben
    .what = So lange nach der ersten Aufforderung kann das Einrichten aufgeschoben werden. 0: Es ist sofort nötig.
two-step-enrolment = Den ersten einrichten
    .what = Ein gestohlenes Passwort allein soll dem Dieb nicht erlauben, ein Telefon einzurichten.
two-step-enrolment-alone = Wer das Passwort hat
two-step-enrolment-invited = Nur mit einem Code vom Helpdesk
two-step-invitation = Stunden für einen Code vom Helpdesk
    .what = So lange kann der Code benutzt werden, und einmal.
two-step-algorithm = Algorithmus
    .what = Die meisten Authenticator-Apps können nur SHA1; das ist für diesen Zweck sicher.
two-step-digits = Stellen
    .what = Schon eingerichtete Authenticator-Apps behalten ihre.
two-step-period = Sekunden für einen Code
    .what = So lange zeigt eine App einen an.

## Erscheinungsbild

branding = Erscheinungsbild
    .what = Das Aussehen der Anmeldeseiten. Geprüft wird wie bei den Einstellungen: Eine Farbe muss lesbar sein, ein Logo ein PNG oder SVG.
    .names = Namen und Logo
    .colours = Farben
    .links = Hilfe und Links
    .show = Vorschau zeigen
    .preview = Vorschau
    .preview-what = Die Anmeldeseite mit den Eingaben von oben, bevor sie gespeichert sind. Nichts darin lässt sich drücken.
    .no-preview = Noch gibt es keine Vorschau
branding-product = Name des Dienstes
    .what = Woran man sich anmeldet, in Titeln und Texten.
branding-company = Firma
    .what = Neben dem Logo und in Titeln. Leer: kein Name.
branding-logo = Logo
    .what = Der Text eines SVG, oder ein PNG in Base64; höchstens 128 KiB. Leer: unser eigenes.
branding-accent = Farbe von Links und Knöpfen
    .what = Zum Beispiel #2450d8. Leer: unsere eigene.
branding-accent-dark = Dieselbe auf dunklen Seiten
    .what = Leer: ein hellerer Ton davon.
branding-help = Hilfekontakte
    .what = Eine Zeile pro Sprache: Sprache | Text | Adresse | E-Mail | Telefon. Zum Beispiel: de | der IT-Helpdesk | https://help.example.com | help@example.com | +49 30 1234
branding-legal = Links am Fuß der Seiten
    .what = Einer pro Zeile: Sprache | Text | Adresse. Zum Beispiel: de | Datenschutz | https://example.com/datenschutz
groups =
    .title = Gruppen finden
    .hint = Wählen Sie, wofür eine Gruppe zählt, und speichern Sie: Sie kommt in die Liste oben.
    .search = Name der Gruppe
    .find = Suchen
    .found = { $count ->
        [0] Keine Gruppe heißt so. Neue Gruppen findet der nächste Sync.
        [one] 1 Gruppe
       *[other] { $count } Gruppen; tippen Sie mehr vom Namen für weniger
    }
    .not-chosen = Nicht hinzugefügt

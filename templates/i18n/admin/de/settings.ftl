## Formulare mit Einstellungen

settings-save = Speichern
settings-saved = Gespeichert
    .what = Die neuen Einstellungen gelten hier ab sofort und auf allen anderen Knoten innerhalb einer Sekunde.
settings-unchanged = Es gab nichts zu speichern
    .what = Das Formular enthält, was schon gespeichert ist.
settings-wrong = Es wurde nichts gespeichert
    .what = Berichtigen Sie die Felder unten. Ihre Eingaben sind noch da.
settings-read-only = Mit Ihrer Rolle können Sie diese Seite lesen
    .what = Nur Inhaber können sie ändern.
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
    .more = { $count ->
        [one] und 1 weitere
       *[other] und { $count } weitere
    }
    .none = Dieses Formular ändert nichts.
    .consequences = Bevor Sie speichern
    .nobody-signs-in = Niemand kann sich mehr anmelden, weder an CloudSync noch in dieser Verwaltung. Nur ein Notfall-Link lässt Sie wieder ein; erstellen Sie ihn auf dem Server.
    .no-owners = Keine Gruppe gibt mehr die Rolle eines Inhabers. Nur ein Notfall-Link lässt einen Inhaber ein; erstellen Sie ihn auf dem Server.
    .fewer-owners = Mitglieder einer Gruppe, die Sie herausnehmen, verlieren die Rolle eines Inhabers, vielleicht auch Sie. Ihre Sitzungen in dieser Verwaltung enden.
    .button = { $count ->
        [one] 1 Änderung speichern
       *[other] { $count } Änderungen speichern
    }
    .continue = Weiter mit dem Formular
    .back = Zurück, ohne zu speichern
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
    .button = So speichern
    .back = Zurück, ohne zu speichern

## Sicherheit: Administratoren

roles = Administratoren
    .what = Mitglieder dieser Gruppen, in jeder Tiefe, dürfen diese Verwaltung betreten. Von mehreren Rollen zählt die höchste. Eine Gruppe zählt ab der nächsten Synchronisierung, die das Objekt findet; von da an zählt das Objekt, nicht sein Name.
    .directory = Gruppen von { $name }
    .sessions = Sitzungen in dieser Verwaltung
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

## Single Sign-On

sso = Einmalanmeldung (SSO)
    .what = Wer sich mit dem Passwort des Verzeichnisses anmelden kann, und wie lange Personen und Anwendungen angemeldet bleiben.
    .sign-in = Anmeldung
    .sessions = Sitzungen der Personen
    .tokens = Codes und Token der Anwendungen
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

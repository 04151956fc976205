## Rund um jede Seite der Verwaltung

panel = Verwaltung
    .back = Zurück zur Verwaltung
    .skip = Zum Inhalt springen
    .sign-out = Abmelden
menu = Menü der Verwaltung
    .integrations = Einstellungen › Integrationen
    .active-directory = Einstellungen › Active Directory
    .security = Sicherheit
    .troubleshooting = Fehlersuche
role-owner = Inhaber
role-operator = Betrieb
role-help-desk = Helpdesk
role-auditor = Prüfung
panel-break-glass = Sie sind über einen Notfall-Link hier
    .what = Sie haben alle Rechte eines Inhabers; diese Sitzung endet eine Stunde nach der Benutzung des Links. Sobald Inhaber genannt sind, ändert sie nur in den ersten zehn Minuten etwas. Alles wird unter dem Namen des Server-Benutzers aufgezeichnet, der den Link erstellt hat.
panel-links-used = { $count ->
        [one] In den letzten sieben Tagen wurde ein Notfall-Link benutzt
       *[other] In den letzten sieben Tagen wurden { $count } Notfall-Links benutzt
    }
    .line = { $when }, von { $from }, erstellt von { $by }
    .what = Jemand hat diese Verwaltung ohne Passwort als Inhaber betreten. Wenn das weder Sie noch eine Kollegin oder ein Kollege war, finden Sie heraus, wer Zugang zum Server hat, und beenden Sie, was diese Links geöffnet haben: cloudsync-idp admin link --end
panel-unconfirmed = Das Verzeichnis kann Ihre Rolle zurzeit nicht bestätigen
    .what = Sie können noch einige Minuten lang lesen. Um jetzt etwas zu ändern, führen Sie auf dem Server aus: cloudsync-idp admin link
panel-link = Die Verwaltung betreten
    .what = Dieser Link lässt Sie als Inhaber ein, ohne Passwort und ohne das Verzeichnis. Er gilt einmal, und seine Benutzung wird aufgezeichnet.
    .next = Fahren Sie nur fort, wenn Sie oder jemand aus Ihrem Team ihn gerade auf dem Server erstellt haben.
    .button = Link benutzen und eintreten
error-no-admin-role = Sie haben keinen Zugang zur Verwaltung
    .what = Sie sind angemeldet, aber keine Ihrer Gruppen gibt Ihnen hier eine Rolle. Eine Gruppe, die in den Einstellungen neu ist, zählt ab der nächsten Synchronisierung.
    .next = Bitten Sie einen Inhaber dieser Installation, Sie in eine Gruppe mit einer Rolle aufzunehmen.
error-admin-forbidden = Ihre Rolle erlaubt das nicht
    .what = Es wurde nichts geändert.
    .next = Wenden Sie sich an einen Inhaber dieser Installation.
error-admin-link = Dieser Link kann nicht benutzt werden
    .what = Er wurde schon benutzt, ist älter als zehn Minuten, oder es wurde ein neuerer erstellt.
    .next = Erstellen Sie auf dem Server einen neuen: cloudsync-idp admin link
error-admin-link-old = Der Link ist älter als zehn Minuten
    .what = Mit einem Link kann man zehn Minuten lang etwas ändern, nachdem er benutzt wurde; lesen kann man weiter. Es wurde nichts geändert.
    .next = Erzeugen Sie auf dem Server einen neuen Link, benutzen Sie ihn und versuchen Sie es erneut: cloudsync-idp admin link
error-admin-role = Das Verzeichnis kann Ihre Rolle nicht bestätigen
    .what = Es hat nicht geantwortet, deshalb kann hier niemandes Rolle geprüft werden. Es wurde nichts geändert.
    .next = Versuchen Sie es gleich noch einmal. Bleibt das Verzeichnis weg, führen Sie auf dem Server aus: cloudsync-idp admin link
error-too-many-drafts = Zu viele Änderungen warten auf eine Bestätigung
    .what = Es wurde nichts getan: Für eine weitere, die bestätigt werden muss, ist gerade kein Platz.
    .next = Versuchen Sie es in einigen Minuten noch einmal.

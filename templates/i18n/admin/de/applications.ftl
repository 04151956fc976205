## Anwendungen

applications = Anwendungen
    .what = Jede Anwendung, an der man sich mit Single Sign-On anmeldet.
    .all = Alle Anwendungen
    .none = Es gibt noch keine. Fügen Sie die erste hinzu: Die nächste Seite enthält alles, was in sie einzutragen ist.
    .caption = { $count ->
        [one] 1 Anwendung
       *[other] { $count } Anwendungen
    }
    .removed = { $id } wurde entfernt
    .two-secrets = zwei Geheimnisse
    .required = immer nötig
    .by-policy = nach der Richtlinie
application-name = Name
    .what = Steht auf der Anmeldeseite. Leer: die Client-ID.
application-id = Client-ID
    .what = Buchstaben, Ziffern und Zeichen, zum Beispiel cloudsync. Sie lässt sich später nicht ändern.
application-kind = Art
    .what = Ein Programm im Browser oder auf einem Telefon kann kein Geheimnis bewahren. Später nur auf dem Server änderbar.
application-kind-server = Auf einem Server, mit Geheimnis
application-kind-public = Im Browser oder auf einem Telefon, ohne Geheimnis
application-redirect = Redirect-URIs
    .what = Wohin man nach der Anmeldung zurückkommt, eine pro Zeile. Sie werden Zeichen für Zeichen verglichen: Wem eine davon gehört, der kann Personen anmelden.
application-post-logout = Redirect-URIs nach dem Abmelden
    .what = Wohin man nach dem Abmelden zurückkommen kann, eine pro Zeile.
application-home = Startseite
    .what = Eine https-Adresse; Fehlerseiten führen zu ihr zurück.
application-second-factor = Zweiter Faktor
    .what = Für diese Anwendung immer einen zweiten Faktor verlangen, egal was die Richtlinie sagt.
application-scope = Scopes
    .what = Was sie anfordern darf, durch Leerzeichen getrennt. openid ist nötig; offline_access gibt Refresh-Token.
application-claims = Claims im ID-Token
    .what = Viele Anwendungen lesen die E-Mail-Adresse aus dem ID-Token.
application-claims-scopes = Die der Scopes
application-claims-requested = Nur die in der Anfrage genannten
application-introspection = Nach Token fragen
    .what = Für eine API, die Access-Token annimmt: Sie darf zu denen jeder Anwendung fragen, ob sie noch gelten. Sie braucht ein Geheimnis.
application-backchannel = Adresse für das Abmelden
    .what = Dort erfährt sie, von Server zu Server, dass die Anmeldung einer Person geendet hat (Back-Channel Logout). Leer: Sie erfährt es nicht.
application-private = Private Netze
    .what = Die Adresse für das Abmelden darf nur eine öffentliche sein, es sei denn, ihr Netz steht hier, eines pro Zeile, zum Beispiel 10.0.0.0/8.
application-new = Anwendung hinzufügen
    .what = Die nächste Seite enthält alles, was in die Anwendung einzutragen ist, mit einem Geheimnis, das nur einmal gezeigt wird.
    .heading = Die Anwendung
    .adds = Die Anwendung { $id } wird hinzugefügt.
    .receives = Personen werden zurückgeschickt zu { $uri }
    .button = Anwendung hinzufügen
application-edit = Einstellungen ändern
    .what = Sie gelten sofort, auch für Personen, die schon angemeldet sind.
    .heading = Anwendung { $id }
application-added = Die Anwendung wurde hinzugefügt
    .what = Tragen Sie die Werte unten jetzt in sie ein. Das Geheimnis wird nicht noch einmal gezeigt.
application-new-secret = Das neue Geheimnis gilt
    .what = Tragen Sie es jetzt in die Anwendung ein. Es wird nicht noch einmal gezeigt.
application-old-ended = Das alte Geheimnis wird nicht mehr akzeptiert
    .what = Nur das jetzige Geheimnis gilt.
application-old-accepted = Das vorige Geheimnis wird noch akzeptiert
    .what = Ein drittes würde eine Anwendung aussperren, die es noch sendet. Warten Sie, bis es endet, oder beenden Sie es hier.
application-wrong-overlap = Die Stunden stimmen nicht
    .what = Geben Sie eine ganze Zahl von 0 bis 720 ein. Es wurde nichts geändert.
application-stale = Inzwischen hat jemand anderes gespeichert
    .what = Es wurde nichts geändert. Sehen Sie sich die Anwendung an, wie sie jetzt ist, und beginnen Sie noch einmal.
application-paste = Was in sie einzutragen ist
    .what = Viele Anwendungen brauchen nur Aussteller, Client-ID und Geheimnis, und finden den Rest selbst.
application-copy = Kopieren
application-copied = Kopiert
application-secret = Geheimnis
    .what = Es wird nur jetzt gezeigt und nur als Prüfwert gespeichert. Ist es verloren, erzeugen Sie ein neues.
application-issuer = Aussteller (Issuer)
application-discovery = Discovery-Dokument
application-authorize = Authorization-Endpunkt
application-token = Token-Endpunkt
application-userinfo = Userinfo-Endpunkt
application-jwks = Schlüssel (JWKS)
application-logout = Abmelde-Endpunkt
application-settings = Einstellungen
application-old-until = Das vorige Geheimnis wird akzeptiert bis
application-old-used = Zuletzt benutzt
application-old-unused = seitdem nicht
application-one-secret = Ein Geheimnis wird akzeptiert.
application-overlap = Stunden, in denen auch das alte Geheimnis akzeptiert wird
    .what = Von 0 bis 720. Tragen Sie in dieser Zeit das neue in die Anwendung ein.
application-rotate = Neues Geheimnis erzeugen
    .what = { $id } bekommt ein neues Geheimnis. Das bisherige wird noch { $hours } Stunden akzeptiert.
application-end-old = Altes Geheimnis beenden
    .what = Das vorige Geheimnis von { $id } wird nicht mehr akzeptiert. Sendet die Anwendung es noch, kann sich niemand mehr an ihr anmelden.
    .used = Die Anwendung hat es zuletzt um { $at } gesendet.
    .unused = Die Anwendung hat es in den letzten 40 Tagen nicht gesendet.
application-remove = Anwendung entfernen
    .what = An { $id } kann sich niemand mehr anmelden. { $count ->
        [0] Sie hat keine gültigen Token.
        [one] Ihre Refresh-Token und der Zugriff auf Userinfo enden für 1 Anmeldung.
       *[other] Ihre Refresh-Token und der Zugriff auf Userinfo enden für { $count } Anmeldungen.
    }

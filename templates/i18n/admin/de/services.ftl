## Dienste, an die Konten übertragen werden

services = Dienste
    .what = An jeden davon werden Konten und Team Shares mit SCIM 2.0 übertragen: angelegt, aktualisiert, innerhalb von Sekunden gesperrt.
    .all = Alle Dienste
    .none = Es gibt noch keinen. Fügen Sie CloudSync hinzu: Alle werden einmal übertragen, danach jede Änderung.
    .caption = { $count ->
        [one] 1 Dienst
       *[other] { $count } Dienste
    }
    .removed = { $id } wurde entfernt
    .service = Dienst
    .state = Zustand
    .queue = Wartend
    .lag = Am längsten wartet
    .rate = In der letzten Minute übertragen
    .refused = In Quarantäne
    .since = Seit
    .known = Personen und Team Shares, die dort sind
    .not-filled = Noch sind nicht alle für die erste Übertragung vorgemerkt: Die Zahlen wachsen.
    .causes = Warum er Personen zurückweist
    .causes-caption = { $count ->
        [one] 1 Person oder Team Share in Quarantäne, nach Ursache
       *[other] { $count } Personen und Team Shares in Quarantäne, nach Ursache
    }
    .cause = Ursache
    .fix = Was zu tun ist
    .how-many = Wie viele
    .quarantine = Quarantäne
    .quarantine-caption = Wen der Dienst zurückweist, der wartet; alle anderen werden übertragen
    .who = Wer
    .share = Team Share
    .words = Worte des Dienstes, und was zu tun ist
    .quarantined = Seit
    .again = Erneut versuchen
    .retry-one = Erneut versuchen
    .settings = Einstellungen
    .all-directories = alle
    .one-token = Es wird ein Token gesendet. Für einen anderen ohne Unterbrechung geben Sie ihn in den Einstellungen dieses Dienstes als nächsten Token ein.
    .client-credentials = Access-Tokens kommen von { $url }.
    .two-tokens = Es gibt einen nächsten Token: Er wird gesendet, sobald der Dienst den jetzigen zurückweist.
service-state-off = Nicht eingeschaltet
service-state-stopped = Angehalten
service-state-failing = Antwortet nicht
service-state-refusing = Weist einige zurück
service-state-filling = Beginnt
service-state-delivering = Überträgt
service-state-good = Auf dem Stand
service-stopped-unauthorized = Der Dienst weist den Token zurück
    .what = Erzeugen Sie im Dienst einen neuen Token und geben Sie ihn hier ein. Es ist nichts verloren: Es geht dort weiter, wo es angehalten hat.
service-stopped-emptied = Viele sind nicht mehr dort
    .what = Vielleicht wurde der Dienst versehentlich geleert, oder die Adresse führt woanders hin. Finden Sie das zuerst heraus. Ist alles richtig, versuchen Sie es erneut: Wer fehlt, wird wieder angelegt, bei jedem Versuch einige.
service-stopped-refusing = Der Dienst weist alle zurück
    .what = Vielleicht hat der Token seine Rechte verloren. Prüfen Sie sie im Dienst und versuchen Sie es erneut.
service-failing = Der Dienst antwortet nicht, wie er soll
    .what = Es wird von selbst wieder versucht; nichts geht verloren.
service-retry = Alles erneut versuchen
    .what = Setzt den Dienst fort, falls er angehalten ist, und versucht es erneut mit allen in Quarantäne.
refusal-taken = Ein Name oder eine Adresse gehört dort jemand anderem (409)
    .what = Finden Sie im Dienst heraus, wem, und ändern oder entfernen Sie dort dieses Konto.
refusal-gone = Dort gelöscht (404)
    .what = Finden Sie heraus, wer es im Dienst gelöscht hat. Legen Sie es dort wieder an, oder lassen Sie es anlegen (Einstellungen, „Wenn jemand fehlt“).
refusal-forbidden = Der Token darf das nicht (403)
    .what = Geben Sie dem Token im Dienst die Rechte, oder überlassen Sie dieses Konto dort seinem Besitzer.
refusal-changed = Wird im Dienst immer wieder geändert (412)
    .what = Finden Sie heraus, was im Dienst dieses Konto sonst noch ändert.
refusal-too-large = Zu groß für eine Anfrage (413)
    .what = Verringern Sie in den Einstellungen dieses Dienstes die Mitglieder pro Anfrage.
refusal-invalid = Ein Wert wird nicht angenommen
    .what = Berichtigen Sie den Wert im Verzeichnis, oder lassen Sie sein Attribut in den Einstellungen dieses Dienstes weg.
refusal-failing = Der Dienst scheitert bei dieser Person
    .what = Sehen Sie im Protokoll des Dienstes nach, und versuchen Sie es erneut.
service-added = Der Dienst wurde hinzugefügt
    .what = Ist er eingeschaltet, werden ab jetzt alle an ihn übertragen.
service-retried = Es wird erneut versucht
    .what = Wer wieder zurückgewiesen wird, kommt zurück in die Quarantäne.
service-not-waiting = Es wurde nichts getan
    .what = Diese Person oder dieser Team Share wartet nicht mehr auf den Dienst.
service-promoted = Der nächste Token ist jetzt der Token
    .what = Der alte ist hier vergessen. Entfernen Sie ihn im Dienst.
service-forgotten = Der nächste Token ist vergessen
    .what = Es gilt der jetzige Token.
service-no-next-token = Es wurde nichts geändert
    .what = Dieser Dienst hat keinen nächsten Token mehr.
service-stale = Inzwischen hat jemand anderes gespeichert
    .what = Es wurde nichts geändert. Sehen Sie sich den Dienst an, wie er jetzt ist, und beginnen Sie noch einmal.
service-promote = Nur noch den nächsten Token benutzen
    .what = Der nächste Token von { $id } tritt an die Stelle des jetzigen, der hier vergessen wird.
service-forget = Nächsten Token vergessen
    .what = Nur der jetzige Token von { $id } bleibt.
service-remove = Dienst entfernen
    .what = An { $id } wird nichts mehr übertragen, auch keine Sperre. { $count ->
        [0] Dort ist niemand bekannt.
        [one] 1 Person oder Team Share bleibt dort, wie sie ist.
       *[other] { $count } Personen und Team Shares bleiben dort, wie sie sind.
    }
service-new = Dienst hinzufügen
    .what = Alle werden übertragen, sobald er hinzugefügt und eingeschaltet ist. Geben Sie einen Token oder OAuth-2-Client-Zugangsdaten ein; die meisten anderen Einstellungen haben einen Standardwert.
    .heading = Der Dienst
    .connection = Verbindung
    .adds = Der Dienst { $id } wird hinzugefügt. Alle werden sofort an ihn übertragen.
    .adds-off = Der Dienst { $id } wird hinzugefügt. Bis er eingeschaltet ist, wird nichts an ihn übertragen.
    .receives = Namen, Adressen und Attribute von Personen werden gesendet an { $url }
    .button = Dienst hinzufügen
service-edit = Einstellungen ändern
    .what = Sie gelten sofort. Ein Geheimnis wird nie gezeigt: Lassen Sie sein Feld leer, um es zu behalten.
    .heading = Verbindung von { $id }
    .token = Anmeldung mit einem Bearer-Token
    .oauth = Oder mit OAuth-2-Client-Zugangsdaten
    .people = Wer und was übertragen wird
    .limits = Grenzen
    .drift = Täglicher Vergleich
service-id = Id
    .what = Die Zeichen a bis z, 0 bis 9 und -, zum Beispiel cloudsync. Unter ihr ist gespeichert, was übertragen wurde; sie lässt sich später nicht ändern.
service-address = Adresse
    .what = Die SCIM-Adresse über /Users und /Groups, zum Beispiel https://cloudsync.example.com/scim/v2. An eine andere Adresse werden alle neu übertragen, und der Token ist noch einmal einzugeben.
service-enabled = Eingeschaltet
    .what = Sonst wird nichts gesendet: Die Verbindung lässt sich testen, und was übertragen würde, lässt sich vorher ansehen.
service-private = Private Netze
    .what = Ein Dienst darf nur eine öffentliche Adresse haben, es sei denn, sein Netz steht hier, eines pro Zeile, zum Beispiel 10.0.0.0/8.
service-token = Token
    .what = Der Bearer-Token des Dienstes. Er wird versiegelt gespeichert und nie gezeigt; leer bleibt er, wie er ist. Einer, den Sie hier eingeben, ersetzt das Client-Secret; leeren Sie dann die anderen Felder der Client-Zugangsdaten.
service-next-token = Nächster Token
    .what = Er wird gesendet, sobald der Dienst den Token zurückweist; so geht bei einem Wechsel nichts verloren. Leer bleibt, was gespeichert ist.
service-oauth-endpoint = Token-Endpunkt
    .what = Die Adresse, die Zugriffstoken für Client-Zugangsdaten ausgibt, zum Beispiel https://login.example.com/oauth2/token. Leer: Es gilt ein Bearer-Token. Für eine andere ist das Client-Secret noch einmal einzugeben.
service-oauth-client = Client-ID
    .what = Als welcher Client der Token-Endpunkt diese Installation kennt.
service-oauth-secret = Client-Secret
    .what = Es wird versiegelt gespeichert und nie gezeigt; leer bleibt es, wie es ist. Eines, das Sie hier eingeben, ersetzt die Bearer-Token.
service-oauth-scope = Scope
    .what = Was verlangt wird, Wörter mit je einem Leerzeichen dazwischen. Leer: Der Token-Endpunkt entscheidet.
service-oauth-method = Wie das Client-Secret gesendet wird
    .what = Die meisten Token-Endpunkte verstehen HTTP Basic.
    .basic = Mit HTTP Basic (client_secret_basic)
    .post = Im Inhalt der Anfrage (client_secret_post)
service-ca = Zertifikate der CA (PEM)
    .what = Ihnen wird statt denen des Systems vertraut. Leer: denen des Systems. Mit einer anderen CA ist der Token noch einmal einzugeben.
service-proxy = Proxy
    .what = Der HTTP-Proxy auf dem Weg, zum Beispiel http://proxy.example.com:3128. Leer: keiner.
service-client = Anwendung
    .what = Die Client-ID, mit der dieser Dienst Personen anmeldet. Leer: keine.
service-directories = Verzeichnisse
    .what = Die Ids der Verzeichnisse, deren Personen übertragen werden, eine pro Zeile. Leer: alle. Wer sie verlässt, wird dort gesperrt.
service-attributes = Attribute
    .what = Was von Personen übertragen wird, eines pro Zeile: email und Namen wie name, given_name oder title. Leer: alle.
service-shares = Team Shares
    .what = Team Shares als Gruppen mit ihren Mitgliedern übertragen.
service-members = Mitglieder pro Anfrage
    .what = Manche Dienste nehmen höchstens 100.
service-minute = Anfragen pro Minute
    .what = 0: keine Grenze.
service-hour = Anfragen pro Stunde
    .what = 0: keine Grenze.
service-reserved = Prozent für Sperren
    .what = Dieser Teil beider Grenzen wird nur für Sperren benutzt.
service-when-gone = Wenn jemand fehlt
    .what = Was mit einem Konto geschieht, das im Dienst gelöscht wurde.
    .create = Wieder anlegen
    .report = In Quarantäne setzen
service-drift = Was abweicht
    .what = Einmal am Tag wird alles im Dienst mit dem verglichen, was dort sein soll.
    .fix = Neu übertragen
    .report = Nur melden
    .off = Nicht vergleichen
service-drift-at = Uhrzeit
    .what = Stunden und Minuten, zum Beispiel 03:30.
service-drift-zone = Zeitzone
    .what = Ein Name der IANA-Datenbank, zum Beispiel UTC oder Europe/Berlin.

## Verbindung eines Dienstes testen

service-test = Verbindung testen
    .what = Jeder Schritt bis zum Dienst wird mit dem getestet, was gespeichert ist. Gespeichert wird nichts.
    .typed = Jeder Schritt bis zum Dienst wird mit dem getestet, was oben steht, und mit dem gespeicherten Geheimnis, wenn keines eingegeben ist. Gespeichert wird nichts. Das Ergebnis öffnet sich in einem neuen Tab.
    .button-typed = Verbindung testen (neuer Tab)
    .round-trip = Mit einem Testbenutzer
    .round-trip-what = Im Dienst wird ein Benutzer angelegt, geändert, gesperrt und wieder gelöscht.
    .remains = Der Testbenutzer { $name } ist vielleicht noch im Dienst. Löschen Sie ihn dort.
service-test-passed = An den Dienst kann übertragen werden. Gespeichert wurde nichts.
service-test-slow = Der Test hat zu lange gedauert
    .what = Gespeichert wurde nichts. Unten steht, was bis dahin gefunden wurde.
service-test-interrupted = Gespeichert wurde nichts. Drücken Sie noch einmal auf die Schaltfläche.
service-stage-token = Anmeldung am Dienst
service-stage-configuration = Was der Dienst angibt
service-stage-read = Benutzer und Gruppen lesen
service-stage-round-trip = Ablauf mit einem Testbenutzer

## Was ein Dienst hat, verglichen mit dem, was dort sein soll

service-comparison = Vergleich eines Dienstes
    .newest = Vergleich
    .none = Er wurde noch nicht verglichen.
    .order = Eine Vorschau zeigt, was die Übertragung von allem täte, auch bevor der Dienst eingeschaltet ist. Ein Vergleich zeigt, was von dem abweicht, was übertragen wurde; mit der letzten Schaltfläche wird das neu übertragen.
    .preview = Vorschau
    .report = Jetzt vergleichen
    .fix = Vergleichen und neu übertragen, was abweicht
    .numbers = Zahlen
    .same = Wie sie sein sollen
    .waiting = In Übertragung oder zurückgewiesen, also nicht verglichen
    .fixed = Neu übertragen
    .emptied = Es fehlen so viele, dass sie nicht wieder angelegt werden: Vielleicht wurde der Dienst versehentlich geleert.
    .differences = Abweichungen
    .caption = { $count ->
        [one] 1 Person oder Team Share
       *[other] { $count } Personen und Team Shares
    }
    .finding = Abweichung
    .what-differs = Was abweicht
    .more = Es gibt mehr. Der Befehl delivery preview oder delivery reconcile auf dem Server listet alle auf.
service-comparing = Der Vergleich läuft
    .what = Die ganze Liste des Dienstes wird gelesen. Sie können diese Seite verlassen; er läuft weiter.
service-previewed = Das täte eine Übertragung
    .what = Es wurde nichts geändert, weder hier noch dort.
service-compared = Der Dienst wurde verglichen
    .what = Es wurde nichts geändert.
    .fixed = { $count ->
        [0] Nichts wird neu übertragen.
        [one] 1 Person oder Team Share wird neu übertragen.
       *[other] { $count } Personen und Team Shares werden neu übertragen.
    }
service-not-compared = Er konnte nicht verglichen werden
    .what = Aus einem Teil einer Liste wird nichts geschlossen.
service-comparison-interrupted = Der Vergleich wurde unterbrochen
    .what = Gehen Sie zurück zum Dienst und beginnen Sie noch einmal.
difference-suspend = Dort aktiv, soll es nicht sein
difference-erase = Dort, soll gelöscht werden
difference-change = Weicht ab
difference-adopt = Schon dort, wird übernommen
difference-create = Nicht dort, wird angelegt
difference-gone = War dort und fehlt
difference-conflict = Nicht zu unterscheiden
difference-unknown = Hier niemandem bekannt; bleibt, wie es ist
service-log = Letzte Übertragungen
    .caption = Die neuesten Versuche, jemanden an diesen Dienst zu übertragen
    .action = Was getan wurde
    .result = Ergebnis
    .at = Wann
delivered-created = angelegt
delivered-adopted = übernommen
delivered-changed = geändert
delivered-suspended = gesperrt
delivered-reactivated = wieder aktiv
delivered-members = Mitglieder geändert
delivered-deleted = gelöscht
delivered-checked = geprüft
delivered-done = erledigt
delivered-failed = gescheitert; es wird erneut versucht
delivered-refused = zurückgewiesen

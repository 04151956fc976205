## Einstellungen: die Liste der Verzeichnisse

directories = Active Directory
    .what = Die Verzeichnisse, deren Personen sich hier anmelden. Ihre Server werden in der Reihenfolge der Liste gefragt.
    .none = Noch ist kein Verzeichnis eingerichtet
    .none-what = Ohne Verzeichnis kann sich niemand anmelden. Sie brauchen den Namen der Domäne sowie Namen und Passwort eines Kontos, das sie lesen darf.
    .servers = Server
    .id = Kurzname
directory-back = Zurück zur Liste der Verzeichnisse
directory-new = Weiteres Verzeichnis konfigurieren
    .what = Geben Sie die Domäne ein. Ihre Server werden im DNS gesucht; auf der nächsten Seite können Sie alles ändern. Noch wird nichts gespeichert.
    .domain = Domäne
    .domain-what = Zum Beispiel corp.example.com. Ohne Einträge im DNS geben Sie die Server selbst ein.
    .find = Server suchen
    .no-domain = Das ist kein Name einer Domäne: Geben Sie einen wie corp.example.com ein.
    .exists = Ein Verzeichnis für diese Domäne ist schon eingerichtet.

## Einstellungen: das Formular eines Verzeichnisses

directory-configure = Active Directory konfigurieren
    .new = Ein neues Verzeichnis mit dem Kurznamen { $name }. Es wird beim Speichern angelegt; seine Personen werden mit der ersten Synchronisierung gelesen.
directory-servers = Server
    .what = Sie werden in dieser Reihenfolge gefragt: der nächste, sobald einer nicht antwortet.
directory-server = Server { $number }
    .host = Hostname oder IP des Servers
    .port = Port (leer: 636 oder 389)
    .name = Name im Zertifikat, falls ein anderer
    .via = Verbindung
    .directly = direkt
    .by-agent = über einen Agenten
    .up = Nach oben
    .down = Nach unten
    .remove = Entfernen
    .chain = Zertifikate zeigen
    .add = Server hinzufügen
directory-encryption = Verschlüsselung
    .ldaps = LDAPS, Port 636
    .ldaps-what = Empfohlen und für HIPAA vorgeschrieben: Die Verbindung ist vom ersten Byte an verschlüsselt.
    .start-tls = StartTLS, Port 389
    .start-tls-what = Die Verbindung wird verschlüsselt, bevor ein Name oder Passwort gesendet wird.
    .none = Unverschlüsselt, nur zu diesem Rechner selbst
directory-account-group = Dienstkonto
directory-account = DN des Dienstkontos
    .what = Der DN eines Kontos, das das Verzeichnis lesen darf; im Active Directory auch svc@corp.example.com. Es braucht kein Recht zu schreiben.
directory-password = Passwort des Dienstkontos
    .missing = Es wird versiegelt gespeichert und nie wieder angezeigt.
    .stored = Ein Passwort ist gespeichert. Leer lassen, um es zu behalten. Ändert sich ein Server oder die CA, muss es neu eingegeben werden.
    .typed = Das eingegebene Passwort bleibt 10 Minuten erhalten. Leer lassen, um es zu verwenden.
directory-what = Wo die Personen sind
directory-base = Basis-DN
    .what = Niemand außerhalb davon wird je gefunden.
directory-name = Name
    .what = Personen sehen ihn, wo sie ein Verzeichnis wählen.
directory-schema = Art des Verzeichnisses
    .what = Wie Personen, Gruppen und Passwörter gespeichert sind.
    .active-directory = Active Directory, Samba
    .others = OpenLDAP und andere (RFC 2307bis)
directory-netbios = NetBIOS-Name
    .what = Was in CORP\alice vor dem Schrägstrich steht. Leer: So meldet sich niemand an.
directory-ca-group = Eigene Zertifizierungsstelle
directory-ca = CA-Zertifikate
    .what = Als PEM. Ihnen wird anstelle der CAs vertraut, denen dieser Rechner vertraut. Leer: Eine öffentliche CA hat die Zertifikate der Server ausgestellt.
    .upload = Oder das CA-Zertifikat hochladen
    .upload-what = Eine Datei in PEM oder DER; sie tritt an die Stelle dessen, was oben steht.
directory-email-group = E-Mail-Adressen
directory-email = Attribut mit der E-Mail-Adresse
    .what = An dieser Adresse erkennt CloudSync eine Person.
directory-email-admins = Nur Admins können dieses Attribut schreiben
    .what = Nur dann werden Adressen als bestätigt weitergegeben.
directory-email-domains = Domänen der Adressen
    .what = Eine pro Zeile. Wer eine Adresse einer anderen Domäne hat, bekommt kein Konto. Leer: alle Domänen.
directory-advanced = Erweitert
directory-connect = Millisekunden zum Verbinden
    .what = Mit TLS und der Anmeldung des Dienstkontos.
directory-operation = Millisekunden für eine Antwort
    .what = Danach wird der nächste Server gefragt.
directory-search = Verbindungen für Suchen
    .what = Höchstens so viele sind gleichzeitig offen.
directory-bind = Verbindungen für Anmeldungen
    .what = Höchstens so viele Passwörter werden gleichzeitig geprüft.
directory-lockout = Angenommene Sperrschwelle
    .what = Für Personen, deren eigene Passwortrichtlinie nicht lesbar ist. Leer: die der Domäne. 0: Niemand hat eine eigene Richtlinie.
directory-policy = Standard-Passwortrichtlinie
    .what = Der DN des Eintrags für Personen ohne eigene Richtlinie (ppolicy_default von OpenLDAP).

## Schaltflächen des Formulars und was sie gefunden haben

configure-keep = Eingaben behalten
configure-ask = Server nach Basis-DN und Art fragen
    .pick = Der Server nennt diese Basis-DNs. Unter welchem sind die Personen?
configure-test = Verbindung testen
configure-save = Konfiguration speichern
    .what = Vor dem Speichern wird die Verbindung getestet. Testen allein speichert nichts.
    .tested = Die Verbindung wurde mit genau dieser Konfiguration getestet und funktioniert.
configure-servers = { $count ->
        [0] Im DNS stehen keine Server dieser Domäne
        [one] Im DNS steht 1 Server
       *[other] Im DNS stehen { $count } Server
    }
    .what = Prüfen Sie die Liste unten.
    .foreign = Im DNS stehen auch Server außerhalb der Domäne, die nicht übernommen werden: { $servers }
configure-asked = { $count ->
        [0] Der Server nennt keinen Basis-DN
        [one] Der Server nennt 1 Basis-DN
       *[other] Der Server nennt { $count } Basis-DNs
    }
    .what = Art des Verzeichnisses und NetBIOS-Name sind nach den Angaben des Servers ausgefüllt. Noch ist nichts gespeichert.
configure-trusted = Die CA steht jetzt im Formular
    .what = { $subject } wird für dieses Verzeichnis vertraut, sobald Sie gespeichert haben.
configure-other-ca = Der Server hat jetzt ein anderes CA-Zertifikat gesendet
    .what = Nichts wurde übernommen. Lassen Sie sich die Zertifikate noch einmal zeigen, und fragen Sie die Netzwerkverwaltung, falls es wieder geschieht.
configure-not-found = Das konnte nicht ermittelt werden
    .what = Unten steht, was gefunden wurde. Nichts wurde gespeichert.
configure-too-many = Zu viele Tests auf einmal
    .what = { $count ->
        [one] Versuchen Sie es in 1 Sekunde wieder. Ihre Eingaben bleiben erhalten.
       *[other] Versuchen Sie es in { $count } Sekunden wieder. Ihre Eingaben bleiben erhalten.
    }
configure-no-room = Ihre Eingaben können gerade nicht für einen Test aufgehoben werden
    .what = Zu viele Admins haben Formulare offen. Versuchen Sie es in einigen Minuten wieder.
configure-chain = Zertifikate von { $server }
    .trusted = Der CA, die sie ausgestellt hat, wird vertraut: Es ist nichts zu tun.
    .unknown = Keine CA, der vertraut wird, hat sie ausgestellt. Sie können der CA vertrauen, die der Server sendet.
    .no-ca = Keine CA, der vertraut wird, hat sie ausgestellt, und der Server sendet seine CA nicht. Exportieren Sie sie auf der CA (certutil -ca.cert ca.cer), und fügen Sie sie unten ein.
    .other-name = Das Zertifikat gilt für einen anderen Namen. Wählen Sie den Namen dieses Servers, oder korrigieren Sie den Hostnamen.
    .useless = Es kam kein brauchbares Zertifikat.
    .subject = Inhaber
    .names = Namen
    .issuer = Aussteller
    .valid = Gültig
    .fingerprint = SHA-256
    .compare = Vergleichen Sie den letzten Fingerabdruck mit dem, den die CA selbst zeigt, nicht über dieses Netz.
    .trust = { $subject } für dieses Verzeichnis vertrauen
    .use-name = Es ist { $name }

## Verbindung testen

test = Verbindung testen
    .verdict-good = gut
    .verdict-info = Hinweis
    .verdict-unknown = unbekannt
    .verdict-warning = Warnung
    .verdict-error = Fehler
    .fix = Was zu tun ist:
    .evidence = { $count ->
        [one] 1 Prüfung ohne Problem
       *[other] { $count } Prüfungen ohne Problem
    }
    .form = Zurück zum Formular, mit Ihren Eingaben
test-running = Der Test läuft
    .what = Nichts wird gespeichert. Sie können diese Seite verlassen; der Test läuft weiter.
    .saves = Die Konfiguration wird gespeichert, sobald der Test bestanden ist. Sie können diese Seite verlassen; der Test läuft weiter.
test-ended-passed = Die Verbindung funktioniert
    .what = Noch wurde nichts gespeichert. Speichern Sie die Konfiguration, oder gehen Sie zurück zum Formular.
test-ended-saved = Die Verbindung funktioniert, und die Konfiguration ist gespeichert
    .what = Sie gilt hier sofort und auf allen anderen Knoten innerhalb einer Sekunde.
test-ended-failed = Der Test ist fehlgeschlagen: { $stage }
    .what = Nichts wurde gespeichert. Unten steht, was gefunden wurde und was zu tun ist.
    .saves = Deshalb wurde noch nichts gespeichert. Unten steht, was gefunden wurde und was zu tun ist.
test-ended-not-made = Die Verbindung wurde nicht getestet
test-ended-not-saved = Die Verbindung funktioniert, aber die Konfiguration wurde nicht gespeichert
    .what = Jemand anderes hat inzwischen gespeichert, oder die Einstellungen sind falsch. Gehen Sie zurück zum Formular, und speichern Sie noch einmal: Die nächste Seite zeigt, was zu tun ist.
test-ended-asked = Die Verbindung funktioniert; eine zweite Person muss sie freigeben
    .what = Noch wurde nichts gespeichert. Sagen Sie, warum Sie es brauchen, und bitten Sie um Freigabe.
    .next = Um Freigabe bitten
test-ended-interrupted = Der Test wurde unterbrochen
    .what = Nichts wurde gespeichert. Gehen Sie zurück zum Formular, und drücken Sie die Schaltfläche noch einmal.
test-passed = funktioniert
test-warned = funktioniert, mit einer Warnung
test-failed-stage = fehlgeschlagen
test-waiting = wartet
test-not-reached = nicht erreicht
test-save-anyway = Sie können trotzdem speichern, zum Beispiel während ein Server repariert wird.
    .nobody = Speichern, obwohl sich damit niemand anmelden kann
    .some = Speichern, obwohl das Verzeichnis nicht ganz gelesen werden kann
stage-dns = Namen der Server (DNS)
    .next = Prüfen Sie den Hostnamen, Buchstabe für Buchstabe. Stimmt er, kennt ihn der DNS-Server dieses Rechners nicht: Geben Sie die IP-Adresse ein und daneben den Namen im Zertifikat.
stage-tcp = Verbindungen zu ihren Ports
    .next = Prüfen Sie den Port (636, oder 389 für StartTLS). Stimmt er, sperrt ihn eine Firewall zwischen diesem Rechner und dem Server: Erlauben Sie ausgehende Verbindungen zu genau diesem Port.
stage-tls = Zertifikate und Hostnamen (TLS)
    .next = Eine eigene CA muss im Formular stehen: Lassen Sie sich die Zertifikate des Servers zeigen, und vertrauen Sie seiner CA. Der Hostname muss im Zertifikat des Servers stehen, und es darf nicht abgelaufen sein.
stage-bind = Anmeldung des Dienstkontos
    .next = Prüfen Sie DN und Passwort des Dienstkontos, und im Verzeichnis, dass es aktiviert und nicht gesperrt ist und sein Passwort nicht abgelaufen.
stage-base-dn = Basis-DN
    .next = Fragen Sie den Server nach seinen Basis-DNs, und nehmen Sie den, unter dem die Personen sind. Das Dienstkonto muss ihn sehen können.
stage-rights = Rechte des Dienstkontos
    .next = Das Dienstkonto braucht Leserechte für Personen, Gruppen und Passwortrichtlinien; ein Recht zu schreiben braucht es nicht.
stage-change-feed = Änderungen lesen
    .next = Die Synchronisierung geht auch ohne, liest dann aber jedes Mal alles: Geben Sie dem Dienstkonto das Recht, Änderungen zu replizieren (Active Directory), oder schalten Sie syncprov ein (OpenLDAP).
stage-attributes = Attribute von Personen
    .next = Personen brauchen eine E-Mail-Adresse im eingestellten Attribut, und das Dienstkonto muss es lesen können.

## Die Frage des Handbuchs: Verbindungstest schlägt fehl

connection-trouble = Verbindungstest schlägt fehl
    .what = Testen Sie die Verbindung, wie sie gespeichert ist: Die erste fehlgeschlagene Stufe ist zu korrigieren. Ein Test ändert nichts.
    .now = Jetzt testen
    .test = { $name } testen
    .owners = Nur Inhaber können eine Verbindung testen. Schicken Sie ihnen diese Seite.
    .stages = Was jede Stufe braucht
    .command = Dasselbe auf dem Server:

## Sync-Einstellungen

sync-settings = Sync-Einstellungen
    .what = Legen Sie fest, wer aus einem Verzeichnis ein Konto bekommt, wie oft es gelesen wird und wie viel ein Tag ändern darf.
    .no-directory = Noch ist kein Verzeichnis eingerichtet. Richten Sie zuerst eines ein.
    .state = Stand
    .read = Zuletzt gelesen
    .initial = Erste Synchronisierung
    .not-imported = Noch nicht ausgeführt
    .read-first = Das Verzeichnis wurde noch nicht gelesen, daher gibt es noch keinen Baum zur Auswahl. Das Lesen ändert kein Konto.
    .read-now = Verzeichnis lesen
    .run-initial = Erste Synchronisierung ausführen
    .plan = Synchronisierung planen
    .plan-hint = Es gelten die gespeicherten Einstellungen. Zuerst entsteht ein Plan: Nichts ändert sich, bevor Sie ihn anwenden.
    .choose-first = Sobald OUs oder Gruppen ausgewählt und gespeichert sind, können Sie hier die erste Synchronisierung ausführen.
    .units = Organisationseinheiten
    .units-hint = Wer in einer ausgewählten OU oder Gruppe ist, bekommt ein Konto, außer wer ausgeschlossen ist. Ein Ausschluss gilt immer.
    .no-units = Der Baum erscheint, sobald das Verzeichnis gelesen wurde.
    .other-units = Ebenfalls ausgewählt
    .nothing = nicht ausgewählt
    .subtree = mit allem darunter synchronisieren
    .one-level = nur diese Ebene synchronisieren
    .exclude = mit allem darunter ausschließen
    .unknown = nicht im Verzeichnis gefunden
    .open = { $name } öffnen
    .close = { $name } schließen
    .left-out = { $count ->
            [one] 1 weitere OU wird nicht gezeigt. Geben Sie ihren Namen unten ein.
           *[other] { $count } weitere OUs werden nicht gezeigt. Geben Sie ihre Namen unten ein.
        }
    .groups = Gruppen
    .excluded-units = Ausgenommene Organisationseinheiten
    .excluded-groups = Ausgenommene Gruppen
    .groups-hint = Mitglieder verschachtelter Gruppen zählen mit. Suchen Sie eine Gruppe, um sie auszuwählen, auszuschließen oder einem Team Share zuzuordnen.
    .search = Gruppen suchen
    .find = Suchen
    .sync-members = Mitglieder synchronisieren
    .exclude-members = Mitglieder ausschließen
    .map = einem Team Share zuordnen
    .mapped = zugeordnet zu { $share }
    .mapped-unnamed = einem Team Share ohne Namen zugeordnet: Geben Sie ihn unten ein
    .by-name = Nach Namen
    .dn = Distinguished Name
    .dn-hint = Für eine OU oder Gruppe, die oben nicht gezeigt wird, etwa OU=Vertrieb,DC=example,DC=com.
    .dn-as = Verwenden als
    .as-subtree = OU mit allem darunter
    .as-one-level = OU, nur diese Ebene
    .as-excluded = ausgeschlossene OU
    .as-group = Gruppe
    .as-excluded-group = ausgeschlossene Gruppe
    .add = Hinzufügen
    .shares = Team Shares
    .shares-hint = Mitglieder einer zugeordneten Gruppe, die ein Konto bekommen, werden Mitglieder ihres Team Shares. Geben Sie jeden Namen genau wie in CloudSync ein.
    .share = Name des Team Shares
    .drop = Diese Zuordnung entfernen
    .no-shares = Keine Gruppe ist zugeordnet. Suchen Sie oben eine Gruppe und wählen Sie die Zuordnung.
    .schedule = Zeitplan
    .frequency = Häufigkeit
    .realtime = Echtzeit (empfohlen)
    .hourly = Stündlich
    .daily = Täglich
    .guard = Schutz
    .guard-hint = Würden an einem Tag mehr Personen als hier angegeben ihr Konto oder ein Team Share verlieren, warten die übrigen auf Ihre Entscheidung.
    .preview = Zeigen, wer dabei wäre und wer nicht
    .merged = Noch wurde nichts gespeichert. Das Formular unten enthält Ihre Auswahl und was jemand anderes gespeichert hat, seit Sie es geöffnet haben.
    .contested = Das haben Sie beide geändert. Im Formular steht Ihres: Ändern Sie es dort, wenn das andere richtig ist.
    .stale = Wenn Sie das Formular jetzt speichern, ändert sich:
    .stored-now = Jetzt gespeichert
    .in-form = Im Formular
sync-settings-unsaved = Ihre Auswahl ist noch nicht gespeichert
    .what = Nichts wurde begonnen: Es würden die bisher gespeicherten Einstellungen gelten. Speichern Sie zuerst; Ihre Auswahl bleibt unten erhalten.
sync-settings-people = { $count ->
        [one] 1 Person
       *[other] { $count } Personen
    }
    .disabled = { $count ->
            [one] 1 Person
           *[other] { $count } Personen
        }, davon { $disabled } deaktiviert
sync-settings-found = { $count ->
        [0] Keine weitere Gruppe gefunden
        [one] 1 weitere Gruppe gefunden
       *[other] { $count } weitere Gruppen gefunden
    }
sync-settings-filter = Filter
    .what = Ein LDAP-Filter, dem Personen außerdem entsprechen müssen. Leer: keiner.
sync-settings-frequency = Häufigkeit
    .what = Wie oft das Verzeichnis gelesen wird.
sync-settings-at = Uhrzeit
    .what = Bei „Täglich“: Stunden und Minuten, etwa 02:30.
sync-settings-zone = Zeitzone
    .what = Bei „Täglich“: der Name der Zone, etwa Europe/Berlin.
sync-settings-guard-people = Personen am Tag
    .what = Höchstens so viele Personen dürfen innerhalb von 24 Stunden etwas verlieren.
sync-settings-guard-percent = Prozent am Tag
    .what = Dieselbe Grenze als Anteil der Personen. Die kleinere gilt; drei Personen sind immer erlaubt.
sync-settings-log-days = Tage im Sync-Protokoll
    .what = Wie lange Läufe und Änderungen aufbewahrt werden.

## Vorschau und Plan

sync-preview = Vorschau
    .summary = Lässt { $in ->
            [one] 1 Person
           *[other] { $in } Personen
        } ein, sperrt { $out }
    .what = Gezählt mit diesen Einstellungen und dem, was zuletzt vom Verzeichnis gelesen wurde. Nichts wird gespeichert.
    .failed = Die Vorschau ist fehlgeschlagen
    .changed = Das Verzeichnis hat sich während des Zählens geändert. Zählen Sie für genaue Zahlen noch einmal.
    .orphaned = { $count ->
            [one] 1 Konto hat keinen Eintrag in dem, was gelesen wurde. Was aus ihm wird, ist hier nicht gezählt.
           *[other] { $count } Konten haben keinen Eintrag in dem, was gelesen wurde. Was aus ihnen wird, ist hier nicht gezählt.
        }
    .kind = { $kind }: { $count }
    .range = { $first } bis { $last } von { $all }
    .before = Die davor
    .next = Weitere zeigen
sync-preview-filter = Der Filter ist neu
    .what = Wer ihm entspricht, ist erst bekannt, wenn das Verzeichnis mit ihm gelesen wurde. Die Zahlen oben berücksichtigen ihn nicht.
sync-unit = { $unit } synchronisieren
    .what = Alle in dieser OU und darunter erhalten von jetzt an ein Konto, außer wer ausgenommen ist.
sync-plan = Plan
    .look = Plan ansehen
    .what = Genau dieser Plan wird ausgeführt, oder gar nichts, wenn sich Personen seither geändert haben.
    .applied = Dieser Plan wurde angewendet
    .nothing = Eine Synchronisierung würde nichts ändern.
    .none = Der Plan enthält keine solchen Änderungen.
    .apply = Anwenden: { $in } kommen hinein, { $takes } verlieren etwas
    .all = { $count ->
        [one] Die Änderung anzeigen
       *[other] Alle { $count } anzeigen
    }
sync-plan-old = Die Einstellungen haben sich geändert
    .what = Es sind nicht mehr die, mit denen dieser Plan entstand. Machen Sie zur Sicherheit einen neuen Plan.
sync-plan-beyond = Mehr als der Schutz erlaubt
    .what = { $count ->
            [one] 1 Person liegt über der Grenze des Schutzes. Der Plan setzt sich darüber hinweg.
           *[other] { $count } Personen liegen über der Grenze des Schutzes. Der Plan setzt sich darüber hinweg.
        }
changes =
    .caption = Änderungen an Konten
    .what = Was geschieht
    .values = Vorher → nachher
change-created = Konto angelegt
change-linked = Konto verknüpft
change-unlinked = Verknüpfung gelöst
change-handed-over = Konto übergeben
change-updated = Konto geändert
change-suspended = Konto gesperrt
change-reactivated = Konto wieder aktiviert
change-share-joined = Team Share beigetreten
change-share-left = Team Share verlassen

## Fehlersuche

not-syncing = Personen werden nicht synchronisiert
    .what = Was die Synchronisierung gerade verhindert.
    .person = Geht es um eine Person?
    .person-hint = Name, Anmeldename oder E-Mail-Adresse. Die Seite der Person zeigt, welche Bedingung nicht erfüllt ist.
    .look = Diese Person nachschlagen
    .nothing = Nichts verhindert die Synchronisierung
    .found = { $count ->
            [one] 1 Ursache gefunden
           *[other] { $count } Ursachen gefunden
        }
    .read = Zuletzt gelesen
obstacle-nothing-selected = Weder eine OU noch eine Gruppe ist ausgewählt
    .next = Wählen Sie die OUs oder Gruppen, deren Personen ein Konto bekommen.
obstacle-waits = Die erste Synchronisierung wurde noch nicht ausgeführt
    .next = Führen Sie die erste Synchronisierung aus. Zuerst zeigt sie einen Plan.
obstacle-never = Die erste Synchronisierung ist nicht abgeschlossen
    .next = Führen Sie die erste Synchronisierung aus, oder warten Sie auf den laufenden Lauf.
next-paused = Beheben Sie die Ursache und setzen Sie die Synchronisierung im Sync-Protokoll fort.
next-failed = Das Protokoll zeigt den Fehler jedes Laufs.
obstacle-late = Das Verzeichnis wurde länger nicht gelesen, als sein Zeitplan vorsieht
    .next = Prüfen Sie im Überblick, ob die Server des Verzeichnisses antworten.
next-held = Entscheiden Sie im Sync-Protokoll, ob sie es verlieren.
next-conflicts = Das Protokoll sagt zu jeder Person, was zu beheben ist.
obstacle-empty = In einer ausgewählten OU oder Gruppe wurde niemand gefunden
    .next = Prüfen Sie, ob das Dienstkonto sie und die Personen darin lesen darf und ob sie nicht leer ist.
slow-sync = Synchronisierung ist langsam
    .what = Wie jedes Verzeichnis gelesen wird und wie lange das dauert.
    .initial = Die erste Synchronisierung liest alles und legt jedes Konto an. Große Verzeichnisse brauchen einige Minuten; spätere Läufe lesen nur Änderungen.
    .full = Dieser Server meldet keine Änderungen, daher liest jeder Lauf alles. Darunter steht, was ihm fehlt.
    .by-changes = Nur Änderungen werden gelesen, daher dauert ein Lauf Sekunden.
    .size = Größe
    .bundle = Wenden Sie sich an den Support und senden Sie das Support-Paket. Es enthält keine Geheimnisse.
    .runs = Die letzten Läufe
    .run = Lauf
    .lasted = Dauer
    .seen = Was gelesen wurde
    .changes-only = nur Änderungen
    .minutes = { $count } min
    .seconds = { $count } s

## Einrichtung

set-up = Einrichtung
    .what = Von nichts bis zur ersten Anmeldung. Jeder Schritt hat seine eigene Seite; kommen Sie danach hierher zurück.
    .done = Fertig
    .next = Als Nächstes
    .later = Später
    .optional = Auf Wunsch
    .go = Weiter zu
    .look = Ansehen:
set-up-complete = Alles ist eingerichtet
    .what = Die Anmeldung ist möglich. Sie können jeden Schritt jederzeit ändern.
set-up-directory = Verzeichnis
    .what = Verbinden Sie Active Directory oder ein anderes LDAP-Verzeichnis mit einem Dienstkonto, das es liest.
set-up-line = Schritt { $number } von { $count }, { $title }
    .next = danach:
set-up-read = Verzeichnis lesen
    .what = Das Lesen ändert kein Konto. Danach können Sie in den Sync-Einstellungen OUs und Gruppen auswählen.
set-up-scope = Wer synchronisiert wird
    .what = Wählen Sie die OUs und Gruppen, deren Personen ein Konto bekommen. Sehen Sie vor dem Speichern, wer dabei wäre.
set-up-initial-sync = Erste Synchronisierung
    .what = Führen Sie die erste Synchronisierung aus: Sehen Sie den Plan an und wenden Sie ihn an. Danach werden Änderungen nach dem Zeitplan synchronisiert.
set-up-cloudsync = CloudSync
    .what = Fügen Sie CloudSync als Anwendung hinzu und tragen Sie dort ein, was die letzte Seite zeigt.
set-up-second-factor = Zweiter Faktor
    .what = Entscheiden Sie, wer ihn für die Anmeldung braucht. Ohne Entscheidung darf ihn jeder einrichten.
set-up-test = Test
    .what = Melden Sie sich einmal als Person des Verzeichnisses an.
set-up-owners = Inhaber
    .what = Nennen Sie die Gruppe, deren Mitgliedern diese Verwaltung gehört; sie brauchen ein Konto, müssen also synchronisiert sein. Öffnen Sie dann unter Personen Ihr eigenes Konto, stellen Sie einen Code aus, und melden Sie sich in einem anderen Browser an dieser Verwaltung an: Die erste Anmeldung fragt nach dem Code. Der Schritt ist fertig, sobald sich ein Inhaber angemeldet hat. Bis dahin führt nur ein Link vom Server hinein.

## Sync-Protokoll

sync-log = Sync-Protokoll
    .person = Person
    .person-hint = Anmeldename, E-Mail-Adresse oder Kontonummer, auch frühere
    .directory = Verzeichnis
    .all = Alle Verzeichnisse
    .show = Anzeigen
    .all-runs = Alle Läufe anzeigen
    .paused = Der Sync ist angehalten
    .stop = Diesen Lauf beenden und den Sync anhalten
    .held-what = Mehr Personen, als der Schutz erlaubt, würden innerhalb eines Tages etwas verlieren. Bis Sie entscheiden, ändert sich für sie nichts.
    .approve = Ausgewählte Personen sperren oder entfernen
    .reject = Für die ausgewählten Personen nichts ändern
    .runs = Läufe
    .no-runs = Hier ist nichts verzeichnet. Ein Lauf erscheint, sobald er etwas ändert oder scheitert.
    .changes = Änderungen
    .no-changes = Dieser Lauf hat kein Konto geändert.
    .sync-now = Jetzt synchronisieren
    .revert-what = Konten und Team Shares werden wieder, was sie vor diesem Lauf waren. Der Sync ist danach angehalten.
    .export = Herunterladen
    .export-what = Alle Änderungen, auf die die Bedingungen zutreffen.
    .kind = Art
    .all-kinds = Alle Arten
    .failed-runs = Gescheiterte Läufe
    .run = Nummer des Laufs
    .from = Von
    .until = Bis
    .time-hint = Ein Datum, oder ein Datum mit Uhrzeit in UTC
    .pause = Sync anhalten
    .resume = Sync fortsetzen
    .more = Weitere
    .since = Seit
    .would-lose = Würde verlieren
    .fix = Was zu tun ist
    .runs-caption = Läufe; die erste Spalte führt zur umgekehrten Reihenfolge
    .result = Ergebnis
    .lasted = Dauer
    .start = Erste Seite
sync-log-run = Lauf { $number }
sync-log-running = Läuft
sync-log-done = Fertig
sync-log-failed = Gescheitert
sync-log-progress = { $people } von { $of } Personen
sync-log-progress-open = { $people } Personen
sync-log-speed = { $rate } pro Sekunde, noch etwa { $minutes } min
sync-log-created = { $count ->
        [one] 1 Konto angelegt
       *[other] { $count } Konten angelegt
    }
sync-log-linked = { $count ->
        [one] 1 Konto verknüpft
       *[other] { $count } Konten verknüpft
    }
sync-log-updated = { $count ->
        [one] 1 Konto aktualisiert
       *[other] { $count } Konten aktualisiert
    }
sync-log-suspended = { $count ->
        [one] 1 Konto gesperrt
       *[other] { $count } Konten gesperrt
    }
sync-log-reactivated = { $count ->
        [one] 1 Konto wieder aktiviert
       *[other] { $count } Konten wieder aktiviert
    }
sync-log-shares-joined = { $count ->
        [one] 1 Mitgliedschaft in einem Team Share hinzugefügt
       *[other] { $count } Mitgliedschaften in Team Shares hinzugefügt
    }
sync-log-shares-left = { $count ->
        [one] 1 Mitgliedschaft in einem Team Share entfernt
       *[other] { $count } Mitgliedschaften in Team Shares entfernt
    }
sync-log-with-conflict = { $count ->
        [one] 1 Person mit Konflikt
       *[other] { $count } Personen mit Konflikt
    }
sync-log-newly-held = { $count ->
        [one] 1 Person zurückgehalten
       *[other] { $count } Personen zurückgehalten
    }
sync-log-loses-account = Das Konto würde gesperrt ({ $why })
sync-log-loses-shares = Würde die Team Shares { $shares } verlassen
sync-log-rejected = Behält alles nach Entscheidung von { $by }
sync-log-decided = { $count ->
        [one] Für 1 Person erledigt.
       *[other] Für { $count } Personen erledigt.
    }
sync-log-decided-partly = Für { $count } erledigt. Für { $left } wurde nichts getan, weil sie inzwischen etwas anderes verlieren würden.
sync-log-stopped = Der Lauf endet nach der aktuellen Seite von Personen. Der Sync bleibt angehalten, bis er fortgesetzt wird.
sync-log-not-running = Es läuft nichts, das beendet werden könnte.
sync-log-paused = Der Sync ist angehalten. Bis er fortgesetzt wird, bekommt und verliert niemand ein Konto.
sync-log-resumed = Der Sync ist fortgesetzt.
sync-log-unchanged = Es war schon so.
sync-log-time = Die Zeit ist nicht lesbar
    .what = Schreiben Sie ein Datum wie 2027-01-31 oder ein Datum mit Uhrzeit wie 2027-01-31T08:00:00Z.
sync-log-take = { $count ->
        [one] 1 Person sperren oder entfernen wie gezeigt
       *[other] { $count } Personen sperren oder entfernen wie gezeigt
    }
sync-log-keep = { $count ->
        [one] Für 1 Person nichts ändern
       *[other] Für { $count } Personen nichts ändern
    }
sync-log-revert = { $count ->
        [one] Diesen Lauf für 1 Konto rückgängig machen
       *[other] Diesen Lauf für { $count } Konten rückgängig machen
    }

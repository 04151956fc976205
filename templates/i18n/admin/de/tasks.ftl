## Lange Arbeiten, die ohne den Browser weiterlaufen

task-read-directory = Verzeichnis lesen
task-plan = Synchronisierung planen
task-apply-plan = Plan ausführen
task-sync = Jetzt synchronisieren
task-sync-person = Eine Person synchronisieren
task-approve-held = Wegnehmen, was der Schutz zurückhält
task-revert = Lauf zurücknehmen
task-waiting = Wartet auf einen Knoten
    .directory = Wartet, bis andere Arbeit an diesem Verzeichnis fertig ist
task-running = Läuft
task-stopping = Wird angehalten
task-done = Fertig
task-failed = Fehlgeschlagen
task-stopped = Angehalten
    .what = Was bis dahin getan wurde, bleibt. Nichts wurde zurückgenommen.
task-live = Stand
    .what = Sie können diese Seite schließen: Die Arbeit läuft weiter, und diese Adresse zeigt sie wieder.
    .ordered = Beauftragt von { $by }, { $when }
    .people = { $count ->
        [one] 1 Person
       *[other] { $count } Personen
    }
    .people-of = { $count } von { $of } Personen
    .rate = { $count } pro Sekunde
    .seconds-left = { $count ->
        [one] noch etwa 1 Sekunde
       *[other] noch etwa { $count } Sekunden
    }
    .minutes-left = { $count ->
        [one] noch etwa 1 Minute
       *[other] noch etwa { $count } Minuten
    }
    .no-refresh = Diese Seite nicht mehr neu laden
    .stop = Anhalten
    .stop-what = Was schon getan ist, bleibt. Sie können jederzeit neu beginnen.
task-nothing-to-do = Es gab nichts zu tun.
task-run = Alles steht im Sync-Protokoll als Lauf { $run }.
task-takes = { $count ->
    [0] Niemand würde etwas verlieren.
    [one] 1 Person würde etwas verlieren.
   *[other] { $count } Personen würden etwas verlieren.
}
task-plan-changed = { $count ->
    [one] Nichts wurde getan: 1 Person hat sich geändert, seit der Plan gemacht wurde. Machen Sie einen neuen Plan.
   *[other] Nichts wurde getan: { $count } Personen haben sich geändert, seit der Plan gemacht wurde. Machen Sie einen neuen Plan.
}
task-approved = { $count ->
    [one] Einer Person weggenommen.
   *[other] { $count } Personen weggenommen.
}
task-approved-partly = { $left ->
    [one] { $count } Personen weggenommen. 1 Person würde inzwischen etwas anderes verlieren: Sehen Sie noch einmal ins Sync-Protokoll.
   *[other] { $count } Personen weggenommen. { $left } Personen würden inzwischen etwas anderes verlieren: Sehen Sie noch einmal ins Sync-Protokoll.
}
task-nobody = Das Verzeichnis hat niemanden mit diesem Namen.
task-seen = Gesehen
task-created = Konten angelegt
task-linked = Konten verknüpft
task-updated = Konten geändert
task-suspended = Konten gesperrt
task-reactivated = Konten wieder aktiv
task-shares-joined = Neue Mitgliedschaften in Team Shares
task-shares-left = Beendete Mitgliedschaften in Team Shares
task-conflicts = Konflikte
task-held = Vom Schutz zurückgehalten

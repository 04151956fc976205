## Entscheidungen über alle zurückgehaltenen Personen

held-all = Zurückgehaltene Personen
    .none = Der Schutz hält niemanden zurück, über den noch zu entscheiden ist.
    .bound = Ihre Entscheidung gilt für genau diese Personen. Wer später zurückgehalten wird, bleibt es.
    .approve-what = Sperren oder entfernen: Sie verlieren, was gezeigt ist. Sitzungen gesperrter Konten enden. Wird der Lauf rückgängig gemacht, bekommen sie es zurück.
    .reject-what = Nichts ändern: Sie behalten alles, solange sie dasselbe verlieren würden. Danach wird nicht noch einmal gefragt.
    .back = Zurück zum Sync-Protokoll
held-all-link = Über alle { $count } zurückgehaltenen Personen entscheiden
held-all-accounts = { $why } ({ $count ->
        [one] 1 Konto
       *[other] { $count } Konten
    })
held-all-shares = { $count ->
        [one] 1 Person verlässt Team Shares und behält das Konto
       *[other] { $count } Personen verlassen Team Shares und behalten ihre Konten
    }
held-all-later = { $count ->
        [one] 1 weitere Person wartet: Entscheiden Sie danach über sie.
       *[other] { $count } weitere Personen warten: Entscheiden Sie danach über sie.
    }
sync-log-nobody = Es wurde nichts getan. Wählen Sie zuerst jemanden aus.
sync-log-held-changed = Es wurde nichts getan. Die zurückgehaltenen Personen haben sich geändert, seit die Seite gezeigt wurde. Sehen Sie sie noch einmal an und entscheiden Sie dann.

## Ein Konto übergeben

hand-over = Ein Konto übergeben
    .gets = Das Konto behält bei den Anwendungen seine ID, also kommt mit, was ihm dort gehört. Name, E-Mail-Adresse und Team Shares folgen dem Eintrag und den Gruppen der neuen Person; sie wird sofort synchronisiert.
    .final = Einen Lauf rückgängig zu machen nimmt das nicht zurück; nur eine weitere Übergabe tut es.
hand-over-button = Konto an { $name } übergeben
hand-over-from = Das Konto von { $name }, { $email } ({ $state })
hand-over-to = geht an { $name }: { $entry }
hand-over-ends = Alles endet, was der bisherige Inhaber eingerichtet oder geöffnet hatte: { $sessions ->
        [one] 1 Sitzung
       *[other] { $sessions } Sitzungen
    }, { $tokens ->
        [one] 1 Refresh-Token
       *[other] { $tokens } Refresh-Tokens
    } von Anwendungen, { $factors ->
        [one] 1 zweiter Faktor
       *[other] { $factors } zweite Faktoren
    } mit den Wiederherstellungscodes.
refused-not-handed-over = Es wurde nichts getan: Das Konto wird benutzt, oder die Person steht nicht mehr im Konflikt mit ihm. Sehen Sie im Sync-Protokoll nach.

## Ein Verzeichnis entfernen

directory-remove = Dieses Verzeichnis entfernen
    .stays = Konten, zweite Faktoren und Mitgliedschaften in Team Shares bleiben hier gespeichert, und bei den Anwendungen wird nichts gelöscht.
    .ends = Sitzungen enden mit ihrer nächsten Anfrage, und Anwendungen bekommen keine neuen Tokens. Die Einstellungen des Verzeichnisses entfallen: Server, Passwort, was synchronisiert wird, Rollen durch seine Gruppen und die Zuordnungen von Gruppen zu Team Shares.
    .own = Sie melden sich selbst über dieses Verzeichnis an: Ihre Sitzung in dieser Verwaltung endet.
directory-remove-people = { $count ->
        [one] 1 Person kann sich sofort nicht mehr anmelden.
       *[other] { $count } Personen können sich sofort nicht mehr anmelden.
    }
directory-remove-again = Um die Personen zurückzuholen, richten Sie das Verzeichnis wieder mit dem Kurznamen { $id } ein: Sie bekommen dieselben Konten.
directory-remove-button = { $count ->
        [one] Dieses Verzeichnis entfernen: 1 Person kann sich nicht mehr anmelden
       *[other] Dieses Verzeichnis entfernen: { $count } Personen können sich nicht mehr anmelden
    }

## Das Support-Paket

support-bundle = Support
    .what = Das Support-Paket ist eine Datei, die sagt, wie diese Installation eingerichtet ist und in welchem Zustand ihre Verzeichnisse sind. Es enthält kein Passwort, kein Geheimnis und keinen Schlüssel. Es nennt Server, OUs, Gruppen und einige Personen: Prüfen Sie es, bevor Sie es senden.
    .contact = Senden Sie es an:
    .button = Support-Paket herunterladen
    .owners = Nur ein Inhaber kann es herunterladen.

## Felder

field-upload = Datei wählen; sie ersetzt beim Speichern, was im Feld darunter steht

## Freigaben

approval-more = und { $count } weitere

## Überblick

overview = Überblick
    .decisions = Wartet auf eine Entscheidung
    .no-decisions = Nichts wartet. Zurückgehaltene Personen, Konflikte und Fehler der Synchronisierung erscheinen hier.
    .directories = Verzeichnisse
    .no-directories = Noch ist kein Verzeichnis verbunden. Richten Sie eines ein:
    .sync = Synchronisierung
    .feed = Änderungen
    .no-feed = noch nicht gelesen
    .caught-up = Auf dem Stand von
    .never = nie
    .accounts = Aktive Konten
    .of-people = { $count ->
        [one] von 1 Person im Verzeichnis
       *[other] von { $count } Personen im Verzeichnis
    }
    .waiting = Noch zu prüfende Personen
    .servers = Server, wie dieser Prozess sie sieht
    .server = Server
    .state = Zustand
    .system = System
    .process = Dieser Prozess
    .part = Teil
    .nodes = Laufende Prozesse
    .host = Rechner
    .reported = Letzte Meldung
    .sign-ins = Anmeldungen und Ablehnungen, letzte 24 Stunden
    .let-in = Angemeldet
    .refused = Abgelehnt
    .numbers = Zahlen
    .by-hour = Nach Stunden, in UTC
    .hour = Stunde
    .causes = Warum Anmeldungen abgelehnt wurden
    .no-refusals = In den letzten 24 Stunden wurde niemand abgelehnt.
    .last-day = Ablehnungen der letzten 24 Stunden, die häufigste Ursache zuerst
    .cause = Ursache
    .times = Anzahl
    .lag = Rückstand der Synchronisierung
    .enrolment = Zweite Faktoren
    .who-not = Zeigen, wer keinen hat
    .state-factor = Zweiter Faktor
    .people = Personen
    .has-factor = Hat einen
    .has-none = Hat keinen
    .counted = Personen mit aktivem Konto, gezählt in der Stunde ab { $at } (UTC)
    .causes-by-hour = Abweisungen nach Stunde (UTC) und Ursache
    .not-counted = Noch nicht gezählt; das dauert nach dem Start eine Minute.
overview-good = In Ordnung
overview-bad = Braucht Aufmerksamkeit
overview-unknown = Nicht geprüft
overview-running = läuft gerade
overview-database = Datenbank
    .next = Prüfen Sie, ob die Datenbank läuft und von diesem Rechner aus erreichbar ist.
overview-memory = Kurzlebige Daten der Anmeldungen: Speicher dieses Prozesses
    .next = Prüfen Sie den Arbeitsspeicher dieses Rechners.
overview-redis = Kurzlebige Daten der Anmeldungen: Redis
    .next = Solange es fehlt, kann sich niemand anmelden. Prüfen Sie, ob Redis läuft, ob dieser Rechner es erreicht, und das Passwort in der Konfiguration.
overview-settings = Gespeicherte Einstellungen
    .next = Sie können nicht angewendet werden. Das Protokoll dieses Prozesses sagt, warum.
overview-jobs = Hintergrundaufgaben
    .next = Eine schlägt immer wieder fehl. Das Protokoll dieses Prozesses sagt, welche und warum.
overview-server-first = In Benutzung
overview-server-ready = Bereit
overview-server-paused = Pausiert nach Fehlern
overview-server-trial = Wird noch einmal versucht
overview-realtime = In Echtzeit
overview-hourly = Stündlich
overview-daily = Täglich um { $at } ({ $zone })
decision-held = { $count ->
        [one] Der Schutz hält 1 Person zurück
       *[other] Der Schutz hält { $count } Personen zurück
    }
    .next = Im Sync-Protokoll entscheiden
decision-conflicts = { $count ->
        [one] 1 Person hat einen Konflikt
       *[other] { $count } Personen haben einen Konflikt
    }
    .next = Die Konflikte und ihre Lösung ansehen
decision-paused = Die Synchronisierung ist angehalten
    .next = Die Pause im Sync-Protokoll ansehen
decision-failed = Die letzte Synchronisierung ist fehlgeschlagen
    .next = Herausfinden, warum Personen nicht synchronisiert werden
decision-not-imported = Die erste Synchronisierung ist noch nicht abgeschlossen
    .next = Die erste Synchronisierung ausführen
decision-slow = { $count ->
        [one] Die erste Synchronisierung läuft seit 1 Minute
       *[other] Die erste Synchronisierung läuft seit { $count } Minuten
    }
    .next = Herausfinden, warum die Synchronisierung langsam ist
decision-unknown-group = Eine Gruppe, die eine Rolle geben soll, wurde nicht gefunden und gibt deshalb keine
    .next = Die Gruppen der Administratoren prüfen
decision-certificate = { $count ->
        [0] Ein Zertifikat läuft heute ab: Dann kann sich über diesen Server niemand mehr anmelden
        [one] Ein Zertifikat läuft in 1 Tag ab: Dann kann sich über diesen Server niemand mehr anmelden
       *[other] Ein Zertifikat läuft in { $count } Tagen ab: Dann kann sich über diesen Server niemand mehr anmelden
    }
    .over = Ein Zertifikat ist abgelaufen: Über diesen Server kann sich niemand anmelden
    .next = Die Verbindung des Verzeichnisses prüfen
decision-old-secret = { $count ->
        [0] Das alte Geheimnis dieser Anwendung endet heute
        [one] Das alte Geheimnis dieser Anwendung endet in 1 Tag
       *[other] Das alte Geheimnis dieser Anwendung endet in { $count } Tagen
    }
    .next = Die Anwendung ansehen
decision-approvals = { $count ->
        [one] 1 Anfrage wartet auf Ihre Freigabe
       *[other] { $count } Anfragen warten auf Ihre Freigabe
    }
    .next = Über die Anfragen entscheiden
decision-chain-broken = Das Protokoll wurde außerhalb dieses Programms geändert
    .next = Die Prüfung des Protokolls ansehen
decision-service-stopped = An diesen Dienst wird nichts übertragen: Er ist angehalten
    .next = Den Dienst ansehen
decision-service-away = Dieser Dienst antwortet seit einer Weile nicht
decision-quarantined = { $count ->
        [one] Dieser Dienst weist 1 Person oder Team Share zurück
       *[other] Dieser Dienst weist { $count } Personen und Team Shares zurück
    }
overview-seconds = { $count } s
overview-minutes = { $count } min
overview-hours = { $count } h
overview-enrolled = { $count } von { $all } Personen mit einem aktiven Konto haben einen zweiten Faktor.
cause-sso-enabled = Single Sign-On ist ausgeschaltet
cause-found = Unbekannter Name
cause-bound = Falsches Passwort
cause-enabled = Im Verzeichnis deaktiviert
cause-not-expired = Im Verzeichnis abgelaufen
cause-password-allowed = Smartcard verlangt
cause-not-locked = Im Verzeichnis gesperrt
cause-password-usable = Passwort muss geändert werden
cause-in-scope = Nicht im Umfang der Synchronisierung
cause-mail-present = Keine E-Mail-Adresse
cause-account-exists = Kein Konto
cause-mail-matches = Andere E-Mail-Adresse
cause-not-suspended = Konto gesperrt
cause-throttled = Zu viele Versuche
cause-second-factor = Zweiter Faktor abgelehnt
cause-undecided = Das Verzeichnis hat nicht geantwortet
cause-other = Andere Ursache

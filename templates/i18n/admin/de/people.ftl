## Personen, Helpdesk und Audit-Protokoll

people = Personen
    .search = Suche
    .hint = Der Anfang von Name, Anmeldename, E-Mail-Adresse oder Kontonummer; bei mehreren Wörtern von jedem
    .button = Suchen
    .found = Ergebnis
    .start = Geben Sie einen Namen ein, um eine Person zu finden, unter allen mit einem Konto.
    .nobody = Niemand passt.
    .nobody-next = Wer noch kein Konto hat, steht nicht in der Liste: Konten legt eine Synchronisierung an. Warum jemand keines hat, sagt das Verzeichnis.
    .ask = Das Verzeichnis nach „{ $name }“ fragen
    .caption = Passende Personen
    .name = Name
    .login = Anmeldename
    .email = E-Mail-Adresse
    .state = Konto
    .directory = Verzeichnis
    .not-linked = nicht verknüpft
    .more = Nächste Seite
status-active = Aktiv
status-ended = Abgelaufen
status-suspended = Gesperrt
status-out-of-scope = Gesperrt: nicht im Umfang der Synchronisierung
status-disabled = Gesperrt: im Verzeichnis deaktiviert
status-expired = Gesperrt: im Verzeichnis abgelaufen
status-admin = Hier gesperrt
status-undone = Gesperrt: ein Synchronisierungslauf wurde rückgängig gemacht
person = Konto
    .id = Kontonummer
    .since = Gesperrt
    .expires = Läuft ab
    .confirmed = Vom Verzeichnis bestätigt
    .not-confirmed = nicht seit der letzten Änderung
    .held = Der Schutz hält eine Änderung an dieser Person zurück. Entscheiden Sie hier:
    .shares = Team Shares
    .no-shares = Kein Team Share.
    .deliveries = Dienste
    .actions = Dieser Person helfen
delivery-delivered = Übertragen
delivery-absent = Nicht dort
    .other-directory = Er bekommt niemanden aus diesem Verzeichnis.
    .not-linked = Das Konto gehört noch zu keinem Eintrag eines Verzeichnisses.
    .suspended = Wer gesperrt ist, wird nicht angelegt.
    .not-noted = Die erste Übertragung ist noch nicht bei dieser Person.
delivery-waiting = Wartet
delivery-quarantined = In Quarantäne
delivery-seconds = vor { $count } s
person-unknown = Kein solches Konto
    .what = Es gibt kein Konto mit dieser Nummer. Vielleicht wurde es gelöscht.
person-live = Kann sich diese Person anmelden?
    .what = Das Verzeichnis wird nach dem Eintrag, den Gruppen und dem Zustand des Kontos gefragt. Ein Passwort ist nicht nötig.
    .ask = Jetzt das Verzeichnis fragen
    .again = Noch einmal fragen
    .not-linked = Das Konto ist mit keinem Eintrag eines Verzeichnisses verknüpft; noch kann sich niemand damit anmelden. Die nächste Synchronisierung verknüpft es.
    .failed = Das Verzeichnis hat nicht geantwortet.
    .gates = Was eine Anmeldung prüft, in dieser Reihenfolge
    .gate = Prüfung
    .verdict = Ergebnis
    .entry = Eintrag
    .shares = Team Shares, und die Gruppen, die zu ihnen führen
    .stored-yes = Nach dem, was gespeichert ist, hält diese Person nichts ab.
    .stored-no = Nein. { $why }
person-can-sign-in = Ja, mit dem richtigen Passwort.
person-refused = Nein.
gate-sso-enabled = Single Sign-On ist eingeschaltet
gate-found = Genau ein Eintrag hat den Namen
gate-bound = Das Verzeichnis nimmt das Passwort an
gate-enabled = Der Eintrag ist aktiviert
gate-not-expired = Der Eintrag ist nicht abgelaufen
gate-password-allowed = Ein Passwort ist erlaubt, keine Smartcard verlangt
gate-not-locked = Der Eintrag ist nicht gesperrt
gate-password-usable = Das Passwort muss nicht erst geändert werden
gate-in-scope = Der Eintrag ist im Umfang der Synchronisierung
gate-mail-present = Der Eintrag hat eine E-Mail-Adresse
gate-account-exists = Es gibt ein Konto
gate-mail-matches = Die E-Mail-Adresse ist die des Kontos
gate-not-suspended = Das Konto ist nicht gesperrt
gate-passed = Bestanden
gate-failed = Gescheitert
gate-not-tried = Nicht geprüft
share-stays = Mitglied
share-joins = die nächste Synchronisierung fügt sie hinzu
share-leaves = die nächste Synchronisierung entfernt sie
attempts = Letzte Versuche
    .none = Kein Versuch im Audit-Protokoll.
    .caption = Die letzten Versuche, der neueste zuerst
    .when = Wann
    .result = Ergebnis
    .address = Adresse
    .code = Support-Code
attempt-good = Eingelassen
attempt-refused = Abgelehnt
person-factors = Zweite Faktoren
    .none = Kein zweiter Faktor.
    .since = hinzugefügt
    .used = benutzt
    .codes = { $count ->
        [0] Keine Wiederherstellungscodes mehr
        [one] Noch 1 Wiederherstellungscode
       *[other] Noch { $count } Wiederherstellungscodes
    }
    .invited = Ein Code des Helpdesks gilt bis zur angezeigten Zeit:
person-sessions = Sitzungen
    .none = Nicht angemeldet.
    .signed-in = Angemeldet
    .used = benutzt
    .clients = { $count ->
        [one] Anwendungen haben 1 Refresh-Token.
       *[other] Anwendungen haben { $count } Refresh-Tokens.
    }
do-end-sessions = { $sessions ->
        [0] Keine Sitzung
        [one] 1 Sitzung
       *[other] { $sessions } Sitzungen
    } und { $tokens ->
        [0] kein Token
        [one] 1 Token
       *[other] { $tokens } Tokens
    } beenden
    .what = Meldet diese Person überall ab und beendet die Tokens aller Anwendungen. Die Person kann sich wieder anmelden.
do-invite = Code ausstellen
    .what = Erstellt einen Code zum Vorlesen, um einen zweiten Faktor einzurichten oder sich einmal ohne ihn anzumelden. Prüfen Sie zuerst, wer anruft: Mit diesem Code und dem Passwort kann sich jeder anmelden.
do-reset-factors = { $count ->
        [0] Zweite Faktoren zurücksetzen (keiner ist eingerichtet)
        [one] 1 zweiten Faktor zurücksetzen
       *[other] { $count } zweite Faktoren zurücksetzen
    }
    .what = Entfernt alle Authenticator-Apps, Wiederherstellungscodes und gemerkten Browser dieser Person und beendet alle Sitzungen. Bei der nächsten Anmeldung richtet die Person einen neuen zweiten Faktor ein.
do-suspend = Hier sperren
    .what = Beendet alle Sitzungen und lässt diese Person nicht mehr ein, gleich was das Verzeichnis sagt, bis jemand das Konto hier entsperrt.
do-reactivate = Entsperren
    .what = Das Verzeichnis entscheidet wieder, ob sich diese Person anmelden darf.
done-sessions-ended = Alle Sitzungen und Tokens sind beendet.
done-factors-reset = Alle zweiten Faktoren sind entfernt und alle Sitzungen beendet.
done-suspended = Das Konto ist gesperrt, und alle Sitzungen sind beendet.
done-reactivated = Das Konto ist hier nicht mehr gesperrt. Die nächste Synchronisierung wendet an, was das Verzeichnis sagt.
refused-unknown = Dieses Konto gibt es nicht mehr. Nichts wurde getan.
refused-oneself = Niemand kann das mit dem eigenen Konto tun. Nichts wurde getan; fragen Sie einen anderen Admin.
refused-higher-role = Diese Person hat hier eine höhere oder gleiche Rolle. Nichts wurde getan; fragen Sie einen Inhaber.
refused-role-unknown = Das Verzeichnis kann nicht sagen, ob diese Person hier eine Rolle hat. Nichts wurde getan; versuchen Sie es noch einmal, oder fragen Sie einen Inhaber.
refused-changed = Das Konto hat sich inzwischen geändert. Nichts wurde getan.
invited = Code für diese Person
    .until = Gilt einmal, bis
    .what = Lesen Sie ihn jetzt vor: Er wird nur hier angezeigt. Ein früherer Code gilt nicht mehr.
    .back = Zurück zur Person
help-desk = Helpdesk
    .code = Support-Code
    .hint = Der Code auf der Seite der Person, etwa 7K3PW-01X9M; groß oder klein, mit oder ohne Bindestrich
    .button = Erklären
    .unknown = Kein Versuch hat diesen Code
    .unknown-what = Gleichen Sie den Code mit der Person ab. Ablehnungen vor einem richtigen Passwort bleiben 30 Tage; eine Anfrage, die vor einer Entscheidung endete, steht nur im Protokoll des Servers.
    .done = Erledigt
    .client = Anwendung
    .server = Server
    .times = Solche Versuche in dieser Stunde
    .person = Die Person zeigen, und das Verzeichnis fragen
    .cause = Das Verzeichnis fragen und sehen, was zu tun ist
audit-log = Audit-Protokoll
    .person = Person
    .actor = Admin
    .decision = Entscheidung
    .from = Ab (UTC)
    .until = Vor (UTC)
    .button = Filtern
    .events = Ereignisse
    .none = Kein Ereignis passt.
    .caption = Ereignisse, das neueste zuerst
    .detail = Einzelheiten
    .older = Ältere Ereignisse
    .export = Alles Passende herunterladen. Das wird aufgezeichnet.
audit-no-such-name = Kein Konto, oder mehr als eines, hat diesen Namen.
audit-no-time = Schreiben Sie Zeiten in UTC wie 2027-01-15T08:00:00Z, oder ein Datum.
two-step-people = Zwei-Schritt-Authentifizierung: Personen
    .what = Alle mit einem aktiven Konto, danach, ob sie einen zweiten Faktor eingerichtet haben. Öffnen Sie eine Person, um einen Code auszustellen oder ihre zweiten Faktoren zurückzusetzen.
    .menu = Wer sie eingerichtet hat
    .lists = Listen
    .missing = Ohne zweiten Faktor
    .enrolled = Mit zweitem Faktor
    .nobody-missing = Alle mit einem aktiven Konto haben einen zweiten Faktor eingerichtet.
    .nobody-enrolled = Noch niemand hat einen zweiten Faktor eingerichtet. Danach gefragt wird bei der Anmeldung, so wie es die Richtlinie sagt.
    .caption = Personen, nach E-Mail-Adresse
    .since = Eingerichtet
    .used = Zuletzt benutzt
    .code = Code des Helpdesks
    .until = gültig bis
    .export = Die ganze Liste herunterladen. Das wird aufgezeichnet.
audit-chain = Wurde das Protokoll verändert?
    .what = Jedes Ereignis mit einer eigenen Zeile ist durch einen Code mit dem vorigen verkettet. Ohne den Schlüssel dieser Installation kann niemand unbemerkt Ereignisse ändern, entfernen oder vertauschen. Geprüft wird jeden Tag.
    .good = Unverändert
    .changed = Verändert
    .next = Etwas anderes als dieses Programm hat die Datenbank geändert. Vergleichen Sie sie mit einer Sicherung, und stellen Sie fest, wer in die Datenbank schreiben kann.
    .checked = Zuletzt geprüft
    .events = { $count ->
        [one] 1 Ereignis ist unverändert.
       *[other] { $count } Ereignisse sind unverändert.
    }
    .never = Noch nicht geprüft.
    .head = Das jetzige Ende der Kette. Heben Sie eine Kopie auf einem anderen System auf, und vergleichen Sie sie später auf dem Server mit audit verify --expect:
    .running = Die Prüfung beginnt in wenigen Sekunden.
    .reload = Das Ergebnis zeigen
    .check = Jetzt prüfen
log-in = Anmeldung nicht möglich
    .title = Wer kann sich nicht anmelden?
    .hint = Anmeldename, E-Mail-Adresse, Kontonummer oder der Support-Code auf der Seite der Person
    .placeholder = Name oder Support-Code
    .button = Ursache finden
    .usual = Woran es meistens liegt
    .usual-scope = Die Person ist in keiner synchronisierten OU und keiner synchronisierten Gruppe.
    .usual-password = Das Passwort ist falsch oder abgelaufen, oder das Konto ist im Verzeichnis gesperrt oder deaktiviert.
    .usual-email = Die E-Mail-Adresse im Verzeichnis ist nicht die des Kontos.
    .several = Mehrere Personen haben diesen Namen
    .attempt = Der Versuch
    .person = Person:
fix = Was zu tun ist
    .enable-sso = Single Sign-On ist für alle ausgeschaltet. Schalten Sie sie ein:
    .enable = Aktivieren Sie das Konto { $place }, wenn die Person Zugang haben soll, und fragen Sie noch einmal.
    .extend = Ändern Sie { $place }, von wann bis wann das Konto gültig ist, und fragen Sie noch einmal.
    .unlock = Entsperren Sie das Konto { $place }, oder warten Sie, bis die Sperre endet, und fragen Sie noch einmal. Wird es wieder gesperrt, suchen Sie ein Gerät mit einem alten Passwort.
    .password = Lassen Sie die Person das Passwort ändern, auf der Anmeldeseite, falls das eingeschaltet ist, oder setzen Sie { $place } ein neues. Fragen Sie dann noch einmal.
    .change-entry = Ändern Sie das { $place }, und fragen Sie noch einmal:
    .in-ad = in Active Directory
    .in-directory = im Verzeichnis
    .widen-scope = Nehmen Sie die OU der Person oder eine ihrer Gruppen in den Umfang der Synchronisierung auf, oder entfernen Sie die Ausnahme, die sie nennt.
    .select-unit = Die OU dieser Person wird nicht synchronisiert. Synchronisieren Sie sie mit allen darin, oder wählen Sie in den Einstellungen der Synchronisierung eine Gruppe:
    .sync-settings = Synchronisierung einstellen
    .sync-now = Das Konto ist älter als der Eintrag. Synchronisieren Sie diese Person:
    .decide = Eine Änderung dieser Person wartet auf eine Entscheidung oder widerspricht einem anderen Konto. Entscheiden Sie im Sync-Protokoll:
    .reactivate = Das Konto wurde hier gesperrt. Reaktivieren Sie es:
    .wait = Zu viele falsche Passwörter. Warten Sie, bis sie nicht mehr zählen, oder prüfen Sie, wer anruft, und stellen Sie einen Code aus. Ihre Zählung endet
    .ask-others = Ihre Rolle darf das nicht. Fragen Sie jemanden mit der Rolle Betrieb oder Inhaber.
compared = Konto und Eintrag
    .attribute = Attribut
    .account = Konto
    .entry = Eintrag, jetzt
    .result = Vergleich
    .same = Gleich
    .differs = Verschieden
do-sync-now = Diese Person synchronisieren
    .what = Liest den Eintrag neu und bringt das Konto auf den neuesten Stand, innerhalb der Grenzen des Schutzes.

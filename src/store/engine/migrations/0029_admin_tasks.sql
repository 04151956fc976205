-- Long work of the admin panel. Of one kind, directory and subject, one task at a time.
CREATE TABLE admin_tasks (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    directory TEXT NOT NULL,
    subject BLOB NOT NULL,
    ordered TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    role TEXT,
    state TEXT NOT NULL,
    stop_asked INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    node TEXT,
    heartbeat INTEGER,
    progress TEXT,
    result TEXT,
    made_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX admin_tasks_open ON admin_tasks (kind, directory, subject) WHERE ended_at IS NULL;
CREATE INDEX admin_tasks_by_age ON admin_tasks (made_at);

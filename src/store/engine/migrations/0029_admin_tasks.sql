-- Long work of the admin panel. Of one kind and directory, one task at a time.
CREATE TABLE admin_tasks (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    directory TEXT NOT NULL,
    ordered TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    state TEXT NOT NULL,
    stop_asked INTEGER NOT NULL,
    node TEXT,
    heartbeat INTEGER,
    progress TEXT,
    result TEXT,
    made_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX admin_tasks_open ON admin_tasks (kind, directory) WHERE ended_at IS NULL;
CREATE INDEX admin_tasks_by_age ON admin_tasks (made_at);

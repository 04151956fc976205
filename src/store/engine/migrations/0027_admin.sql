-- The admin panel: its sessions, the links for a start without a directory, and who did what in the audit log.
CREATE TABLE admin_sessions (
    id_hash BLOB NOT NULL,
    account TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    sid TEXT,
    link_made_by TEXT,
    role TEXT NOT NULL,
    factor_at INTEGER NOT NULL,
    role_seen_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (id_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX admin_sessions_by_account ON admin_sessions (account);

CREATE TABLE admin_links (
    token_hash BLOB NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    used_from TEXT,
    PRIMARY KEY (token_hash)
) STRICT, WITHOUT ROWID;

-- When the second factor of a browser session was proven: the panel asks for a recent one.
ALTER TABLE sessions ADD COLUMN factor_at INTEGER;

ALTER TABLE audit ADD COLUMN actor TEXT;
ALTER TABLE audit ADD COLUMN role TEXT;

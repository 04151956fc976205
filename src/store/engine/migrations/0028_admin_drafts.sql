-- What an admin has sent and has to confirm with a fresh second factor: sealed, for some minutes.
CREATE TABLE admin_drafts (
    id TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    sid TEXT NOT NULL,
    path TEXT NOT NULL,
    content BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX admin_drafts_by_account ON admin_drafts (account);

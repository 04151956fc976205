-- Answers of the admin panel to scripts that may send a request again: sealed, for a day.
CREATE TABLE admin_idempotency (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    request BLOB NOT NULL,
    answer BLOB,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX admin_idempotency_by_age ON admin_idempotency (made_at);

-- The clients that know of a session by an ID token and want to be told of its end, with the evidence that decides which sessions end.
CREATE TABLE client_sessions (
    account TEXT NOT NULL,
    sid TEXT NOT NULL,
    client_id TEXT NOT NULL,
    methods TEXT NOT NULL,
    auth_time INTEGER NOT NULL,
    password_set_at INTEGER,
    kept_until INTEGER NOT NULL,
    PRIMARY KEY (account, sid, client_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX client_sessions_kept_until ON client_sessions (kept_until);

-- The ended sessions of which a client has not been told yet. There is no reference to the account: it may be erased meanwhile.
CREATE TABLE logout_deliveries (
    client_id TEXT NOT NULL,
    sid TEXT NOT NULL,
    account TEXT NOT NULL,
    ended_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    PRIMARY KEY (client_id, sid)
) STRICT, WITHOUT ROWID;

CREATE INDEX logout_deliveries_waiting ON logout_deliveries (client_id, not_before);

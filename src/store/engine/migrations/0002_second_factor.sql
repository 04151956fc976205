-- What people prove besides the password.

-- Authenticators. The secret is sealed for the id of its row; last_step only ever grows.
CREATE TABLE factors (
    id TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    parameters TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed_secret BLOB NOT NULL,
    last_step INTEGER,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX factors_by_account ON factors (account);

-- The newest set of recovery codes of an account, as keyed digests; a used one stays until the next set.
CREATE TABLE recovery_codes (
    account TEXT NOT NULL REFERENCES accounts (id),
    code_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (account, code_hash)
) STRICT, WITHOUT ROWID;

-- A code that the help desk reads out: one per account, the newest.
CREATE TABLE invitations (
    account TEXT NOT NULL REFERENCES accounts (id),
    code_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (account)
) STRICT, WITHOUT ROWID;

-- Browsers that need not prove the second factor for a while.
CREATE TABLE remembered_browsers (
    id_hash BLOB NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id),
    policy_generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (id_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX remembered_browsers_by_account ON remembered_browsers (account);

-- When the account was first asked to set up a second factor: the grace period begins once.
ALTER TABLE accounts ADD COLUMN factor_asked_at INTEGER;

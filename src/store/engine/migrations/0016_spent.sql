-- A remembered browser stands for the factor of one generation of its account, and of a password that is not older than
-- the account's. password_as_of: when that password had been set, by the directory's clock; else when it was checked.
ALTER TABLE remembered_browsers ADD COLUMN account_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE remembered_browsers ADD COLUMN password_as_of INTEGER NOT NULL DEFAULT 0;
UPDATE remembered_browsers SET
    account_generation =
        coalesce((SELECT generation FROM accounts WHERE accounts.id = remembered_browsers.account), 0),
    password_as_of = created_at;

-- When the refresh token in force took the place of the one before.
ALTER TABLE grants ADD COLUMN refresh_rotated_at INTEGER;

-- Sign-ins that came to their end: a browser still carries them, and none is finished twice.
CREATE TABLE spent_logins (
    serial TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (serial)
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_logins_by_end ON spent_logins (expires_at);

-- Digests (SHA-256) of the ids of accounts that were erased: none is given to anybody again.
CREATE TABLE purged_ids (
    digest BLOB NOT NULL,
    PRIMARY KEY (digest)
) STRICT, WITHOUT ROWID;

-- The people whom an administrator has locked down, until the suspension ends: what has ended here, which clients had sessions (both as
-- JSON), how often it was ordered, and when every step was confirmed or given up.
CREATE TABLE lock_downs (
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    ordered_by TEXT NOT NULL,
    times INTEGER NOT NULL,
    ended TEXT NOT NULL,
    clients TEXT NOT NULL,
    concluded_at INTEGER,
    PRIMARY KEY (account)
) STRICT, WITHOUT ROWID;

CREATE INDEX lock_downs_open ON lock_downs (at) WHERE concluded_at IS NULL;
CREATE INDEX logout_deliveries_by_account ON logout_deliveries (account);

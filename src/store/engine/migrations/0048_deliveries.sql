-- The services to which accounts and Team Shares are delivered, so that whoever changes an account knows them in the same transaction.
CREATE TABLE delivery_targets (
    target TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (target)
) STRICT, WITHOUT ROWID;

-- The outbox: one row for each person and Team Share at each target. It counts the wishes and holds no events, so what has changed five
-- times is one delivery. known is what the target has confirmed.
CREATE TABLE deliveries (
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    wished INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    urgency INTEGER NOT NULL,
    dirty_since INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    quarantined_at INTEGER,
    words TEXT,
    remote_id TEXT,
    known TEXT NOT NULL,
    PRIMARY KEY (target, kind, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_waiting ON deliveries (target, urgency, kind, dirty_since) WHERE wished > delivered;
CREATE INDEX deliveries_by_remote ON deliveries (target, kind, remote_id);

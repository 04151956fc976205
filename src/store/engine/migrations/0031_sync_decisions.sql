-- What an administrator has decided about a held person, and who has stopped a run.

-- Since when the person would lose exactly this: a decision is about that.
ALTER TABLE held ADD COLUMN what_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE held ADD COLUMN rejected_by TEXT;
ALTER TABLE held ADD COLUMN rejected_at INTEGER;

UPDATE held SET what_since = since;

ALTER TABLE runs ADD COLUMN stopped_by TEXT;

CREATE INDEX conflicts_by_name ON conflicts (directory, login_name, entry);

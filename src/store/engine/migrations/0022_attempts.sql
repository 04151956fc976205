-- The number that a person reads on the page of a refusal, and the row of the trail that stands for it.

CREATE TABLE attempts (
    attempt TEXT NOT NULL,
    bucket BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (attempt, bucket)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_time ON attempts (at);
ALTER TABLE audit DROP COLUMN attempts;

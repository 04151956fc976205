-- How each directory is read, and why not in a better way: as JSON, with the run and as it was found last.

ALTER TABLE runs ADD COLUMN shortfalls TEXT;

CREATE TABLE feeds (
    directory TEXT NOT NULL,
    server TEXT NOT NULL,
    feed TEXT NOT NULL,
    tells_deletions INTEGER NOT NULL,
    shortfalls TEXT NOT NULL,
    probed_at INTEGER NOT NULL,
    PRIMARY KEY (directory)
) STRICT, WITHOUT ROWID;

-- What must be known for good. Runs, changes and the trail are cleaned away after a while, so nothing that decides may be
-- read out of them: 'imported:<directory>' is when the last import that came to its end began, 'accounts_loaded' when
-- accounts were last loaded from a file.
CREATE TABLE facts (
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (name)
) STRICT;

INSERT INTO facts (name, at)
    SELECT 'imported:' || directory, max(started_at) FROM runs WHERE counts IS NOT NULL GROUP BY directory;

-- The run is gone, but the accounts that it saw are there.
INSERT INTO facts (name, at)
    SELECT 'imported:' || directory, max(coalesce(seen_at, created_at)) FROM accounts
    WHERE directory IS NOT NULL AND seen_run IS NOT NULL AND seen_run NOT IN (SELECT id FROM runs)
        AND 'imported:' || directory NOT IN (SELECT name FROM facts)
    GROUP BY directory;

INSERT INTO facts (name, at)
    SELECT 'accounts_loaded', max(at) FROM audit WHERE decision = 'accounts_imported' GROUP BY decision;

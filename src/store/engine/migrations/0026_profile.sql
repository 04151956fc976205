-- Profile attributes beside the names (the table is domain::profile::TABLE), and when a profile was last changed.
ALTER TABLE accounts ADD COLUMN title TEXT;
ALTER TABLE accounts ADD COLUMN department TEXT;
ALTER TABLE accounts ADD COLUMN employee_number TEXT;
ALTER TABLE accounts ADD COLUMN phone_number TEXT;
ALTER TABLE accounts ADD COLUMN locale TEXT;
ALTER TABLE accounts ADD COLUMN profile_changed_at INTEGER;
UPDATE accounts SET profile_changed_at = coalesce(
    (SELECT max(changes.at) FROM changes WHERE changes.account = accounts.id
     AND changes.kind IN ('created', 'linked', 'updated')),
    created_at);

-- Which attributes of people the last full read has requested. Changes alone would not show others.
ALTER TABLE mirror_cursors ADD COLUMN attributes TEXT;

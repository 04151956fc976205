-- Which service is at a target, and what is delivered to it: with another address it is another service, and with other attributes
-- everybody is looked at again. filled_to is the last account of which that is noted; NULL once all are.
ALTER TABLE delivery_targets ADD COLUMN base_url TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery_targets ADD COLUMN delivered TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery_targets ADD COLUMN filled_to TEXT;

-- What the service has announced, and why it gets nothing until an administrator resumes it or its settings change.
ALTER TABLE delivery_targets ADD COLUMN dialect TEXT;
ALTER TABLE delivery_targets ADD COLUMN dialect_read_at INTEGER;
ALTER TABLE delivery_targets ADD COLUMN stopped TEXT;
ALTER TABLE delivery_targets ADD COLUMN stopped_at INTEGER;
ALTER TABLE delivery_targets ADD COLUMN stopped_words TEXT;
ALTER TABLE delivery_targets ADD COLUMN stopped_under TEXT;
ALTER TABLE delivery_targets ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0;

-- Since when the service has not answered as it should, with its last words, and whether that is in the audit log.
ALTER TABLE delivery_targets ADD COLUMN failing_since INTEGER;
ALTER TABLE delivery_targets ADD COLUMN failing_words TEXT;
ALTER TABLE delivery_targets ADD COLUMN away_noted INTEGER NOT NULL DEFAULT 0;

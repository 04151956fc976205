-- What strangers bring about is one row for an hour, an address and a subject, with a count and the ids of its latest attempts.

ALTER TABLE audit ADD COLUMN bucket BLOB;
ALTER TABLE audit ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
ALTER TABLE audit ADD COLUMN last_at INTEGER;
ALTER TABLE audit ADD COLUMN attempts TEXT;
CREATE UNIQUE INDEX audit_by_bucket ON audit (bucket) WHERE bucket IS NOT NULL;

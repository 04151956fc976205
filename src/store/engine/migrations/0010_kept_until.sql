-- Each event of the trail says how long it is kept: what strangers bring about goes sooner. What is there already stays for
-- 400 days, as before.

ALTER TABLE audit ADD COLUMN kept_until INTEGER NOT NULL DEFAULT 0;
UPDATE audit SET kept_until = at + 34560000000;
DROP INDEX audit_by_time;
CREATE INDEX audit_by_end ON audit (kept_until);

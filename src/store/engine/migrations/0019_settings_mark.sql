-- A keyed digest of each version of the settings: a version that was changed by hand is not put in force.

ALTER TABLE settings_versions ADD COLUMN mark BLOB;

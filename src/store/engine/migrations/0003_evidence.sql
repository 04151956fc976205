-- What a sign-in was proven by, beside the password: under which policy, and which password it was.
ALTER TABLE sessions ADD COLUMN policy_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN password_set_at INTEGER;
ALTER TABLE grants ADD COLUMN policy_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN password_set_at INTEGER;

-- When the directory was given the password that holds now, by its own clock.
ALTER TABLE accounts ADD COLUMN password_changed_at INTEGER;

-- The generation of the settings in which the policy of the second factor was last changed.
ALTER TABLE settings_versions ADD COLUMN policy_generation INTEGER NOT NULL DEFAULT 0;

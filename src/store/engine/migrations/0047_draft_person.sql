-- Who has typed a draft, in whatever session: its room is counted by person.
ALTER TABLE admin_drafts ADD COLUMN person TEXT NOT NULL DEFAULT '';
CREATE INDEX admin_drafts_by_person ON admin_drafts (person);

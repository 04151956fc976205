-- The role of the admin who issued a code; NULL for the command line. Whoever issued a code before is not known, so it is the lowest.
ALTER TABLE invitations ADD COLUMN issuer_role TEXT;
UPDATE invitations SET issuer_role = 'help_desk';

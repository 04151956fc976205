-- Which entry an account belonged to before an undo cut its link: what its person set up is for that entry alone.
ALTER TABLE accounts ADD COLUMN linked_before_directory TEXT;
ALTER TABLE accounts ADD COLUMN linked_before_entry TEXT;

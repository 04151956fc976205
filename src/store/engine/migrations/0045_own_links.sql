-- Who has said that the use of a break-glass link was theirs: admins are not warned of it any more.
ALTER TABLE admin_links ADD COLUMN confirmed_by TEXT;

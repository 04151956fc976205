-- The short names of people in directories whose groups list members by them (RFC 2307, memberUid). login: as such a group
-- names the member in mirror_members.
CREATE TABLE mirror_logins (
    directory TEXT NOT NULL,
    login BLOB NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (directory, login, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX mirror_logins_by_id ON mirror_logins (directory, id);

-- When the person must be judged again after due_at: an account may begin and end.
ALTER TABLE mirror_objects ADD COLUMN then_due_at INTEGER;

-- What was read before this version of the schema knows less.
UPDATE mirror_cursors SET owes = 'a newer version of cloudsync-idp reads more of each person' WHERE cursor IS NOT NULL;

-- What the directories look like, object by object: people are judged from here, so that one change costs one change.
-- Ids are the sixteen bytes of the UUID: they stand in every index.

-- path: the normalised name, root first, each level ended by a zero byte, so that a subtree is one range; empty for who is
-- gone. hash: of kind and facts; an object that looks the same is not written. group_sid: a group's own SID, a person's
-- primary group. due_at: when the person must be judged again without any change. dirty: above zero, the person waits to
-- be judged; each reason counts it up, a judgement turns its sign, so that no reason that came meanwhile is lost. Who is new
-- begins with the version of the mirror: people are judged in the order in which their rows lie on the disk.
CREATE TABLE mirror_objects (
    directory TEXT NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    dn TEXT NOT NULL,
    path BLOB NOT NULL,
    hash BLOB NOT NULL,
    mail_key TEXT,
    group_sid TEXT,
    facts TEXT NOT NULL,
    due_at INTEGER,
    in_scope INTEGER,
    scan INTEGER NOT NULL,
    dirty INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    PRIMARY KEY (directory, id),
    CHECK (kind IN ('person', 'group', 'container'))
) STRICT;

CREATE INDEX mirror_objects_by_path ON mirror_objects (directory, path);
CREATE INDEX mirror_objects_by_mail ON mirror_objects (directory, mail_key) WHERE mail_key IS NOT NULL;
CREATE INDEX mirror_objects_by_sid ON mirror_objects (directory, group_sid) WHERE group_sid IS NOT NULL;
CREATE INDEX mirror_objects_dirty ON mirror_objects (directory, dirty, id) WHERE dirty > 0;
CREATE INDEX mirror_objects_due ON mirror_objects (directory, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mirror_objects_groups ON mirror_objects (directory, id) WHERE kind = 'group';

-- Who is a direct member. member: the id of the object, or the path of its name where the directory lists names.
CREATE TABLE mirror_members (
    directory TEXT NOT NULL,
    group_id BLOB NOT NULL,
    member BLOB NOT NULL,
    PRIMARY KEY (directory, group_id, member)
) STRICT, WITHOUT ROWID;

CREATE INDEX mirror_members_by_member ON mirror_members (directory, member, group_id);

-- How far each directory has been read. version counts the writing transactions: who comes with an old one has lost the
-- lease to somebody else.
CREATE TABLE mirror_cursors (
    directory TEXT NOT NULL,
    version INTEGER NOT NULL,
    cursor TEXT,
    caught_up_at INTEGER,
    scanned_at INTEGER,
    scan INTEGER NOT NULL,
    scanning INTEGER NOT NULL,
    scan_cursor TEXT,
    scan_seen INTEGER NOT NULL,
    scan_started_at INTEGER,
    judged_by TEXT,
    groups_stale INTEGER NOT NULL,
    PRIMARY KEY (directory)
) STRICT;

-- What pages of the panel count and search in large stores.
CREATE INDEX accounts_active ON accounts (directory) WHERE status = 'active';
CREATE INDEX mirror_objects_people ON mirror_objects (directory) WHERE kind = 'person' AND gone = 0;
CREATE INDEX changes_by_kind ON changes (kind, id);

-- Nearly every event has the same directory, and each sign-in had to write this index.
DROP INDEX audit_by_directory;

-- The certificates that each server of a directory has sent last, its own first: to warn before they expire.

CREATE TABLE directory_certificates (
    directory TEXT NOT NULL,
    server TEXT NOT NULL,
    place INTEGER NOT NULL,
    subject TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (directory, server, place)
) STRICT, WITHOUT ROWID;

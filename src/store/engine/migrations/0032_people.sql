-- The words under which people are found, each by its beginning: compared byte by byte, so that a beginning is
-- a range. And what the audit log is filtered by.
CREATE TABLE account_words (
    word TEXT COLLATE BINARY NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    is_name INTEGER NOT NULL,
    PRIMARY KEY (word, account)
) STRICT, WITHOUT ROWID;

CREATE INDEX account_words_by_account ON account_words (account, word);

CREATE INDEX audit_by_decision ON audit (decision, id);
CREATE INDEX audit_by_actor ON audit (actor, id) WHERE actor IS NOT NULL;
CREATE INDEX audit_by_directory ON audit (directory, id) WHERE directory IS NOT NULL;

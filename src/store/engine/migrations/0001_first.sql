-- Written in SQLite's words; `migrations.rs` says the few of them that PostgreSQL calls otherwise.
-- Times are milliseconds since the epoch and come from the process, never from the database.

-- Every version of the settings. The newest is in force; its number is the settings' generation.
CREATE TABLE settings_versions (
    generation INTEGER NOT NULL,
    document TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (generation)
) STRICT;

-- Counters that tell a cache in another process that its copy is old: 'keys', 'groups:<directory>'.
CREATE TABLE generations (
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (name)
) STRICT;

INSERT INTO generations (name, value) VALUES ('keys', 0);

CREATE TABLE accounts (
    id TEXT NOT NULL,
    directory TEXT,
    entry TEXT,
    sid TEXT,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    name TEXT,
    given_name TEXT,
    family_name TEXT,
    login_name TEXT,
    status TEXT NOT NULL,
    suspended_because TEXT,
    suspended_since INTEGER,
    expires_at INTEGER,
    generation INTEGER NOT NULL,
    seen_at INTEGER,
    seen_run INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT accounts_one_per_email UNIQUE (email_key),
    CONSTRAINT accounts_one_per_entry UNIQUE (directory, entry),
    CHECK (status IN ('active', 'suspended')),
    CHECK ((directory IS NULL) = (entry IS NULL))
) STRICT;

CREATE TABLE sessions (
    id_hash BLOB NOT NULL,
    sid TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id),
    methods TEXT NOT NULL,
    auth_time INTEGER NOT NULL,
    account_generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (id_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_account ON sessions (account);

-- A family of tokens; or, where only id, expires_at and revoked_at are set, the tombstone of a code that was replayed
-- before its exchange was written: the primary key keeps the late exchange out.
CREATE TABLE grants (
    id TEXT NOT NULL,
    client_id TEXT,
    sid TEXT,
    account TEXT REFERENCES accounts (id),
    scope TEXT,
    methods TEXT,
    auth_time INTEGER,
    account_generation INTEGER,
    created_at INTEGER,
    expires_at INTEGER NOT NULL,
    refresh_hash BLOB,
    refresh_expires_at INTEGER,
    revoked_at INTEGER,
    groups TEXT,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- Every index costs each login a page: what is wanted by sid is found by its account.
CREATE INDEX grants_by_account ON grants (account);

CREATE TABLE directory_groups (
    directory TEXT NOT NULL,
    id TEXT NOT NULL,
    dn TEXT NOT NULL,
    sid TEXT,
    name TEXT NOT NULL,
    security INTEGER NOT NULL,
    parents TEXT NOT NULL,
    PRIMARY KEY (directory, id)
) STRICT;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    directory TEXT NOT NULL,
    trigger_word TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    counts TEXT,
    error TEXT
) STRICT;

CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    run INTEGER,
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    why TEXT
) STRICT;

CREATE INDEX changes_by_account ON changes (account, id);

CREATE TABLE conflicts (
    directory TEXT NOT NULL,
    entry TEXT NOT NULL,
    login_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    email TEXT,
    taken_by TEXT,
    since INTEGER NOT NULL,
    seen_run INTEGER,
    PRIMARY KEY (directory, entry)
) STRICT;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    decision TEXT NOT NULL,
    attempt_id TEXT,
    account TEXT,
    directory TEXT,
    client_id TEXT,
    address TEXT,
    cause TEXT,
    detail TEXT
) STRICT;

CREATE INDEX audit_by_attempt ON audit (attempt_id);
CREATE INDEX audit_by_account ON audit (account, id);

CREATE TABLE signing_keys (
    kid TEXT NOT NULL,
    alg TEXT NOT NULL,
    state TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    sealed_private BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    state_since INTEGER NOT NULL,
    PRIMARY KEY (kid),
    CHECK (state IN ('next', 'current', 'retired'))
) STRICT;

CREATE UNIQUE INDEX signing_keys_one_next ON signing_keys (alg) WHERE state = 'next';
CREATE UNIQUE INDEX signing_keys_one_current ON signing_keys (alg) WHERE state = 'current';

CREATE TABLE leases (
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    held_until INTEGER NOT NULL,
    PRIMARY KEY (name)
) STRICT;

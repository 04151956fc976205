-- The agents that dial out to this provider from behind a firewall: for which directory, with which key, and what each may reach by its
-- own list (a JSON list of texts). An agent that was invited has a code, of which the digest is kept, until it enrols.
CREATE TABLE agents (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    directory TEXT NOT NULL,
    invited_at INTEGER NOT NULL,
    code_hash BLOB,
    code_until INTEGER NOT NULL,
    public_key BLOB,
    enrolled_at INTEGER,
    key_at INTEGER,
    targets TEXT NOT NULL,
    gone_at INTEGER,
    gone_why TEXT,
    revoked_at INTEGER,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- A name means one agent that may connect.
CREATE UNIQUE INDEX agents_by_name ON agents (name) WHERE revoked_at IS NULL;

-- The connections of agents to the nodes, as each node last noted its own.
CREATE TABLE agent_tunnels (
    agent TEXT NOT NULL,
    node TEXT NOT NULL,
    host TEXT NOT NULL,
    version TEXT NOT NULL,
    address TEXT NOT NULL,
    since INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    streams INTEGER NOT NULL,
    bytes_sent INTEGER NOT NULL,
    bytes_received INTEGER NOT NULL,
    rtt_ms INTEGER NOT NULL,
    PRIMARY KEY (agent, node)
) STRICT, WITHOUT ROWID;

-- Which objects the DNs of the settings turned out to mean, and where these are now: a rename or a move changes nothing.
CREATE TABLE scope_pins (
    directory TEXT NOT NULL,
    kind TEXT NOT NULL,
    configured TEXT NOT NULL,
    entry TEXT NOT NULL,
    dn TEXT NOT NULL,
    gone_since INTEGER,
    PRIMARY KEY (directory, kind, configured)
) STRICT, WITHOUT ROWID;

-- Memberships of Team Shares, each kept by the group whose mapping made it: somebody may have one by several groups.
CREATE TABLE share_memberships (
    account TEXT NOT NULL REFERENCES accounts (id),
    directory TEXT NOT NULL,
    group_entry TEXT NOT NULL,
    team_share TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (account, directory, group_entry, team_share)
) STRICT, WITHOUT ROWID;

CREATE INDEX share_memberships_by_share ON share_memberships (team_share, account);
CREATE INDEX share_memberships_by_group ON share_memberships (directory, group_entry);

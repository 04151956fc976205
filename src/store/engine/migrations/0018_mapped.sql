-- Which entry an account that CloudSync already had belongs to, as an administrator has said by its id, until it is linked.
CREATE TABLE mapped_accounts (
    account TEXT NOT NULL,
    to_directory TEXT NOT NULL,
    to_entry TEXT NOT NULL,
    PRIMARY KEY (account)
) STRICT;

CREATE UNIQUE INDEX mapped_accounts_entry ON mapped_accounts (to_directory, to_entry);

-- That accounts were loaded once let the next import link them by their mails. It does no more.
DELETE FROM facts WHERE name = 'accounts_loaded';

-- A revert notes the entry of an account whose link it cuts since version 23. For earlier reverts the history has it.
UPDATE accounts SET
    linked_before_directory = (
        SELECT changes.directory FROM changes
        WHERE changes.account = accounts.id AND kind = 'unlinked' AND changes.directory IS NOT NULL AND before IS NOT NULL
        ORDER BY changes.id DESC LIMIT 1
    ),
    linked_before_entry = (
        SELECT json_extract(before, '$.entry') FROM changes
        WHERE changes.account = accounts.id AND kind = 'unlinked' AND changes.directory IS NOT NULL AND before IS NOT NULL
        ORDER BY changes.id DESC LIMIT 1
    )
WHERE accounts.directory IS NULL AND linked_before_entry IS NULL AND EXISTS (
    SELECT 1 FROM changes
    WHERE changes.account = accounts.id AND kind = 'unlinked' AND changes.directory IS NOT NULL AND before IS NOT NULL
);

-- The page of a plan lists its changes by kind, and counts the accounts that would lose something.
CREATE INDEX plan_rows_by_kind ON plan_rows (plan, kind, seq);

CREATE INDEX plan_rows_of_losers ON plan_rows (plan, account) WHERE kind IN ('suspended', 'share_left');

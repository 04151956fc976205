-- What the clean-up looks for every few minutes, in tables that grow with use. Sessions go without: their times change
-- with each use, and an index would cost each use a page.

CREATE INDEX grants_by_end ON grants (expires_at);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX changes_by_time ON changes (at);

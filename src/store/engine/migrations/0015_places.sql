-- Where a session or a remembered browser is, for its owner to recognise it: names from a list of ours, and the network.
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN system TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN network TEXT NOT NULL DEFAULT '';

ALTER TABLE remembered_browsers ADD COLUMN system TEXT NOT NULL DEFAULT '';
ALTER TABLE remembered_browsers ADD COLUMN network TEXT NOT NULL DEFAULT '';

-- The label was what the browser had sent; from here on it is the browser's name.
UPDATE remembered_browsers SET
    label = CASE
        WHEN label LIKE '%Edg%' THEN 'Edge'
        WHEN label LIKE '%OPR/%' THEN 'Opera'
        WHEN label LIKE '%SamsungBrowser/%' THEN 'Samsung Internet'
        WHEN label LIKE '%Firefox/%' OR label LIKE '%FxiOS/%' THEN 'Firefox'
        WHEN label LIKE '%Chrome/%' OR label LIKE '%CriOS/%' THEN 'Chrome'
        WHEN label LIKE '%Safari/%' THEN 'Safari'
        ELSE ''
    END,
    system = CASE
        WHEN label LIKE '%Windows%' THEN 'Windows'
        WHEN label LIKE '%iPhone%' THEN 'iPhone'
        WHEN label LIKE '%iPad%' THEN 'iPad'
        WHEN label LIKE '%Android%' THEN 'Android'
        WHEN label LIKE '%CrOS%' THEN 'ChromeOS'
        WHEN label LIKE '%Mac OS X%' THEN 'macOS'
        WHEN label LIKE '%Linux%' THEN 'Linux'
        ELSE ''
    END;

-- What a read owes though its cursor has moved on. owes: why everything must be read, if nothing else mends it.
-- strays_due: 1 while accounts that the mirror does not have are still to be looked at.
ALTER TABLE mirror_cursors ADD COLUMN owes TEXT;
ALTER TABLE mirror_cursors ADD COLUMN strays_due INTEGER NOT NULL DEFAULT 0;

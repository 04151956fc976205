-- The run of the sync that a task has begun: none while it waits for another run of the directory.
ALTER TABLE admin_tasks ADD COLUMN run INTEGER;

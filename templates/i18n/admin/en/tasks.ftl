## Long work, which goes on without the browser

task-read-directory = Read the directory
task-plan = Plan the sync
task-apply-plan = Apply a plan
task-sync = Sync now
task-sync-person = Sync one person
task-approve-held = Take what the guard holds
task-revert = Revert a run
task-waiting = Waiting for a node
    .directory = Waiting until other work on this directory is done
task-running = Running
task-stopping = Stopping
task-done = Done
task-failed = Failed
task-stopped = Stopped
    .what = What was done until then stays. Nothing was taken back.
task-live = State
    .what = You can close this page: the work goes on, and this address shows it again.
    .ordered = Ordered by { $by }, { $when }
    .people = { $count ->
        [one] 1 person
       *[other] { $count } people
    }
    .people-of = { $count } of { $of } people
    .rate = { $count } a second
    .seconds-left = { $count ->
        [one] about 1 second left
       *[other] about { $count } seconds left
    }
    .minutes-left = { $count ->
        [one] about 1 minute left
       *[other] about { $count } minutes left
    }
    .no-refresh = Stop refreshing this page
    .stop = Stop it
    .stop-what = What is done already stays. You can start it again at any time.
task-nothing-to-do = There was nothing to do.
task-run = Everything is in the Sync Log as run { $run }.
task-takes = { $count ->
    [0] Nobody would lose anything.
    [one] 1 person would lose something.
   *[other] { $count } people would lose something.
}
task-plan-changed = { $count ->
    [one] Nothing was done: 1 person has changed since the plan was made. Make a new plan.
   *[other] Nothing was done: { $count } people have changed since the plan was made. Make a new plan.
}
task-approved = { $count ->
    [one] Taken from 1 person.
   *[other] Taken from { $count } people.
}
task-approved-partly = { $left ->
    [one] Taken from { $count }. 1 person would lose something else by now: look at the Sync Log again.
   *[other] Taken from { $count }. { $left } people would lose something else by now: look at the Sync Log again.
}
task-nobody = The directory has nobody of this name.
task-seen = Seen
task-created = Accounts created
task-linked = Accounts linked
task-updated = Accounts updated
task-suspended = Accounts suspended
task-reactivated = Accounts reactivated
task-shares-joined = Team Share memberships added
task-shares-left = Team Share memberships removed
task-conflicts = Conflicts
task-held = Held by the guard

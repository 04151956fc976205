## Sync Log

sync-log = Sync Log
    .person = Person
    .person-hint = Login name, email address or account id, also earlier ones
    .directory = Directory
    .all = All directories
    .show = Show
    .all-runs = Show all runs
    .paused = The sync is paused
    .stop = Stop this run and pause the sync
    .held-what = More people than the guard allows would lose something within a day. Until you decide, nothing changes for them.
    .approve = Suspend or remove the selected people
    .reject = Change nothing for the selected people
    .runs = Runs
    .no-runs = Nothing is recorded here. A run appears as soon as it changes something or fails.
    .changes = Changes
    .no-changes = This run changed no account.
    .sync-now = Sync now
    .revert-what = Accounts and Team Shares become again what they were before this run. The sync is paused then.
    .export = Download
    .export-what = All changes that match the conditions.
    .kind = Kind
    .all-kinds = All kinds
    .failed-runs = Failed runs
    .run = Number of the run
    .from = From
    .until = Until
    .time-hint = A date, or a date with time in UTC
    .pause = Pause the sync
    .resume = Resume the sync
    .more = More
    .since = Since
    .would-lose = Would lose
    .fix = What to do
    .runs-caption = Runs; the first column leads to the other order
    .result = Result
    .lasted = Duration
    .start = First page
sync-log-run = Run { $number }
sync-log-running = In progress
sync-log-done = Done
sync-log-failed = Failed
sync-log-progress = { $people } of { $of } people
sync-log-progress-open = { $people } people
sync-log-speed = { $rate } a second, about { $minutes } min left
sync-log-created = { $count ->
        [one] 1 account created
       *[other] { $count } accounts created
    }
sync-log-linked = { $count ->
        [one] 1 account linked
       *[other] { $count } accounts linked
    }
sync-log-updated = { $count ->
        [one] 1 account updated
       *[other] { $count } accounts updated
    }
sync-log-suspended = { $count ->
        [one] 1 account suspended
       *[other] { $count } accounts suspended
    }
sync-log-reactivated = { $count ->
        [one] 1 account reactivated
       *[other] { $count } accounts reactivated
    }
sync-log-shares-joined = { $count ->
        [one] 1 membership of a Team Share added
       *[other] { $count } memberships of Team Shares added
    }
sync-log-shares-left = { $count ->
        [one] 1 membership of a Team Share removed
       *[other] { $count } memberships of Team Shares removed
    }
sync-log-with-conflict = { $count ->
        [one] 1 person with a conflict
       *[other] { $count } people with a conflict
    }
sync-log-newly-held = { $count ->
        [one] 1 person held by the guard
       *[other] { $count } people held by the guard
    }
sync-log-loses-account = The account would be suspended ({ $why })
sync-log-loses-shares = Would leave the Team Shares { $shares }
sync-log-rejected = Keeps everything by the decision of { $by }
sync-log-decided = { $count ->
        [one] Done for 1 person.
       *[other] Done for { $count } people.
    }
sync-log-decided-partly = Done for { $count }. For { $left } nothing was done, because they would lose something else by now.
sync-log-stopped = The run stops after the current page of people. The sync is paused until it is resumed.
sync-log-not-running = No run is in progress that could be stopped.
sync-log-paused = The sync is paused. Nobody gets or loses an account until it is resumed.
sync-log-resumed = The sync is resumed.
sync-log-unchanged = It was so already.
sync-log-time = The time cannot be read
    .what = Write a date such as 2027-01-31, or a date with time such as 2027-01-31T08:00:00Z.
sync-log-take = { $count ->
        [one] Suspend or remove 1 person as shown
       *[other] Suspend or remove { $count } people as shown
    }
sync-log-keep = { $count ->
        [one] Change nothing for 1 person
       *[other] Change nothing for { $count } people
    }
sync-log-revert = { $count ->
        [one] Revert this run for 1 account
       *[other] Revert this run for { $count } accounts
    }

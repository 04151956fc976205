## Sync Settings

sync-settings = Sync Settings
    .what = Choose who of a directory gets an account, how often it is read, and how much one day may change.
    .no-directory = No directory is configured yet. Configure one first.
    .state = State
    .read = Last read
    .initial = Initial sync
    .not-imported = Not run yet
    .read-first = The directory was not read yet, so there is no tree to choose from. Reading it changes no account.
    .read-now = Read the directory
    .run-initial = Run Initial Sync
    .plan = Plan a sync
    .plan-hint = It runs with the saved settings, and makes a plan first: nothing changes before you apply it.
    .choose-first = Once OUs or groups are selected and saved, Run Initial Sync is here.
    .units = Organizational units
    .units-hint = Everybody in a selected OU or group gets an account, except for who is excluded. An exclusion always wins.
    .no-units = The tree appears once the directory was read.
    .other-units = Also chosen
    .nothing = not chosen
    .subtree = sync with everything below
    .one-level = sync only this level
    .exclude = exclude with everything below
    .unknown = not found in the directory
    .open = Open { $name }
    .close = Close { $name }
    .left-out = { $count ->
            [one] 1 more OU is not shown. Enter its name below.
           *[other] { $count } more OUs are not shown. Enter their names below.
        }
    .groups = Groups
    .excluded-units = Excluded organizational units
    .excluded-groups = Excluded groups
    .groups-hint = Members of nested groups count too. Search for a group to select it, exclude it, or map it to a Team Share.
    .search = Search groups
    .find = Search
    .sync-members = sync the members
    .exclude-members = exclude the members
    .map = map to a Team Share
    .mapped = mapped to { $share }
    .mapped-unnamed = mapped to a Team Share without a name: type it below
    .by-name = By name
    .dn = Distinguished name
    .dn-hint = For an OU or a group that is not shown above, such as OU=Sales,DC=example,DC=com.
    .dn-as = Use it as
    .as-subtree = OU with everything below
    .as-one-level = OU, only this level
    .as-excluded = excluded OU
    .as-group = group
    .as-excluded-group = excluded group
    .add = Add
    .shares = Team Shares
    .shares-hint = Members of a mapped group who get an account become members of its Team Share. Type each name exactly as in CloudSync.
    .share = Name of the Team Share
    .drop = Remove this mapping
    .no-shares = No group is mapped. Search for a group above and choose to map it.
    .schedule = Schedule
    .frequency = Frequency
    .realtime = Real-time (recommended)
    .hourly = Hourly
    .daily = Daily
    .guard = Guard
    .guard-hint = If more people than this would lose their account or a Team Share within a day, the rest waits for your decision.
    .preview = See who would be in and who not
    .merged = Nothing was saved yet. The form below has what you have chosen, and what somebody else has saved since you opened it.
    .contested = Both of you have changed this. The form has yours: change it there if theirs is right.
    .stale = If you save the form now, this changes:
    .stored-now = Stored now
    .in-form = In the form
sync-settings-unsaved = Your choices are not saved yet
    .what = Nothing was started: it would run with the settings that were saved before. Save first; what you have chosen is kept below.
sync-settings-people = { $count ->
        [one] 1 person
       *[other] { $count } people
    }
    .disabled = { $count ->
            [one] 1 person
           *[other] { $count } people
        }, { $disabled } disabled
sync-settings-found = { $count ->
        [0] No further group found
        [one] 1 further group found
       *[other] { $count } further groups found
    }
sync-settings-filter = Filter
    .what = An LDAP filter that people must match as well. Leave it empty for none.
sync-settings-frequency = Frequency
    .what = How often the directory is read.
sync-settings-at = Time of day
    .what = With Daily: hours and minutes, such as 02:30.
sync-settings-zone = Time zone
    .what = With Daily: the name of the zone, such as Europe/Berlin.
sync-settings-guard-people = People a day
    .what = At most so many people may lose something within 24 hours.
sync-settings-guard-percent = Percent a day
    .what = The same limit as a percentage of the people. The smaller one counts; three people are always allowed.
sync-settings-log-days = Days to keep the log
    .what = How long runs and changes are kept.

## Preview and plan

sync-preview = Preview
    .summary = Lets { $in ->
            [one] 1 person
           *[other] { $in } people
        } in, suspends { $out }
    .what = Counted with these settings and what was last read of the directory. Nothing is saved.
    .failed = The preview failed
    .changed = The directory has changed while this was counted. Count again for exact numbers.
    .orphaned = { $count ->
            [one] 1 account has no entry in what was read. What becomes of it is not counted here.
           *[other] { $count } accounts have no entry in what was read. What becomes of them is not counted here.
        }
    .kind = { $kind }: { $count }
    .range = { $first } to { $last } of { $all }
    .before = Those before
    .next = Show more
sync-preview-filter = The filter is new
    .what = Who matches it is known only after the directory was read with it. The numbers above ignore it.
sync-unit = Sync { $unit }
    .what = Everybody in this OU and below it gets an account from now on, except for who is excluded.
sync-plan = Plan
    .what = Exactly this plan is carried out, or nothing at all if people have changed since.
    .applied = This plan was applied
    .look = Look at the plan
    .nothing = A sync would change nothing.
    .none = The plan has no such changes.
    .apply = Apply: { $in } get in, { $takes } lose something
    .all = { $count ->
        [one] Show the change
       *[other] Show all { $count }
    }
sync-plan-old = The settings have changed
    .what = They are no longer those that this plan was made with. Make a new plan to be sure.
sync-plan-beyond = More than the guard allows
    .what = { $count ->
            [one] 1 person is beyond the limit of the guard. Applying the plan overrules it.
           *[other] { $count } people are beyond the limit of the guard. Applying the plan overrules it.
        }
changes =
    .caption = Changes to accounts
    .what = What happens
    .values = Before → after
change-created = Account created
change-linked = Account linked
change-unlinked = Account unlinked
change-handed-over = Account handed over
change-updated = Account updated
change-suspended = Account suspended
change-reactivated = Account reactivated
change-share-joined = Team Share joined
change-share-left = Team Share left

## Troubleshooting

not-syncing = Users not syncing
    .what = What keeps people from being synced, as it is now.
    .person = Is it about one person?
    .person-hint = Name, login name or email address. The page of the person shows which condition is not met.
    .look = Look up this person
    .nothing = Nothing keeps people from being synced
    .found = { $count ->
            [one] 1 cause found
           *[other] { $count } causes found
        }
    .read = Last read
obstacle-nothing-selected = No OU and no group is selected
    .next = Select the OUs or groups whose people get an account.
obstacle-waits = The initial sync was not run yet
    .next = Run Initial Sync. It shows a plan first.
obstacle-never = The initial sync is not completed
    .next = Run Initial Sync, or wait for the run that is in progress.
next-paused = Fix the cause, then resume the sync in the Sync Log.
next-failed = The Sync Log shows the error of each run.
obstacle-late = The directory was not read for longer than its schedule says
    .next = Check in the Overview whether the servers of the directory answer.
next-held = Decide in the Sync Log whether they lose it.
next-conflicts = The Sync Log says for each of them what to fix.
obstacle-empty = Nobody was found in a selected OU or group
    .next = Confirm that the service account may read it and the people in it, and that it is not empty.
slow-sync = Sync is slow
    .what = How each directory is read, and how long it takes.
    .initial = The initial sync reads everything and creates every account. Large directories take some minutes; later runs read only what has changed.
    .full = This server reports no changes, so each run reads everything. What follows says what it lacks.
    .by-changes = Only what has changed is read, so a run takes seconds.
    .size = Size
    .bundle = Contact support and send the support bundle. It contains no secrets.
    .runs = The latest runs
    .run = Run
    .lasted = Duration
    .seen = What was read
    .changes-only = only changes
    .minutes = { $count } min
    .seconds = { $count } s

## Set-up

set-up = Set-up
    .what = From nothing to the first sign-in. Each step is done on its own page; come back here afterwards.
    .done = Done
    .next = Next
    .later = Later
    .optional = If you like
    .go = Go to
    .look = Look at
set-up-complete = Everything is set up
    .what = People can sign in. You can change every step at any time.
set-up-directory = Directory
    .what = Connect Active Directory or another LDAP directory with a service account that reads it.
set-up-line = step { $number } of { $count }, { $title }
    .next = next:
set-up-read = Read the directory
    .what = Reading changes no account. Then the OUs and groups can be chosen in Sync Settings.
set-up-scope = Who is synced
    .what = Select the OUs and groups whose people get an account. See who would be in before you save.
set-up-initial-sync = Initial sync
    .what = Run Initial Sync: look at the plan, and apply it. From then on changes are synced by the schedule.
set-up-cloudsync = CloudSync
    .what = Add CloudSync as an application, and paste what the last page shows into it.
set-up-second-factor = Second factor
    .what = Decide who needs one to sign in. Without a decision everybody may set up one.
set-up-test = Test
    .what = Sign in once as a person of the directory.
set-up-owners = Owners
    .what = Name the group whose members own this panel; they need an account, so they must be synced. Then open your own account under People and issue a code, and sign in to this panel in another browser: the first sign-in asks for the code. This step is done once an owner has entered. Until then only a link from the server leads in.

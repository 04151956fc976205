## Overview

overview = Overview
    .decisions = Waiting for a decision
    .no-decisions = Nothing is waiting. Held people, conflicts and failures of the sync appear here.
    .directories = Directories
    .no-directories = No directory is connected yet. Set one up:
    .sync = Sync
    .feed = Changes
    .no-feed = not read yet
    .caught-up = Up to date
    .never = never
    .accounts = Active accounts
    .of-people = { $count ->
        [one] of 1 person in the directory
       *[other] of { $count } people in the directory
    }
    .waiting = People still to be evaluated
    .servers = Servers, as this process sees them
    .server = Server
    .state = State
    .system = System
    .process = This process
    .part = Part
    .nodes = Running processes
    .host = Machine
    .reported = Last report
    .sign-ins = Sign-ins and refusals, last 24 hours
    .let-in = Let in
    .refused = Refused
    .numbers = Numbers
    .by-hour = By hour, in UTC
    .hour = Hour
    .causes = Why sign-ins were refused
    .no-refusals = Nobody was refused in the last 24 hours.
    .last-day = Refusals of the last 24 hours, the most frequent cause first
    .cause = Cause
    .times = Times
    .lag = How far the sync was behind
    .enrolment = Second factors
    .who-not = Show who has none
    .state-factor = Second factor
    .people = People
    .has-factor = Has one
    .has-none = Has none
    .counted = People with an active account, counted in the hour from { $at } (UTC)
    .causes-by-hour = Refusals by hour (UTC) and cause
    .not-counted = Not counted yet; this takes a minute after the start.
overview-good = Works
overview-bad = Needs attention
overview-unknown = Not checked
overview-running = running now
overview-database = Database
    .next = Check that the database is running and can be reached from this machine.
overview-memory = Short-lived state of sign-ins: memory of this process
    .next = Check the memory of this machine.
overview-redis = Short-lived state of sign-ins: Redis
    .next = Nobody can sign in while it is away. Check that Redis is running, that this machine reaches it, and the password in the configuration.
overview-settings = Stored settings
    .next = They cannot be applied. The log of this process says why.
overview-jobs = Background jobs
    .next = One keeps failing. The log of this process says which one and why.
overview-server-first = In use
overview-server-ready = Ready
overview-server-paused = Paused after failures
overview-server-trial = To be tried again
overview-realtime = Real-time
overview-hourly = Hourly
overview-daily = Daily at { $at } ({ $zone })
decision-held = { $count ->
        [one] The guard holds 1 person
       *[other] The guard holds { $count } people
    }
    .next = Decide about them in the Sync Log
decision-conflicts = { $count ->
        [one] 1 person has a conflict
       *[other] { $count } people have a conflict
    }
    .next = See the conflicts and their fix
decision-paused = The sync is paused
    .next = Look at the pause in the Sync Log
decision-failed = The last sync failed
    .next = Find out why users are not syncing
decision-not-imported = The initial sync has not been completed
    .next = Run the initial sync
decision-slow = { $count ->
        [one] The initial sync has been running for 1 minute
       *[other] The initial sync has been running for { $count } minutes
    }
    .next = Find out why the sync is slow
decision-unknown-group = A group that should give a role was not found, so it gives none
    .next = Check the groups of administrators
decision-certificate = { $count ->
        [0] A certificate expires today: from then on nobody can sign in by this server
        [one] A certificate expires in 1 day: from then on nobody can sign in by this server
       *[other] A certificate expires in { $count } days: from then on nobody can sign in by this server
    }
    .over = A certificate has expired: nobody can sign in by this server
    .next = Check the connection of the directory
decision-old-secret = { $count ->
        [0] The old secret of this application ends today
        [one] The old secret of this application ends in 1 day
       *[other] The old secret of this application ends in { $count } days
    }
    .next = Look at the application
decision-approvals = { $count ->
        [one] 1 request waits for your approval
       *[other] { $count } requests wait for your approval
    }
    .next = Decide about the requests
decision-chain-broken = The audit log was changed outside of this program
    .next = Look at the check of the audit log
decision-service-stopped = Nothing is delivered to this service: it is stopped
    .next = Look at the service
decision-service-away = This service has not answered for a while
decision-quarantined = { $count ->
        [one] This service refuses 1 person or Team Share
       *[other] This service refuses { $count } people and Team Shares
    }
overview-seconds = { $count } s
overview-minutes = { $count } min
overview-hours = { $count } h
overview-enrolled = { $count } of { $all } people with an active account have a second factor.
cause-sso-enabled = Single sign-on is off
cause-found = Unknown name
cause-bound = Wrong password
cause-enabled = Disabled in the directory
cause-not-expired = Expired in the directory
cause-password-allowed = Smart card required
cause-not-locked = Locked in the directory
cause-password-usable = Password must be changed
cause-in-scope = Not in the sync scope
cause-mail-present = No email address
cause-account-exists = No account
cause-mail-matches = Another email address
cause-not-suspended = Account suspended
cause-throttled = Too many attempts
cause-second-factor = Second factor refused
cause-undecided = The directory did not answer
cause-other = Another cause

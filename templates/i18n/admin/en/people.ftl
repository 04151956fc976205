## People, help desk and audit log

people = People
    .search = Search
    .hint = The beginning of a name, login name, email address or account id; of several words each
    .button = Search
    .found = Result
    .start = Type a name to find a person, among everybody with an account.
    .nobody = Nobody matches.
    .nobody-next = Who has no account yet is not listed: a sync creates accounts. The directory says why somebody has none.
    .ask = Ask the directory about “{ $name }”
    .caption = People who match
    .name = Name
    .login = Login name
    .email = Email address
    .state = Account
    .directory = Directory
    .not-linked = not linked
    .more = Next page
status-active = Active
status-ended = Expired
status-suspended = Suspended
status-out-of-scope = Suspended: not in the sync scope
status-disabled = Suspended: disabled in the directory
status-expired = Suspended: expired in the directory
status-admin = Suspended here
status-undone = Suspended: a sync run was reverted
person = Account
    .id = Account id
    .since = Suspended
    .expires = Expires
    .confirmed = Confirmed by the directory
    .not-confirmed = not since the last change
    .held = The guard holds a change of this person. Decide here:
    .shares = Team Shares
    .no-shares = No Team Share.
    .deliveries = Services
    .actions = Help this person
delivery-delivered = Delivered
delivery-absent = Not there
    .other-directory = It takes nobody of this directory.
    .not-linked = The account belongs to no entry of a directory yet.
    .suspended = Whoever is suspended is not created.
    .not-noted = The first delivery has not come to this person yet.
delivery-waiting = Waiting
delivery-quarantined = Quarantined
delivery-seconds = { $count } s ago
person-unknown = No such account
    .what = There is no account with this id. It may have been erased.
person-live = Can this person sign in?
    .what = The directory is asked for the entry, the groups and the state of the account. No password is needed.
    .ask = Ask the directory now
    .again = Ask again
    .not-linked = The account is not linked to an entry of a directory, so nobody can sign in with it yet. The next sync links it.
    .failed = The directory did not answer.
    .gates = What a sign-in checks, in this order
    .gate = Check
    .verdict = Result
    .entry = Entry
    .shares = Team Shares, and the groups that lead to them
    .stored-yes = As stored, nothing keeps this person out.
    .stored-no = No. { $why }
person-can-sign-in = Yes, with the right password.
person-refused = No.
gate-sso-enabled = Single sign-on is on
gate-found = Exactly one entry has the name
gate-bound = The directory accepts the password
gate-enabled = The entry is enabled
gate-not-expired = The entry has not expired
gate-password-allowed = A password is allowed, no smart card is required
gate-not-locked = The entry is not locked
gate-password-usable = The password need not be changed first
gate-in-scope = The entry is in the sync scope
gate-mail-present = The entry has an email address
gate-account-exists = There is an account
gate-mail-matches = The email address is that of the account
gate-not-suspended = The account is not suspended
gate-passed = Passed
gate-failed = Failed
gate-not-tried = Not checked
share-stays = member
share-joins = the next sync adds it
share-leaves = the next sync removes it
attempts = Recent attempts
    .none = No attempt in the audit log.
    .caption = The last attempts, the newest first
    .when = When
    .result = Result
    .address = Address
    .code = Support code
attempt-good = Let in
attempt-refused = Refused
person-factors = Second factors
    .none = No second factor.
    .since = added
    .used = used
    .codes = { $count ->
        [0] No recovery codes left
        [one] 1 recovery code left
       *[other] { $count } recovery codes left
    }
    .invited = A code of the help desk is valid until the time shown:
person-sessions = Sessions
    .none = Not signed in.
    .signed-in = Signed in
    .used = used
    .clients = { $count ->
        [one] Applications hold 1 refresh token.
       *[other] Applications hold { $count } refresh tokens.
    }
do-end-sessions = End { $sessions ->
        [0] no session
        [one] 1 session
       *[other] { $sessions } sessions
    } and { $tokens ->
        [0] no token
        [one] 1 token
       *[other] { $tokens } tokens
    }
    .what = Signs this person out everywhere and ends the tokens of all applications. The person can sign in again.
do-invite = Issue a code
    .what = Creates a code to read out, for setting up a second factor or signing in once without one. Verify the caller’s identity first: anyone with this code and the password can sign in.
do-reset-factors = { $count ->
        [0] Reset second factors (none is set up)
        [one] Reset 1 second factor
       *[other] Reset { $count } second factors
    }
    .what = Removes all authenticators, recovery codes and remembered browsers of this person and ends all sessions. The person sets up a new second factor at the next sign-in.
do-suspend = Suspend here
    .what = Ends all sessions and keeps this person out, whatever the directory says, until somebody reactivates the account here.
do-reactivate = Reactivate
    .what = The directory decides again whether this person may sign in.
done-sessions-ended = All sessions and tokens are ended.
done-factors-reset = All second factors are removed, and all sessions are ended.
done-suspended = The account is suspended, and all sessions are ended.
done-reactivated = The account is no longer suspended here. The next sync applies what the directory says.
refused-unknown = There is no such account any more. Nothing was done.
refused-oneself = Nobody can do this to the own account. Nothing was done; ask another admin.
refused-higher-role = This person has a higher or equal role in this panel. Nothing was done; ask an owner.
refused-role-unknown = The directory cannot say whether this person has a role in this panel. Nothing was done; try again, or ask an owner.
refused-changed = The account has changed in the meantime. Nothing was done.
invited = Code for this person
    .until = Valid once, until
    .what = Read it out now: it is shown only here. An earlier code is no longer valid.
    .back = Back to the person
help-desk = Help desk
    .code = Support code
    .hint = The code on the person’s page, such as 7K3PW-01X9M; upper or lower case, with or without the hyphen
    .button = Explain
    .unknown = No attempt has this code
    .unknown-what = Check the code with the person. Refusals before a right password are kept for 30 days; a request that ended before a decision is only in the server’s log.
    .done = Done
    .client = Application
    .server = Server
    .times = Attempts of this kind within the hour
    .person = Show the person, and ask the directory
    .cause = Ask the directory, and see what to do
audit-log = Audit log
    .person = Person
    .actor = Admin
    .decision = Decision
    .from = From (UTC)
    .until = Before (UTC)
    .button = Filter
    .events = Events
    .none = No event matches.
    .caption = Events, the newest first
    .detail = Details
    .older = Older events
    .export = Download everything that matches. This is recorded.
audit-no-such-name = No account, or more than one, has this name.
audit-no-time = Write times in UTC such as 2027-01-15T08:00:00Z, or a date.
two-step-people = Two-Step Authentication: people
    .what = Everybody with an active account, by whether they have set up a second factor. Open a person to issue a code or to reset the second factors.
    .menu = Who has set it up
    .lists = Lists
    .missing = Without a second factor
    .enrolled = With a second factor
    .nobody-missing = Everybody with an active account has set up a second factor.
    .nobody-enrolled = Nobody has set up a second factor yet. People are asked for it when they sign in, as the policy says.
    .caption = People, by email address
    .since = Set up
    .used = Last used
    .code = Code of the help desk
    .until = valid until
    .export = Download the whole list. This is recorded.
audit-chain = Has the log been changed?
    .what = Every event that does not share a row is linked to the one before it by a code. Without the key of this installation nobody can change, remove or swap events unnoticed. It is checked every day.
    .good = Unchanged
    .changed = Changed
    .next = The database was changed by something other than this program. Compare it with a backup, and find out who can write to the database.
    .checked = Last checked
    .events = { $count ->
        [one] 1 event is unchanged.
       *[other] { $count } events are unchanged.
    }
    .never = Not checked yet.
    .head = The end of the chain now. Keep a copy on another system, and compare later on the server with audit verify --expect:
    .running = The check begins within seconds.
    .reload = Show the result
    .check = Check now
log-in = User can’t log in
    .title = Who can’t sign in?
    .hint = A login name, an email address, an account id, or the support code on the person’s page
    .placeholder = Name or support code
    .button = Find the cause
    .usual = What it usually is
    .usual-scope = The person is in no synced OU and no synced group.
    .usual-password = The password is wrong or expired, or the account is locked or disabled in the directory.
    .usual-email = The email address in the directory is not the one of the account.
    .several = Several people have this name
    .attempt = The attempt
    .person = Person:
fix = What to do
    .enable-sso = Single sign-on is switched off for everybody. Switch it on:
    .enable = Enable the account { $place } if this person should have access, and ask again.
    .extend = Change the dates { $place } between which the account is valid, and ask again.
    .unlock = Unlock the account { $place }, or wait until the lockout ends, and ask again. If it is locked once more, look for a device with an old password.
    .password = Have the person change the password, on the sign-in page if that is switched on, or set a new one { $place }. Then ask again.
    .change-entry = Change this { $place }, and ask again:
    .in-ad = in Active Directory
    .in-directory = in the directory
    .widen-scope = Add the person’s OU or one of their groups to the sync scope, or remove the exclusion that names them.
    .select-unit = The OU of this person is not synced. Sync it with everybody in it, or choose a group in Sync Settings:
    .sync-settings = Open Sync Settings
    .sync-now = The account is older than the entry. Sync this person:
    .decide = A change of this person waits for a decision, or contradicts another account. Decide in the Sync Log:
    .reactivate = The account was suspended here. Reactivate it:
    .wait = Too many wrong passwords. Wait until they no longer count, or verify the caller and issue a code. Their count ends
    .ask-others = Your role may not do this. Ask an operator or an owner.
compared = Account and entry
    .attribute = Attribute
    .account = Account
    .entry = Entry, now
    .result = Comparison
    .same = Same
    .differs = Differs
do-sync-now = Sync this person
    .what = Reads the entry again and brings the account up to date, within the limits of the guard.

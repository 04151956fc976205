## Forms of settings

settings-save = Save
settings-saved = Saved
    .what = The new settings are in force here now, and on all other nodes within a second.
settings-unchanged = There was nothing to save
    .what = The form says what is stored already.
settings-wrong = Nothing was saved
    .what = Correct the fields below. What you typed is still there.
settings-read-only = Your role can read this page
    .what = Only owners can change it.
field-range = A whole number from { $min } to { $max }.

## The page that shows a change once more

confirm = Confirm your changes
    .what = Nothing has been saved yet: check once more what will change.
    .changes = { $count ->
        [one] 1 setting will change
       *[other] { $count } settings will change
    }
    .setting = Setting
    .before = Now
    .after = New
    .not-set = not set
    .more = { $count ->
        [one] and 1 more
       *[other] and { $count } more
    }
    .none = This form changes nothing.
    .consequences = Before you save
    .nobody-signs-in = Nobody can sign in any more, to CloudSync or to this panel. Only a break-glass link lets you in again; create it on the server.
    .no-owners = No group gives the role of an owner any more. Only a break-glass link lets an owner in; create it on the server.
    .fewer-owners = Members of a group that you take out lose the role of an owner, perhaps you too. Their sessions in this panel end.
    .button = { $count ->
        [one] Save 1 change
       *[other] Save { $count } changes
    }
    .continue = Continue with the form
    .back = Back without saving
confirm-open = This cannot be saved as it is
    .what = A field is wrong, or somebody else has saved in the meantime. Continue: the next page shows what to do, and keeps what you typed.

## Two admins at once

conflict = Somebody else has saved in the meantime
    .what = Nothing of yours is lost, and nothing was saved yet. Where only one of you changed a field, that change is taken. Where both did, choose.
    .saved = Last saved by { $by }, { $when }.
    .command = a command on the server
    .seen = When you opened the form
    .theirs = Saved by somebody else
    .mine = Typed by you
    .unknown = no longer known
    .only-mine = Only you changed this: your value is taken.
    .only-theirs = Only somebody else changed this: theirs is kept.
    .take-theirs = Keep theirs
    .take-mine = Take mine
    .button = Save this
    .back = Back without saving

## Security: administrators

roles = Administrators
    .what = Members of these groups, at any depth, may enter this panel. Of several roles the highest counts. A group counts from the next sync on, which finds the object; from then on the object counts, not its name.
    .directory = Groups of { $name }
    .sessions = Sessions of this panel
roles-owners = Owners
    .what = They can do everything here. One DN a line.
roles-operators = Operators
    .what = They run the sync and decide about held people; no connection, sign-on or role settings. One DN a line.
roles-help-desk = Help desk
    .what = They help one person at a time; they see no settings and no audit log. One DN a line.
roles-auditors = Auditors
    .what = They read everything and change nothing. One DN a line.
roles-idle = Minutes without use
    .what = A session of this panel ends if it is not used for this long.
roles-hours = Hours in all
    .what = A session of this panel ends this long after it began, used or not.

## Single Sign-On

sso = Single Sign-On
    .what = Who can sign in with the directory’s password, and how long people and applications stay signed in.
    .sign-in = Signing in
    .sessions = Sessions of people
    .tokens = Codes and tokens of applications
sso-enabled = Enable Active Directory SSO
    .what = If this is off, nobody can sign in, and the page says so. Admins cannot sign in to this panel either: only a break-glass link lets you in again.
sso-help = Help contact
    .what = It is shown where a sign-in is refused, for example: the IT help desk, extension 100.
sso-forgot = Page for a forgotten password
    .what = An https address that the sign-in page links to. Empty: no link.
sso-pending = Minutes for a sign-in
    .what = The time from the first page of a sign-in to the last.
sso-staleness = Seconds before the directory is asked again
    .what = How old our knowledge of a person may be when a session or a refresh token is used. 0: the directory is asked each time.
sso-idle = Minutes without use
    .what = A session ends if it is not used for this long.
sso-absolute = Hours in all
    .what = A session ends this long after the sign-in, used or not.
sso-code = Seconds for a code
    .what = An application has to exchange an authorization code within this time.
sso-access = Minutes for an access token
    .what = Applications accept it for this long, also after a person was suspended.
sso-id-token = Minutes for an ID token
    .what = An application should accept it as a proof of the sign-in for this long.
sso-refresh-idle = Days for an unused refresh token
    .what = A refresh token ends if it is not used for this long.
sso-refresh-absolute = Days for refresh tokens in all
    .what = They end this long after the sign-in, used or not.

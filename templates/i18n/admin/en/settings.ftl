## Forms of settings

settings-save = Save
settings-saved = Saved
    .what = The new settings are in force here now, and on all other nodes within a second.
settings-unchanged = There was nothing to save
    .what = The form says what is stored already.
settings-wrong = Nothing was saved
    .what = Correct the fields below. What you typed is still there.
settings-related = See also
settings-stale = Somebody else has saved in the meantime
    .what = Nothing was saved yet, and nothing that you typed is lost. Send the form again if it is still right.
settings-read-only = Your role can read this page
    .what = It cannot change it.
settings-secret-again = Type it again: a secret is not kept with a form that has a mistake.
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
    .on = on
    .off = off
    .more = { $count ->
        [one] and 1 more
       *[other] and { $count } more
    }
    .none = This form changes nothing.
    .consequences = Before you save
    .nobody-signs-in = Nobody can sign in any more, to CloudSync or to this panel. Only a break-glass link lets you in again; create it on the server.
    .no-owners = No group gives the role of an owner any more. Only a break-glass link lets an owner in; create it on the server.
    .fewer-owners = Members of a group that you take out lose the role of an owner, perhaps you too. Their sessions in this panel end.
    .second-factor = { $after ->
        [one] 1 person is asked for a second factor from now on
       *[other] { $after } people are asked for a second factor from now on
    } ({ $before } until now). { $without ->
        [0] All of them have one.
        [one] 1 of them has none yet.
       *[other] { $without } of them have none yet.
    }
    .weaker-factor = The second factor protects less than before: somebody who has stolen a password has it easier.
    .test-failed = The connection test has failed. With these settings people may not be able to sign in.
    .button = { $count ->
        [one] Save 1 change
       *[other] Save { $count } changes
    }
    .continue = Continue with the form
    .back = Back without saving
confirm-deed = Confirm
    .what = Nothing has been done yet: check once more what it does.
    .back = Back without doing it
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
    .secret = A secret that you typed was not kept: type it again after this.
    .button = Save this
    .back = Back without saving

## Security: administrators

roles = Administrators
    .what = Members of these groups, at any depth, may enter this panel. Of several roles the highest counts. A group counts from the next sync on, which finds the object; from then on the object counts, not its name.
    .hidden = { $count ->
        [one] 1 group, which only owners see
       *[other] { $count } groups, which only owners see
    }
    .directory = Groups of { $name }
    .sessions = Sessions of this panel
    .four-eyes = Four-eyes
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
roles-four-eyes = A second owner approves policy and mass changes
    .what = Who is an admin, two-step authentication, sign-on, connections, redirect addresses, plans beyond the guard and reverts then wait for another owner. It needs two owners who have signed in. Only a break-glass link can switch it off alone.

## Single Sign-On

sso = Single Sign-On
    .what = Who can sign in with the directory’s password, and how long people and applications stay signed in.
    .sign-in = Signing in
    .sessions = Sessions of people
    .tokens = Codes and tokens of applications
    .directory = Directory { $name }
    .throttle = Limits on attempts
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
sso-remember = Days for a remembered browser
    .what = People may skip the second factor in a browser that they have chosen, for so many days. 0: never. A change makes all browsers forgotten.
sso-domains = Login names accepted
    .what = Domains after @ in a login name, one a line, for example corp.example.com. NAME and DOMAIN\NAME are always accepted.
sso-password-change = People may change an expired password here
    .what = If this is off, they are told to change it elsewhere first.
sso-throttle-name = Failed attempts a minute for one name
    .what = More are refused without asking the directory. 0: no limit. Accounts in the directory are protected from being locked in any case.
sso-throttle-address = Failed attempts a minute from one address
    .what = 0: no limit. A network behind one address may need more.
sso-throttle-overall = Failed attempts a minute in all
    .what = From browsers in which nobody has signed in before. 0: no limit.
sso-throttle-person-codes = Sign-ins a minute for one person
    .what = Authorization codes over all applications. 0: no limit.
sso-throttle-address-codes = Sign-ins a minute from one address
    .what = Authorization codes over all applications. 0: no limit.

## Two-Step Authentication

two-step = Two-Step Authentication
    .what = Who needs a second factor, and how one is set up. Single sign-on never skips it. Before anything is saved, the next page says how many people it concerns.
    .policy = Who
    .enrolment = Setting up
    .authenticators = New authenticators
two-step-required = Second factor
    .what = An application can require it of more people.
two-step-required-nobody = Nobody
two-step-required-optional = People who have set one up
two-step-required-everyone = Everyone
two-step-required-groups = Members of groups, and people who have set one up
two-step-groups = Groups
    .what = One DN a line; members of nested groups count. Only used if groups are chosen above. A group that the sync has not found exempts nobody of its directory.
two-step-grace = Days to postpone
    .what = For so long after the first request people may postpone the set-up. 0: they set it up at once.
two-step-enrolment = Setting up the first one
    .what = A stolen password alone should not let the thief set up a phone.
two-step-enrolment-alone = Whoever has the password
two-step-enrolment-invited = Only with a code from the help desk
two-step-invitation = Hours for a code from the help desk
    .what = The code can be used for so long, and once.
two-step-algorithm = Algorithm
    .what = Most authenticator apps support SHA1 only, which is safe for this purpose.
two-step-digits = Digits
    .what = Authenticators that are set up already keep theirs.
two-step-period = Seconds for a code
    .what = How long an authenticator shows one.

## Branding

branding = Branding
    .what = The look of the sign-in pages. The checks are those of the settings: a colour has to be readable, a logo a PNG or an SVG.
    .names = Names and logo
    .colours = Colours
    .links = Help and links
    .show = Show the preview
    .preview = Preview
    .preview-what = The sign-in page with what is typed above, before it is saved. Nothing in it can be pressed.
    .no-preview = There is no preview yet
branding-product = Name of the service
    .what = What people sign in to, in titles and texts.
branding-company = Company
    .what = Beside the logo and in titles. Empty: no name.
branding-logo = Logo
    .what = The text of an SVG, or a PNG in base64; at most 128 KiB. Empty: our own.
branding-accent = Colour of links and buttons
    .what = For example #2450d8. Empty: our own.
branding-accent-dark = The same on dark pages
    .what = Empty: a lighter shade of it.
branding-help = Help contacts
    .what = One line for each language: language | text | address | email | phone. For example: en | the IT help desk | https://help.example.com | help@example.com | +49 30 1234
branding-legal = Links at the foot
    .what = One a line: language | text | address. For example: en | Privacy | https://example.com/privacy
groups =
    .title = Find groups
    .hint = Choose for what a group counts, then save: it is added to the list above.
    .search = Name of the group
    .find = Find
    .found = { $count ->
        [0] No group has this name. The next sync finds new groups.
        [one] 1 group
       *[other] { $count } groups; type more of the name for fewer
    }
    .not-chosen = Not added

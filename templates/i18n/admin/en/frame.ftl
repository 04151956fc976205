## Around every page of the admin panel

panel = Admin
    .back = Back to the admin panel
    .skip = Skip to the content
    .sign-out = Sign out
menu = Menu of the admin panel
    .integrations = Settings › Integrations
    .active-directory = Settings › Active Directory
    .security = Security
    .troubleshooting = Troubleshooting
role-owner = Owner
role-operator = Operator
role-help-desk = Help desk
role-auditor = Auditor
panel-break-glass = You are here by a break-glass link
    .what = You have every right of an owner; this session ends one hour after the link was used. Once owners are named, it changes something only in its first ten minutes. Everything is recorded under the name of the server’s user who created the link.
panel-links-used = { $count ->
        [one] A break-glass link was used in the last seven days
       *[other] { $count } break-glass links were used in the last seven days
    }
    .line = { $when }, from { $from }, created by { $by }
    .what = Somebody entered this panel as an owner without a password. If that was not you or a colleague, find out who has access to the server, and end what these links opened: cloudsync-idp admin link --end
panel-unconfirmed = The directory cannot confirm your role at the moment
    .what = You can read for a few minutes. To change something now, run this on the server: cloudsync-idp admin link
panel-link = Enter the admin panel
    .what = This link lets you in as an owner, without a password and without the directory. It works once, and its use is recorded.
    .next = Only continue if you or a colleague have just created it on the server.
    .button = Use the link and enter
error-no-admin-role = You have no access to the admin panel
    .what = You are signed in, but none of your groups gives you a role here. A group that is new in the settings counts from the next sync on.
    .next = Ask an owner of this installation to add you to a group with a role.
error-admin-forbidden = Your role does not allow this
    .what = Nothing was changed.
    .next = Ask an owner of this installation.
error-admin-link = This link cannot be used
    .what = It was used already, it is older than ten minutes, or a newer one was created.
    .next = Create a new one on the server: cloudsync-idp admin link
error-admin-link-old = The link is older than ten minutes
    .what = A link may change something for ten minutes after it was used; reading goes on. Nothing was changed.
    .next = Create a new link on the server, use it, and do this again: cloudsync-idp admin link
error-admin-role = The directory cannot confirm your role
    .what = It did not answer, so nobody’s role in this panel can be checked. Nothing was changed.
    .next = Try again in a moment. If the directory stays away, run this on the server: cloudsync-idp admin link
error-too-many-drafts = Too many changes wait for a confirmation
    .what = Nothing was done: there is no room to keep one more until it is confirmed.
    .next = Try again in a few minutes.

## Applications

applications = Applications
    .what = Each application that people sign in to with single sign-on.
    .all = All applications
    .none = There is none yet. Add the first one: the next page has everything that has to be pasted into it.
    .caption = { $count ->
        [one] 1 application
       *[other] { $count } applications
    }
    .removed = { $id } was removed
    .two-secrets = two secrets
    .required = always required
    .by-policy = by the policy
application-name = Name
    .what = Shown on the sign-in page. Empty: the client ID.
application-id = Client ID
    .what = Letters, digits and signs, for example cloudsync. It cannot be changed later.
application-kind = Kind
    .what = A program in a browser or on a phone cannot keep a secret. It can be changed later only on the server.
application-kind-server = On a server, with a secret
application-kind-public = In a browser or on a phone, without a secret
application-redirect = Redirect URIs
    .what = Where people come back to after the sign-in, one a line. They are compared character by character: whoever owns one of them can sign people in.
application-post-logout = Redirect URIs after signing out
    .what = Where people may come back to after they have signed out, one a line.
application-home = Home page
    .what = An https address; error pages lead back to it.
application-second-factor = Second factor
    .what = Always require a second factor for this application, whatever the policy says.
application-scope = Scopes
    .what = What it may ask for, separated by spaces. openid is needed; offline_access gives refresh tokens.
application-claims = Claims in the ID token
    .what = Many applications read the email address from the ID token.
application-claims-scopes = Those of the scopes
application-claims-requested = Only those that the request names
application-introspection = Ask about tokens
    .what = For an API that accepts access tokens: it may ask about those of every application whether they still count. It needs a secret.
application-backchannel = Address for signing out
    .what = It is told there, server to server, that somebody’s sign-in has ended (back-channel logout). Empty: it is not told.
application-private = Private networks
    .what = The address for signing out may be a public one only, unless its network is named here, one a line, for example 10.0.0.0/8.
application-new = Add an application
    .what = The next page has everything that has to be pasted into the application, with a secret that is shown once.
    .heading = The application
    .adds = Adds the application { $id }.
    .receives = People are sent back to { $uri }
    .button = Add the application
application-edit = Change its settings
    .what = They are in force at once, also for people who are signed in.
    .heading = Application { $id }
application-added = The application was added
    .what = Paste the values below into it now. The secret is not shown again.
application-new-secret = The new secret is in force
    .what = Enter it in the application now. It is not shown again.
application-old-ended = The old secret is no longer accepted
    .what = Only the current secret works.
application-old-accepted = The secret before is still accepted
    .what = A third one would shut out an application that still sends it. Wait until it ends, or end it here.
application-wrong-overlap = The hours are not right
    .what = Type a whole number from 0 to 720. Nothing was changed.
application-stale = Somebody else has saved in the meantime
    .what = Nothing was changed. Look at the application as it is now, and start again.
application-paste = What to paste into it
    .what = Many applications need only the issuer, the client ID and the secret, and find the rest by themselves.
application-copy = Copy
application-copied = Copied
application-secret = Secret
    .what = It is shown only now, and stored as a digest. If it is lost, make a new one.
application-issuer = Issuer
application-discovery = Discovery document
application-authorize = Authorization endpoint
application-token = Token endpoint
application-userinfo = Userinfo endpoint
application-jwks = Keys (JWKS)
application-logout = Sign-out endpoint
application-settings = Settings
application-old-until = The secret before is accepted until
application-old-used = It was last used
application-old-unused = not since
application-one-secret = One secret is accepted.
application-overlap = Hours in which the old secret is accepted too
    .what = From 0 to 720. In this time, enter the new one in the application.
application-rotate = Make a new secret
    .what = { $id } gets a new secret. The one until now is accepted for { $hours } more hours.
application-end-old = End the old secret
    .what = The secret of { $id } before the current one is no longer accepted. If the application still sends it, nobody can sign in to it.
    .used = The application last sent it at { $at }.
    .unused = The application has not sent it in the last 40 days.
application-remove = Remove the application
    .what = Nobody can sign in to { $id } any more. { $count ->
        [0] It holds no valid tokens.
        [one] Its refresh tokens and access to userinfo end for 1 sign-in.
       *[other] Its refresh tokens and access to userinfo end for { $count } sign-ins.
    }

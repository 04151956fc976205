## Services that accounts are delivered to

services = Services
    .what = Accounts and Team Shares are delivered to each of these by SCIM 2.0: created, updated, suspended within seconds.
    .all = All services
    .none = There is none yet. Add CloudSync: everybody is delivered to it once, then whatever changes.
    .caption = { $count ->
        [one] 1 service
       *[other] { $count } services
    }
    .removed = { $id } was removed
    .service = Service
    .state = State
    .queue = Waiting
    .lag = The oldest waits
    .rate = Delivered in the last minute
    .refused = Quarantined
    .since = Since
    .known = People and Team Shares that are there
    .not-filled = Not everybody is noted for the first delivery yet: the numbers grow.
    .causes = Why it refuses people
    .causes-caption = { $count ->
        [one] 1 person or Team Share in quarantine, by the cause
       *[other] { $count } people and Team Shares in quarantine, by the cause
    }
    .cause = Cause
    .fix = What to do
    .how-many = How many
    .quarantine = Quarantine
    .quarantine-caption = Each is refused by the service and waits; all others go on
    .who = Who
    .share = Team Share
    .words = Words of the service, and what to do
    .quarantined = Since
    .again = Try again
    .retry-one = Try again
    .settings = Settings
    .all-directories = all
    .one-token = One token is sent. For another one without an interruption, give it as the next token in the settings of this service.
    .client-credentials = Access tokens come from { $url }.
    .two-tokens = There is a next token: it is sent as soon as the service refuses the current one.
service-state-off = Not enabled
service-state-stopped = Stopped
service-state-failing = Does not answer
service-state-refusing = Refuses some
service-state-filling = Begins
service-state-delivering = Delivers
service-state-good = Up to date
service-stopped-unauthorized = The service refuses the token
    .what = Make a new token in the service and give it here. Nothing is lost: it goes on from where it stopped.
service-stopped-emptied = Many are not there any more
    .what = The service may have been emptied by mistake, or the address may lead elsewhere. Find out first. If all is right, try again: whoever is missing is created again, a few with each try.
service-stopped-refusing = The service refuses everybody
    .what = The token may have lost its rights. Check them in the service, and try again.
service-failing = The service does not answer as it should
    .what = It is tried again by itself; nothing is lost.
service-retry = Try everything again
    .what = Goes on if the service was stopped, and tries again whoever is in quarantine.
refusal-taken = A name or address belongs to somebody else there (409)
    .what = Find who has it in the service, and change or remove that account there.
refusal-gone = Deleted there (404)
    .what = Find out who has deleted it in the service. Create it there again, or let this service create it (settings, “If somebody is gone”).
refusal-forbidden = The token may not do this (403)
    .what = Give the token the rights in the service, or leave this one to its owner there.
refusal-changed = Changed in the service again and again (412)
    .what = Find out what else in the service changes this account.
refusal-too-large = Too large for one request (413)
    .what = Lower the members in one request in the settings of this service.
refusal-invalid = A value is not accepted
    .what = Correct the value in the directory, or leave its attribute out in the settings of this service.
refusal-failing = The service fails for this one
    .what = Look at the log of the service, and try again.
service-added = The service was added
    .what = If it is enabled, everybody is delivered to it from now on.
service-retried = It is tried again
    .what = Whoever is refused once more comes back to the quarantine.
service-not-waiting = Nothing was done
    .what = This person or Team Share does not wait for the service any more.
service-promoted = The next token is the token now
    .what = The old one is forgotten here. Remove it in the service.
service-forgotten = The next token is forgotten
    .what = The current token is used.
service-no-next-token = Nothing was changed
    .what = This service has no next token any more.
service-stale = Somebody else has saved in the meantime
    .what = Nothing was changed. Look at the service as it is now, and start again.
service-promote = Use only the next token
    .what = The next token of { $id } takes the place of the current one, which is forgotten here.
service-forget = Forget the next token
    .what = Only the current token of { $id } is kept.
service-remove = Remove the service
    .what = Nothing more is delivered to { $id }, not even a suspension. { $count ->
        [0] Nobody is known to be there.
        [one] 1 person or Team Share stays there as it is.
       *[other] { $count } people and Team Shares stay there as they are.
    }
service-new = Add a service
    .what = Everybody is delivered to it as soon as it is added and enabled. Give a token, or OAuth 2 client credentials; most other settings have a default.
    .heading = The service
    .connection = Connection
    .adds = Adds the service { $id }. Everybody is delivered to it at once.
    .adds-off = Adds the service { $id }. Nothing is delivered to it until it is enabled.
    .receives = Names, addresses and attributes of people are sent to { $url }
    .button = Add the service
service-edit = Change its settings
    .what = They are in force at once. A secret is never shown: leave its field empty to keep it.
    .heading = Connection of { $id }
    .token = Authentication by a bearer token
    .oauth = Or by OAuth 2 client credentials
    .people = Who and what is delivered
    .limits = Limits
    .drift = Daily comparison
service-id = Id
    .what = The characters a to z, 0 to 9 and -, for example cloudsync. What was delivered is stored under it; it cannot be changed later.
service-address = Address
    .what = The SCIM address above /Users and /Groups, for example https://cloudsync.example.com/scim/v2. At another address everybody is delivered anew, and the token has to be given again.
service-enabled = Enabled
    .what = Without it nothing is sent: the connection can be tested, and what would be delivered can be looked at first.
service-private = Private networks
    .what = A service may have a public address only, unless its network is named here, one a line, for example 10.0.0.0/8.
service-token = Token
    .what = The bearer token of the service. It is stored sealed and never shown; leave it empty to keep it. One that you type here replaces the client secret; empty the other fields of the client credentials then.
service-next-token = Next token
    .what = It is sent as soon as the service refuses the token, so that a change of token loses nothing. Leave it empty to keep what is stored.
service-oauth-endpoint = Token endpoint
    .what = The address that gives access tokens for client credentials, for example https://login.example.com/oauth2/token. Empty: a bearer token is used. For another one the client secret has to be given again.
service-oauth-client = Client ID
    .what = As which client this installation is known to the token endpoint.
service-oauth-secret = Client secret
    .what = It is stored sealed and never shown; leave it empty to keep it. One that you type here replaces the bearer tokens.
service-oauth-scope = Scope
    .what = What is asked for, words with one space between them. Empty: the token endpoint decides.
service-oauth-method = How the client secret is sent
    .what = Most token endpoints understand HTTP Basic.
    .basic = By HTTP Basic (client_secret_basic)
    .post = In the body of the request (client_secret_post)
service-ca = Certificates of the CA (PEM)
    .what = They are trusted instead of those of the system. Empty: those of the system. With another CA the token has to be given again.
service-proxy = Proxy
    .what = The HTTP proxy on the way, for example http://proxy.example.com:3128. Empty: none.
service-client = Application
    .what = The client ID with which this service signs people in. Empty: none.
service-directories = Directories
    .what = The ids of the directories whose people are delivered, one a line. Empty: all. Who leaves them is suspended there.
service-attributes = Attributes
    .what = What is delivered of people, one a line: email and names such as name, given_name or title. Empty: all.
service-shares = Team Shares
    .what = Deliver Team Shares as groups with their members.
service-members = Members in one request
    .what = Some services take no more than 100.
service-minute = Requests in a minute
    .what = 0: no limit.
service-hour = Requests in an hour
    .what = 0: no limit.
service-reserved = Percent kept for suspensions
    .what = This part of both limits is used for suspensions only.
service-when-gone = If somebody is gone
    .what = What is done about an account that was deleted in the service.
    .create = Create again
    .report = Put into quarantine
service-drift = What differs
    .what = Once a day everything in the service is compared with what should be there.
    .fix = Deliver it again
    .report = Only report it
    .off = Do not compare
service-drift-at = Time of day
    .what = Hours and minutes, for example 03:30.
service-drift-zone = Time zone
    .what = A name of the IANA database, for example UTC or Europe/Berlin.

## Test Connection of a service

service-test = Test Connection
    .what = Each step to the service is tested with what is stored. Nothing is saved.
    .typed = Each step to the service is tested with what is typed above, and with the stored secret if none is typed. Nothing is saved. The result opens in a new tab.
    .button-typed = Test Connection (new tab)
    .round-trip = With a test user
    .round-trip-what = A user is created in the service, changed, suspended and deleted again.
    .remains = The test user { $name } may still be in the service. Delete it there.
service-test-passed = The service can be delivered to. Nothing was saved.
service-test-slow = The test took too long
    .what = Nothing was saved. Below is what was found until then.
service-test-interrupted = Nothing was saved. Press the button again.
service-stage-token = Authentication
service-stage-configuration = What the service announces
service-stage-read = Reading users and groups
service-stage-round-trip = Round trip with a test user

## What a service has, compared with what it should have

service-comparison = Comparison of a service
    .newest = Comparison
    .none = It has not been compared yet.
    .order = A preview shows what the delivery of everything would do, also before the service is enabled. A comparison shows what differs from what was delivered; with the last button that is delivered again.
    .preview = Preview
    .report = Compare now
    .fix = Compare, and deliver again what differs
    .numbers = Numbers
    .same = As they should be
    .waiting = Being delivered or refused, so not compared
    .fixed = Delivered again
    .emptied = So many are gone that they are not created again: the service may have been emptied by mistake.
    .differences = Differences
    .caption = { $count ->
        [one] 1 person or Team Share
       *[other] { $count } people and Team Shares
    }
    .finding = Difference
    .what-differs = What differs
    .more = There are more. The command delivery preview or delivery reconcile on the server lists all of them.
service-comparing = The comparison is running
    .what = The whole list of the service is read. You can leave this page; it goes on.
service-previewed = This is what a delivery would do
    .what = Nothing was changed, here or there.
service-compared = The service was compared
    .what = Nothing was changed.
    .fixed = { $count ->
        [0] Nothing is delivered again.
        [one] 1 person or Team Share is delivered again.
       *[other] { $count } people and Team Shares are delivered again.
    }
service-not-compared = It could not be compared
    .what = Nothing is concluded from a part of a list.
service-comparison-interrupted = The comparison was interrupted
    .what = Go back to the service and start it again.
difference-suspend = Active there, and should not be
difference-erase = There, and to be deleted
difference-change = Differs
difference-adopt = There already, to be taken over
difference-create = Not there, to be created
difference-gone = Was there, and is gone
difference-conflict = Cannot be told apart
difference-unknown = Known to nobody here; stays as it is
service-log = Recent deliveries
    .caption = The newest attempts to deliver somebody to this service
    .action = What was done
    .result = Result
    .at = When
delivered-created = created
delivered-adopted = taken over
delivered-changed = changed
delivered-suspended = suspended
delivered-reactivated = active again
delivered-members = members changed
delivered-deleted = deleted
delivered-checked = checked
delivered-done = done
delivered-failed = failed; it is tried again
delivered-refused = refused

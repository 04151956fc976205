## Decisions about all held people

held-all = Held people
    .none = The guard holds nobody about whom a decision is open.
    .bound = Your decision is about exactly these people. Whoever is held later stays held.
    .approve-what = Suspend or remove: they lose what is shown. Sessions of suspended accounts end. A revert of the run gives it back.
    .reject-what = Change nothing: they keep everything as long as they would lose the same. A sync does not ask again about this loss.
    .back = Back to the Sync Log
held-all-link = Decide about all { $count } held people
held-all-accounts = { $why } ({ $count ->
        [one] 1 account
       *[other] { $count } accounts
    })
held-all-shares = { $count ->
        [one] 1 person leaves Team Shares and keeps the account
       *[other] { $count } people leave Team Shares and keep their accounts
    }
held-all-later = { $count ->
        [one] 1 more person waits: decide about them afterwards.
       *[other] { $count } more people wait: decide about them afterwards.
    }
sync-log-nobody = Nothing was done. Select somebody first.
sync-log-held-changed = Nothing was done. The held people have changed since the page was shown. Look at them again, then decide.

## Handing an account over

hand-over = Hand an account over
    .gets = The account keeps its id at the applications, so what belongs to it there comes with it. Name, email address and Team Shares follow the new person’s entry and groups; the person is synced at once.
    .final = Reverting a run does not take this back; only another hand-over does.
hand-over-button = Hand the account over to { $name }
hand-over-from = The account of { $name }, { $email } ({ $state })
hand-over-to = goes to { $name }: { $entry }
hand-over-ends = Everything that its owner until now had set up or opened ends: { $sessions ->
        [one] 1 session
       *[other] { $sessions } sessions
    }, { $tokens ->
        [one] 1 refresh token
       *[other] { $tokens } refresh tokens
    } of applications, { $factors ->
        [one] 1 second factor
       *[other] { $factors } second factors
    } with the recovery codes.
refused-not-handed-over = Nothing was done: the account is in use, or the person has no conflict about it any more. See the Sync Log.

## Removing a directory

directory-remove = Remove this directory
    .stays = Accounts, second factors and memberships of Team Shares stay stored here, and nothing at the applications is deleted.
    .ends = Sessions end with their next request, and applications get no new tokens. The settings of the directory go: servers, password, what is synced, roles by its groups, and the mappings of groups to Team Shares.
    .own = You sign in by this directory yourself: your session in this panel ends.
directory-remove-people = { $count ->
        [one] 1 person loses the sign-in at once.
       *[other] { $count } people lose their sign-in at once.
    }
directory-remove-again = To bring the people back, configure the directory again with the short name { $id }: they get the same accounts.
directory-remove-button = { $count ->
        [one] Remove this directory: 1 person loses the sign-in
       *[other] Remove this directory: { $count } people lose their sign-in
    }

## The support bundle

support-bundle = Support
    .what = The support bundle is one file that says how this installation is set up, and the state of its directories. It contains no password, secret or key. It names servers, OUs, groups and some people: check it before you send it.
    .contact = Send it to:
    .button = Download the support bundle
    .owners = Only an owner can download it.

## Fields

field-upload = Choose a file; what is in the field below is replaced by it when you save

## Approvals

approval-more = and { $count } more

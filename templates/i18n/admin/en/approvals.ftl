## What needs a second owner

approvals = Approvals
    .what = With four-eyes, one admin asks and another owner decides: about administrators, two-step authentication, sign-on, connections, redirect addresses, plans beyond the guard and reverts.
    .requests = Requests
    .caption = The newest first; kept for 30 days
    .none = Nobody has asked for anything. A request appears here when an admin saves something that needs a second owner.
approvals-off = Four-eyes is switched off
    .what = One owner alone decides. Switch it on at Security, Administrators, once two owners have signed in.
approvals-alone = Only one owner is known
    .what = Nobody else can approve anything. Let another owner sign in to this panel. Or create a break-glass link on the server with “cloudsync-idp admin link”, and switch four-eyes off with it.
approval = A request
    .subject = What is asked for
    .by = Asked by
    .why = Why
    .why-hint = The other owner reads it. It stays in the list for 30 days.
    .asked = Asked
    .until = Expires
    .state = State
    .decided = Decided by
    .reason = Why it is rejected
    .reason-hint = Whoever has asked reads it.
    .request = The request
    .does = What it does
    .gone = The settings have changed since, or it was decided: what it would do is not kept.
    .run = Look at the run
    .open = Nothing has been done yet: this needs a second owner. Check what it does, say why, and ask for it. Without that it is forgotten after ten minutes.
    .ask = Ask for approval
    .mine = Another owner decides. You can’t approve your own request.
    .withdraw = Withdraw the request
    .let-in = Whoever has asked has reset your second factor, issued a code to you, ended your suspension or given you an account in the last seven days, and could sign in as you. Another owner decides; you can decide from then on:
approval-settings = Change settings
approval-approve = Approve and carry out
approval-reject = Reject
approval-reverts = Run { $run } is reverted: { $count ->
        [one] 1 account gets
       *[other] { $count } accounts get
    } back the state before it, and the sync is paused.
approval-takes = { $count ->
        [one] 1 person loses
       *[other] { $count } people lose
    } access; { $beyond } beyond the limit of the guard.
approval-open = not asked yet
approval-waiting = waiting
approval-approved = approved
approval-rejected = rejected
approval-withdrawn = withdrawn
approval-expired = expired
approval-done-asked = Asked for approval
    .what = Every other owner sees it on the overview. It expires after seven days, and when the settings change.
approval-done-saved = Approved and saved
    .what = The new settings are in force here now, and on all other nodes within a second.
approval-done-rejected = Rejected
    .what = Nothing was changed. Whoever has asked can read your reason here.
approval-done-withdrawn = Withdrawn
    .what = Nothing was changed.
approval-done-ended = Four-eyes is switched off
    .what = From now on one owner alone decides. Every admin sees in the audit log that a break-glass link was used for it.
approval-not-a-person = Only an owner who has signed in can do this
    .what = While four-eyes is on, neither a script nor a break-glass link asks or decides. A break-glass link can only switch four-eyes off, in a change of nothing else.
approval-against-admin = This takes something from an admin with a role like yours or a higher one
    .what = Nothing was done: only an owner can do it.
approval-full = Too many requests wait already
    .what = Nothing was kept. Let the other owners decide, or withdraw requests.
approval-not-waiting = This request does not wait any more
    .what = Nothing was done: somebody has decided, it has expired, or the settings were changed since.
approval-not-seen = This is not what was shown
    .what = Nothing was done. Check below what the request does, and decide again.
approval-own = You have asked for this yourself
    .what = Nothing was done: another owner has to decide.
approval-let-in = Whoever has asked has let you in lately
    .what = Nothing was done: whoever has reset your second factor, issued a code to you, ended your suspension or given you an account in the last seven days could sign in as you. Another owner has to decide, or wait until the time below.
approval-asker-lost = Whoever has asked may not do this any more
    .what = Nothing was done: the person has lost the role, or can’t sign in. Reject the request.
approval-no-reason = A rejection needs a reason
    .what = Nothing was done. Say below why you reject it.

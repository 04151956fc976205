# English: the first language. Every other file has the same keys and the same arguments.
# $client is how the client is called, CloudSync as a rule.

brand = CloudSync
brand-place = Sign-in

## Every page

error-prefix = Error
help = Who can help
attempt-id = When you ask for help, give this number
back-to = Back to { $client }
signed-in-as = Signed in as
not-you = Not you?

## Sign in

sign-in = Sign in
    .title = Sign in to { $client }
    .lead = to continue to { $client }
    .fresh = For your security, { $client } asks you to sign in again.
username = User name
    .hint = Your company user name or email address
password = Password
    .hint = The one you use at your computer at work
sign-in-button = Sign in
password-promise = Your company’s directory checks your password. It is never stored here.

## Sign in: why the last try did not do. The title, what it was, what to do.

notice-refused = That did not work
    .what = The user name or the password is not right, or this account cannot be used at the moment.
    .mend = Check both and try again. After several tries an account may be locked for a while, and then even the right password is refused. If you are not sure, ask your administrator before you go on.
notice-missing-username = Enter your user name
    .what = The user name was left empty.
    .mend = Your company user name or your email address will do.
notice-missing-password = Enter your password
    .what = The password was left empty.
    .mend = It is the one you use at your computer at work.
notice-try-again = Please sign in once more
    .what = This page was open for too long, so what you sent was not used.
    .mend = Nothing is wrong with your account. Enter your password again.
notice-account-disabled = Your account is disabled
    .what = Your password was right, but your company has disabled this account.
    .mend = If you think this is a mistake, ask your administrator to enable it.
notice-account-expired = Your account has expired
    .what = Your password was right, but the account was set to end on a date that has passed.
    .mend = Ask your administrator to extend it.
notice-password-expired = Your password has expired
    .what = The password was right, but it is too old to be used any longer.
    .mend = Change it at your computer at work (press Ctrl+Alt+Del and choose “Change a password”), then sign in here with the new one.
notice-password-must-change = You need to change your password first
    .what = The password was right, but your administrator has asked for a new one before you go on.
    .mend = Change it at your computer at work (sign in there, or press Ctrl+Alt+Del and choose “Change a password”), then sign in here with the new one.
notice-account-locked = Your account is locked
    .what = Your password was right, but the account is locked after too many wrong tries.
    .mend = Wait until the lock ends, or ask your administrator to unlock the account. Trying again will not help before.
notice-out-of-scope = You do not have access to { $client } yet
    .what = Your password was right, but your account is not in a part of the directory that is connected to { $client }.
    .mend = Ask your administrator to add you to a connected department or group.
notice-no-mail = Your email address is missing
    .what = Your password was right, but the company directory has no email address for you, and { $client } needs one.
    .mend = Ask your administrator to enter it in the directory.
notice-email-differs = Your email address belongs to another account
    .what = Your password was right, but the email address that the directory has for you is used by a different account in { $client }.
    .mend = Ask your administrator to settle which account it belongs to.
notice-no-account = Your account is not ready yet
    .what = Your password was right, but { $client } has no account for you so far.
    .mend = If you are new, try again in a few minutes. If it stays like this, ask your administrator.
notice-account-suspended = Your account is suspended
    .what = Your password was right, but your account in { $client } is suspended.
    .mend = Ask your administrator to reactivate it.
notice-not-allowed-here = You may not sign in here at this time
    .what = Your password was right, but your company limits the hours or the computers at which this account may be used.
    .mend = Try again during your working hours or from your usual computer, or ask your administrator.
notice-sso-disabled = Company sign-in is switched off
    .what = Your administrator has switched off signing in to { $client } with company accounts.
    .mend = Nothing is wrong with your account. Ask your administrator when it will be back.

## What went wrong on the way. The title, what it was, what to do.

error-bad-request = This sign-in link is not complete
    .what = The program that sent you here asked in a way that we cannot answer.
    .mend = Go back and try again. If it happens once more, give the lines below to your administrator.
error-detail = For developers
error-unknown-client = We do not know this program
    .what = The program that sent you here is not registered for signing in with your company account.
    .mend = Open the program from its usual place. If it happens again, tell your administrator.
error-bad-redirect-uri = We will not send you to this address
    .what = The program that sent you here asked for an answer to an address that is not registered for it. To protect you, nothing was sent there.
    .mend = Open the program from its usual place. If it happens again, tell your administrator.
error-login-expired = This sign-in has ended
    .what = It has taken too long, or was started in another browser or tab.
    .mend = Start again from the program that you want to use.
error-directory-unavailable = The company directory cannot be reached
    .what = We could not check your password, because your company’s directory does not answer at the moment. Nothing is wrong with your password or your account.
    .mend = Wait a minute and try again. If it lasts, tell your administrator.
error-busy = Many people are signing in right now
    .what = There are more sign-ins at this moment than we can take. Nothing is wrong with your password or your account.
    .mend = Wait a few seconds, then try again.
error-too-many-requests = Too many tries
    .what = To protect accounts, we take only a limited number of tries in a short time.
    .seconds = { $count ->
        [one] Try again in 1 second.
       *[other] Try again in { $count } seconds.
    }
    .minutes = { $count ->
        [one] Try again in 1 minute.
       *[other] Try again in { $count } minutes.
    }
error-not-found = There is no page here
    .what = The address is wrong, or the page has moved.
    .mend = Check the address, or start again from the program that you want to use.
error-method-not-allowed = This page cannot be opened like that
    .what = The address exists, but it is for programs, or only for a form.
    .mend = Start again from the program that you want to use.
error-too-large = That was too much at once
    .what = More was sent than this page can take.
    .mend = Go back and try again with less text in the fields.
error-internal = Something went wrong on our side
    .what = It is not your fault, and your account is not affected.
    .mend = Try again in a moment. If it happens again, give the number below to your administrator.

## Sign out

signed-out = You are signed out
    .lead = You can close this window. On a shared computer, close the whole browser.
    .again = Sign in again at { $client }
logout-confirm = Do you want to sign out?
    .by = { $client } asks to end your sign-in at this browser.
    .lead = Your sign-in at this browser will end. Programs that you still have open may ask you to sign in again.
    .button = Sign out
    .stay = Stay signed in and go to { $client }

## Handing over to the client

form-post = You are signed in
    .title = Continue to { $client }
    .lead = One more step takes you back to { $client }.
    .button = Continue to { $client }

## Home

home = Company sign-in
    .lead = This is where people sign in to CloudSync with their company account.
    .people = Looking for CloudSync? Open it as usual. It brings you here when it is time to sign in.
    .admins = Setting it up? Programs find all they need in the discovery document.
    .discovery = Discovery document
    .documentation = Documentation

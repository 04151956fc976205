# English: the first language. Every other file has the same keys and the same arguments.
# $client is how the client is called, CloudSync as a rule.

legal = Legal information
brand-place = Sign-in

## Every page

error-prefix = Error
help = Who can help
attempt-id = When you ask for help, give this number
back-to = Back to { $client }
signed-in-as = Signed in as
not-you = Not you?

## Sign in

cancel = Cancel
another-account = Use another account
sign-in = Sign in
    .title = Sign in to { $client }
    .lead = to continue to { $client }
    .fresh = For your security, please sign in again to continue to { $client }.
    .account = to open your security page
    .fresh-account = For your security, please sign in again to change how you sign in.
    .panel = to open the admin panel
    .code-accepted = Your code was right. Now enter your password.
username = User name
    .hint = Your company user name or email address
domain = Domain
    .hint = The domain that your user name belongs to
    .none = Please choose
password = Password
    .hint = The password for your computer at work
    .forgot = Forgot your password?
    .show = Show password
    .hide = Hide password
    .caps = Caps Lock is on.
sign-in-button = Sign in
password-promise = Your company’s directory checks your password. It is never stored here.

## Sign in: why the last attempt failed. The title, what happened, what to do next.

notice-refused = Sign-in failed
    .what = Check your user name and password.
    .next = After several attempts, an account may be locked for a while. If you are not sure, ask your administrator.
notice-too-many = Too many attempts with this user name
    .what = To protect the account from being locked, the password was not checked this time.
    .next = { $minutes ->
        [one] Try again in 1 minute, or use a browser in which you have signed in before.
       *[other] Try again in { $minutes } minutes, or use a browser in which you have signed in before.
    }
notice-too-many-here = Too many attempts with this user name
    .what = To protect the account from being locked, the password was not checked this time.
    .next = { $minutes ->
        [one] Try again in 1 minute, or ask your administrator.
       *[other] Try again in { $minutes } minutes, or ask your administrator.
    }
notice-busy = Many people are signing in right now
    .what = More people are signing in at this moment than we can serve. Nothing is wrong with your password or your account.
    .next = Wait a few seconds, then enter your password again.
notice-missing-username = Enter your user name
    .what = The user name was left empty.
    .next = Use your company user name or your email address.
notice-missing-domain = Choose your domain
    .what = This user name could belong to more than one domain.
    .next = Choose yours and enter your password again. If you do not know which one it is, ask your administrator.
notice-missing-password = Enter your password
    .what = The password was left empty.
    .next = Use the password for your computer at work.
notice-try-again = Please sign in again
    .what = This page was open for too long, so what you sent was not used.
    .next = Nothing is wrong with your account. Enter your password again.
notice-account-disabled = Your account is disabled
    .what = Your password was right, but your company has disabled this account.
    .next = If you think this is a mistake, ask your administrator to enable it.
notice-account-expired = Your account has expired
    .what = Your password was right, but the end date of the account has passed.
    .next = Ask your administrator to extend it.
notice-password-expired = Your password has expired
    .what = The password was right, but it is too old and no longer valid.
    .next = Change it at your computer at work (in Windows, press Ctrl+Alt+Del and choose “Change a password”), then sign in here with the new one.
notice-password-must-change = You need to change your password first
    .what = The password was right, but your administrator requires a new one before you can continue.
    .next = Change it at your computer at work (sign in there; in Windows, press Ctrl+Alt+Del and choose “Change a password”), then sign in here with the new one.
notice-account-locked = Your account is locked
    .what = Your password was right, but the account is locked after too many failed attempts.
    .next = Wait until the lock ends, or ask your administrator to unlock the account. Until then, trying again does not help.
notice-out-of-scope = You do not have access to { $client } yet
    .what = Your password was right, but your account is not in a part of the directory that is connected to { $client }.
    .next = Ask your administrator to add you to a connected department or group.
notice-no-email = Your email address is missing
    .what = Your password was right, but the company directory has no email address for you, and { $client } needs one.
    .next = Ask your administrator to enter it in the directory.
notice-email-differs = Your email address belongs to another account
    .what = Your password was right, but the email address that the directory has for you is used by a different account in { $client }.
    .next = Ask your administrator to decide which account it belongs to.
notice-email-taken = Your email address is already in use
    .what = Your password was right, but you have no account in { $client } yet, and the email address that the directory has for you belongs to another person’s account or is shared by several people.
    .next = Ask your administrator to enter an address in the directory that only you use. Then sign in again.
notice-link-pending = Your account must be confirmed first
    .what = Your password was right, and { $client } already has an account with your email address. An administrator has to confirm that it is yours.
    .next = Ask your administrator to link your account. Then sign in again.
notice-email-unusable = Your email address can’t be used
    .what = Your password was right, but the email address that the directory has for you cannot be used in { $client }.
    .next = Ask your administrator to correct your email address in the directory. Then sign in again.
notice-no-account = Your account is not ready yet
    .what = Your password was right, but { $client } has no account for you yet.
    .next = If you are new, try again in a few minutes. If it stays like this, ask your administrator.
notice-account-suspended = Your account is suspended
    .what = Your password was right, but your account in { $client } is suspended.
    .next = Ask your administrator to reactivate it.
notice-not-allowed-here = You may not sign in here at this time
    .what = Your password was right, but your company limits the hours or the computers at which this account may be used.
    .next = Try again during your working hours or from your usual computer, or ask your administrator.
notice-smart-card-required = Your account requires a smart card
    .what = Your password was right, but your company lets this account sign in with a smart card only, and this page accepts passwords only.
    .next = Ask your administrator to allow a password for your account.
notice-sso-disabled = Company sign-in is switched off
    .what = Your administrator has switched off signing in to { $client } with company accounts.
    .next = Nothing is wrong with your account. Ask your administrator when it will be available again.

## Sign in: a code in addition to the password

signing-in-as = Signing in as
go-on = Continue
code = Code
second-factor = Enter your code
    .lead = Open your authenticator app and enter the code that it shows now.
    .first = { $minutes ->
        [one] Too many attempts with this user name. Try again in 1 minute, or use a browser in which you have signed in before. If you have an authenticator app, you do not have to wait: enter its code now, then your password.
       *[other] Too many attempts with this user name. Try again in { $minutes } minutes, or use a browser in which you have signed in before. If you have an authenticator app, you do not have to wait: enter its code now, then your password.
    }
    .hint = The digits from your app
recovery-code = Enter a recovery code
    .lead = Enter one of the codes that you saved when you set up your authenticator app. A code from your help desk works as well.
    .label = Recovery code
    .hint = Letters and digits. Each one works once.
    .use = Use a recovery code
    .back = Use your authenticator app
remember = { $count ->
        [one] Do not ask for a code in this browser for 1 day
       *[other] Do not ask for a code in this browser for { $count } days
    }
    .hint = Only on a device that nobody else uses.
no-phone = I cannot use my app right now
    .recovery = Did you save your recovery codes? Use one of them. Each one works once.
    .help-desk = No recovery code either? Ask your help desk for a code, and enter it in place of a recovery code.
    .none = Have you never set up an authenticator app? Wait a while before you try again, or ask your help desk.
notice-missing-code = Enter a code
    .what = The field was left empty.
    .next = Your authenticator app shows a new code every few seconds.
notice-wrong-code = That code did not work
    .what = It is not the current code for your account.
    .next = Wait for the next code and enter that one. If none of them works, check that the clock of your phone is set automatically.
notice-missing-recovery-code = Enter a recovery code
    .what = The field was left empty.
    .next = Enter one of the codes that you saved, or a code from your help desk.
notice-wrong-recovery-code = That code did not work
    .what = It is not one of your recovery codes, or it has been used already.
    .next = Check each letter, or try another code from your list.
notice-missing-desk-code = Enter the code from your help desk
    .what = The field was left empty.
    .next = If you have no code, ask your help desk for one.
notice-wrong-desk-code = That code did not work
    .what = It is not the code that your help desk created for you, or it has been used already or has expired.
    .next = Check each letter, or ask your help desk for a new code.
notice-used-code = That code has been used already
    .what = Each code works once, so that nobody can use it after you.
    .next = Wait until your app shows the next code, then enter that one.
notice-wait-code = Too many wrong codes
    .what = To protect the account, codes are not checked for a while. Even the right code is refused until then.

## Sign in: setting up the authenticator

enrol = Set up your authenticator
    .lead = Your company asks for a code from your phone in addition to your password. You set this up once; it takes two minutes.
    .app = Get an authenticator app
    .app-hint = Any app for one-time codes works. If your phone already has one, use that.
    .scan = Add this account in the app
    .picture = QR code for your authenticator app. The key below contains the same as text.
    .open = Are you on that phone now? Open it in the app
    .by-hand = Cannot scan? Enter a key instead
    .by-hand-hint = Choose “Enter a set-up key” in the app and type this. Upper or lower case and spaces do not matter.
    .kind = Type of key: time-based, { $seconds } seconds.
    .digits = Digits: { $count }.
    .code = Enter the code that the app shows
    .code-hint = { $count } digits. This confirms that it works.
    .name = Name of this authenticator
    .name-hint = Optional: helps you recognise it later, for example “My phone”.
    .button = Finish set-up
later = Not now
    .days = { $count ->
        [one] You can postpone this for 1 more day. After that, you must do it before you can sign in.
       *[other] You can postpone this for { $count } more days. After that, you must do it before you can sign in.
    }
invitation = Ask your help desk for a code
    .lead = Your company asks for a second step in addition to your password. To set it up, you need a code from your help desk, which confirms that it is you.
    .code = Code from the help desk
    .hint = It works once and expires after a few days.

## Recovery codes

recovery-codes = Save your recovery codes
    .what = If you lose your phone, you can sign in with one of these codes. Each one works once. Keep them apart from your phone: on paper or in a password manager.
    .once = They are shown only now.
    .sheet = Recovery codes
    .file = recovery-codes.txt
    .download = Download
    .copy = Copy
    .copied = Copied.
    .print = Print
    .kept = I have saved them
recovery-code-used = Your code worked
    .left = { $count ->
        [0] You have no recovery codes left.
        [one] You have 1 recovery code left.
       *[other] You have { $count } recovery codes left.
    }
    .new = That code does not work again. After you continue, you can create new codes and set up a new phone here:
    .page = Your security page
    .account = Continue to your security page
    .panel = Continue to the admin panel

## Changing the password

change-password = Choose a new password
    .expired = Your password was right, but it is too old and no longer valid.
    .must-change = Your password was right, but your administrator requires a new one before you can continue.
    .current = Current password
    .current-hint = The password you just signed in with
    .new = New password
    .new-hint = It will also be the password for your computer at work.
    .again = Repeat the new password
    .button = Change password and continue
    .promise = Your company’s directory keeps your password. It is never stored here.
password-rules = The rules of your company:
    .length = { $count ->
        [one] At least 1 character.
       *[other] At least { $count } characters.
    }
    .kinds = Three of these: uppercase letters, lowercase letters, numbers, other characters.
    .name = Not your user name, and no part of your name.
    .history = { $count ->
        [one] Not your last password.
       *[other] None of your last { $count } passwords.
    }
    .days = { $count ->
        [one] Once changed, it can be changed again after 1 day.
       *[other] Once changed, it can be changed again after { $count } days.
    }
    .hours = { $count ->
        [one] Once changed, it can be changed again after 1 hour.
       *[other] Once changed, it can be changed again after { $count } hours.
    }
    .minutes = { $count ->
        [one] Once changed, it can be changed again after 1 minute.
       *[other] Once changed, it can be changed again after { $count } minutes.
    }
notice-missing-current = Enter your current password
    .what = The field was left empty.
    .next = It is the password you just signed in with.
notice-missing-new = Enter a new password
    .what = The field was left empty.
    .next = Enter the same new password in both fields.
notice-not-the-same = The new passwords differ
    .what = The two fields do not contain the same password. Nothing was changed.
    .next = Enter the same new password in both fields.
notice-wrong-current = The current password is not right
    .what = Your company’s directory did not accept it. Nothing was changed.
    .next = Try again carefully: after several failed attempts, an account may be locked for a while.
notice-too-simple = The new password is too simple
    .what = It is too short, too simple or too much like your name for your company’s rules. Nothing was changed.
    .next = Choose a longer one, with upper- and lowercase letters, numbers and symbols.
notice-in-history = You have used this password before
    .what = Your company’s directory remembers earlier passwords and does not accept them again. Nothing was changed.
    .next = Choose a password that you have not used before.
notice-too-young = Your password was changed too recently
    .what = Your company requires some time between two password changes. Nothing was changed.
    .next = Try again tomorrow, or ask your administrator.
notice-change-not-allowed = You cannot change the password here
    .what = Your company does not allow this account to change its password in this way. Nothing was changed.
    .next = Change it at your computer at work, or ask your administrator for a new one.
notice-change-refused = The directory refused the new password
    .what = It gave no reason. Nothing was changed.
    .next = Try a longer one that you have not used before. If it is refused again, ask your administrator.
notice-wait-password = Too many attempts
    .what = To keep your account from being locked, passwords are not checked for a while.

## The security page of the person

account = Your security
    .back = Back to your security page
    .authenticators = Authenticators
    .authenticators-hint = Apps that create the codes you sign in with.
    .no-authenticator = You have not set up any.
    .added = Added { $when }
    .used = used { $when }
    .never-used = never used
    .edit = Change
    .rename = Rename
    .remove = Remove
    .remove-hint = Its codes stop working at once. Recovery codes and other authenticators keep working.
    .remove-last-hint = Its codes stop working at once, and so do your recovery codes. After that, you sign in with your password alone.
    .last-stays = Your company asks for an authenticator, so the last one cannot be removed. To replace it, add the new one first.
    .recovery = { $count ->
        [0] You have no recovery codes left. Create new ones, or you may not be able to sign in without your phone.
        [one] You have 1 recovery code left.
       *[other] You have { $count } recovery codes left.
    }
    .add = Add an authenticator
    .codes = Create new recovery codes
    .codes-hint = The old ones stop working.
    .sign-in = Sign in again to make changes
    .sign-in-hint = To change how you sign in, please sign in again. You then have five minutes for your changes.
    .password-hint = The password for your computer at work.
    .sessions = Where you are signed in
    .sessions-hint = If you do not recognise a browser, end its sign-in here and change your password.
    .here = This browser
    .signed-in = Signed in { $when }
    .end = End
    .end-others = End all others
    .tokens-elsewhere = Some apps still have access from other sign-ins. “End all others” removes that access.
    .browsers = Browsers that do not ask for a code
    .browsers-hint = You selected “Do not ask for a code” there.
    .remembered = Selected { $when }
    .until = until { $when }
    .forget = Forget
    .forget-all = Forget all of them
authenticator = Authenticator app
browser = A browser
    .on = { $browser } on { $system }
own-password = Change your password
    .lead = This signs you out in all other browsers, and apps will ask you to sign in again.
    .button = Change password
new-factor = Add an authenticator
    .lead = A second phone or tablet, so that you can sign in with either.
    .button = Add it
account-added = The authenticator was added. You can use its codes from now on.
account-renamed = The authenticator has its new name.
account-removed = The authenticator was removed. Its codes no longer work.
account-last-stays = Nothing was changed: your company asks for an authenticator, so the last one cannot be removed.
account-session-ended = That browser is signed out.
account-others-ended = All other browsers are signed out.
account-forgotten = Done. You will be asked for a code there again.
account-password-changed = Your password was changed. All other browsers are signed out, and every browser will ask for a code again.
account-nothing-changed = Nothing was changed: the page was out of date. Please try again.

## Times

moment-now = just now
moment-minutes = { $count ->
        [one] 1 minute ago
       *[other] { $count } minutes ago
    }
moment-hours = { $count ->
        [one] 1 hour ago
       *[other] { $count } hours ago
    }
moment-days = { $count ->
        [one] 1 day ago
       *[other] { $count } days ago
    }
moment-in-minutes = { $count ->
    [0] within a minute
    [one] in 1 minute
   *[other] in { $count } minutes
}
moment-in-hours = { $count ->
    [one] in 1 hour
   *[other] in { $count } hours
}
moment-date = { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }

## Errors. The title, what happened, what to do next.

error-bad-request = This sign-in request is not valid
    .what = The app that sent you here made a request that we cannot process.
    .next = Go back and try again. If it happens again, give the lines below to your administrator.
error-bad-sign-out = This sign-out request is not valid
    .what = The app that sent you here made a request that we cannot process. Nobody was signed out.
    .next = Go back and try again. If it happens again, give the lines below to your administrator.
error-bad-form = We could not read what was sent
    .what = Part of the form is missing, was sent twice or was damaged on the way. Nothing was done.
    .next = Go back and try again. If it happens again, give the lines below to your administrator.
error-form-expired = This page was open for too long
    .what = What you sent was not used, and nothing was changed.
    .next = Go back, open the page again and repeat what you did.
error-detail = For developers
error-unknown-client = This app is not registered
    .what = The app that sent you here is not registered with this sign-in service.
    .next = Open the app the way you usually do. If it happens again, tell your administrator.
error-bad-redirect-uri = This return address is not registered
    .what = The app that sent you here asked us to send you to an address that is not registered for it. To protect you, nothing was sent there.
    .next = Open the app the way you usually do. If it happens again, tell your administrator.
error-login-expired = This sign-in has ended
    .what = It took too long, or it was started in another browser or tab.
    .next = Start again from the app that you want to use.
error-directory-unavailable = The company directory cannot be reached
    .what = Your company’s directory does not answer at the moment, so we cannot continue. Nothing is wrong with your password or your account.
    .next = Wait a minute and try again. If that does not help, tell your administrator.
error-storage-unavailable = Sign-in is briefly interrupted
    .what = Part of our system does not answer. Nothing is wrong with your password or your account, and no sign-in was lost.
    .next = Wait a few seconds and try again. If that does not help, tell your administrator. What you typed was not saved, so you may be asked for it again.
    .by-itself = This page tries again automatically every few seconds.
    .now = Try again now
error-busy = Many people are signing in right now
    .what = More people are signing in at this moment than we can serve. Nothing is wrong with your password or your account.
    .next = Wait a few seconds, then try again.
error-too-many-requests = Too many attempts
    .what = To protect accounts, we accept only a limited number of attempts in a short time.
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
    .next = Check the address, or start again from the app that you want to use.
error-method-not-allowed = This page cannot be opened this way
    .what = The address exists, but it is meant for apps, or only for a form.
    .next = Start again from the app that you want to use.
error-too-large = Too much was sent
    .what = This page cannot accept that much at once.
    .next = Go back and try again with less text in the fields.
error-internal = Something went wrong on our side
    .what = It is not your fault, and your account is not affected.
    .next = Try again in a moment. If it happens again, give the number below to your administrator.

## Sign out

signed-out = You are signed out
    .lead = You can close this window. On a shared computer, close the whole browser.
    .again = Sign in again at { $client }
    .again-here = Sign in again
logout-confirm = Do you want to sign out?
    .by = { $client } asks to end your sign-in in this browser.
    .lead = Your sign-in in this browser will end. Apps that you still have open may ask you to sign in again.
    .button = Sign out
    .stay = Stay signed in and go to { $client }

## Handing over to the client

form-post = You are signed in
    .title = Continue to { $client }
    .lead = One more step takes you back to { $client }.
    .button = Continue to { $client }

## Home

home = Company sign-in
    .lead = This is where people sign in to { $product } with their company account.
    .people = Looking for { $product }? Open it as usual. It brings you here when it is time to sign in.
    .admins = Setting it up? Apps find all they need in the discovery document.
    .discovery = Discovery document
    .documentation = Documentation

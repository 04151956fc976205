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
    .code-accepted = Your code was right. Now enter your password.
username = User name
    .hint = Your company user name or email address
domain = Domain
    .hint = Where your company user name belongs
    .none = Please choose
password = Password
    .hint = The one you use at your computer at work
    .forgot = Forgot your password?
    .show = Show password
    .hide = Hide password
    .caps = Caps Lock is on.
sign-in-button = Sign in
password-promise = Your company’s directory checks your password. It is never stored here.

## Sign in: why the last try did not do. The title, what it was, what to do.

notice-refused = That did not work
    .what = Check your user name and password.
    .mend = After several tries an account may be locked for a while. If you are not sure, ask your administrator.
notice-too-many = Too many attempts with this user name
    .what = So that nobody can lock the account, the password was not checked this time.
    .mend = { $minutes ->
        [one] Try again in 1 minute, or use a browser in which you have signed in before.
       *[other] Try again in { $minutes } minutes, or use a browser in which you have signed in before.
    }
notice-too-many-here = Too many attempts with this user name
    .what = So that nobody can lock the account, the password was not checked this time.
    .mend = { $minutes ->
        [one] Try again in 1 minute, or ask your administrator.
       *[other] Try again in { $minutes } minutes, or ask your administrator.
    }
notice-busy = Many people are signing in right now
    .what = There are more sign-ins at this moment than we can take. Nothing is wrong with your password or your account.
    .mend = Wait a few seconds, then enter your password again.
notice-missing-username = Enter your user name
    .what = The user name was left empty.
    .mend = Your company user name or your email address will do.
notice-missing-domain = Choose your domain
    .what = This user name could belong to more than one domain.
    .mend = Choose yours and enter your password again. If you are not sure which it is, ask your administrator.
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
    .mend = Change it at your computer at work (in Windows, press Ctrl+Alt+Del and choose “Change a password”), then sign in here with the new one.
notice-password-must-change = You need to change your password first
    .what = The password was right, but your administrator has asked for a new one before you go on.
    .mend = Change it at your computer at work (sign in there; in Windows, press Ctrl+Alt+Del and choose “Change a password”), then sign in here with the new one.
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
notice-mail-taken = Your email address is already in use
    .what = Your password was right, but you have no account in { $client } yet, and the email address that the directory has for you belongs to somebody else’s account or is shared by several people.
    .mend = Ask your administrator to enter an address in the directory that is yours alone. Then sign in again.
notice-link-pending = Your account must be confirmed first
    .what = Your password was right, and { $client } already has an account with your email address. An administrator has to confirm that it is yours.
    .mend = Ask your administrator to link your account. Then sign in again.
notice-mail-unusable = Your email address can’t be used
    .what = Your password was right, but what the directory has as your email address is not an address that may be used in { $client }.
    .mend = Ask your administrator to correct your email address in the directory. Then sign in again.
notice-no-account = Your account is not ready yet
    .what = Your password was right, but { $client } has no account for you so far.
    .mend = If you are new, try again in a few minutes. If it stays like this, ask your administrator.
notice-account-suspended = Your account is suspended
    .what = Your password was right, but your account in { $client } is suspended.
    .mend = Ask your administrator to reactivate it.
notice-not-allowed-here = You may not sign in here at this time
    .what = Your password was right, but your company limits the hours or the computers at which this account may be used.
    .mend = Try again during your working hours or from your usual computer, or ask your administrator.
notice-smart-card-required = Your account requires a smart card
    .what = Your password was right, but your company lets this account sign in with a smart card only, and this page takes passwords.
    .mend = Ask your administrator to allow a password for your account.
notice-sso-disabled = Company sign-in is switched off
    .what = Your administrator has switched off signing in to { $client } with company accounts.
    .mend = Nothing is wrong with your account. Ask your administrator when it will be back.

## Sign in: a code besides the password

signing-in-as = Signing in as
go-on = Continue
code = Code
second-factor = Enter your code
    .lead = Open your authenticator app and enter the code that it shows now.
    .first = { $minutes ->
        [one] Too many attempts with this user name. Try again in 1 minute, or use a browser in which you have signed in before. If you have an authenticator app, you need not wait: enter its code now, and your password after that.
       *[other] Too many attempts with this user name. Try again in { $minutes } minutes, or use a browser in which you have signed in before. If you have an authenticator app, you need not wait: enter its code now, and your password after that.
    }
    .hint = The digits from your app
recovery-code = Enter a recovery code
    .lead = Enter one of the codes that you kept when you set up your authenticator app. A code from your help desk will do as well.
    .label = Recovery code
    .hint = Letters and digits. Each one works once.
    .use = Use a recovery code
    .back = Use your authenticator app
remember = { $count ->
        [one] Do not ask for a code at this browser for 1 day
       *[other] Do not ask for a code at this browser for { $count } days
    }
    .hint = Only on a device that nobody else uses.
no-phone = I cannot use my app now
    .recovery = Have you kept your recovery codes? Use one of them. Each one works once.
    .help-desk = No recovery code either? Ask your help desk for a code, and enter it in place of a recovery code.
    .none = Have you never set up an authenticator app? Wait a while before you try again, or ask your help desk.
notice-missing-code = Enter a code
    .what = The field was left empty.
    .mend = Your authenticator app shows a new code every few seconds.
notice-wrong-code = That code did not work
    .what = It is not the code that belongs to your account at this moment.
    .mend = Wait for the next code and enter that one. If none of them works, check that the clock of your phone is set automatically.
notice-missing-recovery-code = Enter a recovery code
    .what = The field was left empty.
    .mend = Enter one of the codes that you have kept, or a code from your help desk.
notice-wrong-recovery-code = That code did not work
    .what = It is none of your recovery codes, or it has been used already.
    .mend = Check each letter, or try another code of your list.
notice-missing-desk-code = Enter the code from your help desk
    .what = The field was left empty.
    .mend = If you have no code, ask your help desk for one.
notice-wrong-desk-code = That code did not work
    .what = It is not the code that your help desk made for you, or it has been used already or is too old.
    .mend = Check each letter, or ask your help desk for a new code.
notice-used-code = That code has been used already
    .what = Each code works once, so that nobody can use it after you.
    .mend = Wait until your app shows the next code, then enter that one.
notice-wait-code = Too many wrong codes
    .what = To protect the account, codes are not checked for a while. The right one would be refused as well.

## Sign in: setting up the authenticator

enrol = Set up your authenticator
    .lead = Your company asks for a code from your phone besides your password. You set this up once; it takes two minutes.
    .app = Get an authenticator app
    .app-hint = Any app for one-time codes will do. If there is one on your phone already, use that.
    .scan = Add this account in the app
    .picture = QR code for your authenticator app. The key below says the same in letters.
    .open = On this phone already? Open it in the app
    .by-hand = Cannot scan? Enter a key instead
    .by-hand-hint = Choose “Enter a set-up key” in the app and type this. Capital or small letters, and spaces, make no difference.
    .kind = Kind of key: time-based, { $seconds } seconds.
    .digits = Digits: { $count }.
    .code = Enter the code that the app shows
    .code-hint = { $count } digits. This proves that it works.
    .name = Name of this authenticator
    .name-hint = Optional: so that you recognise it later, for example “My phone”.
    .button = Finish set-up
later = Not now
    .days = { $count ->
        [one] You can put this off for 1 more day. After that it has to be done before you can sign in.
       *[other] You can put this off for { $count } more days. After that it has to be done before you can sign in.
    }
invitation = Ask your help desk for a code
    .lead = Your company asks for a second step besides your password. To set it up, you need a code from your help desk: it makes sure that it is really you.
    .code = Code from the help desk
    .hint = It works once and ends after a few days.

## Recovery codes

recovery-codes = Keep your recovery codes
    .what = Should you lose your phone, one of these codes lets you in. Each one works once. Keep them where your phone is not: on paper, or in a password manager.
    .once = We show them only now.
    .sheet = Recovery codes
    .file = recovery-codes.txt
    .download = Download
    .copy = Copy
    .copied = Copied.
    .print = Print
    .kept = I have kept them
recovery-code-used = Your code worked
    .left = { $count ->
        [0] You have no recovery codes left.
        [one] You have 1 recovery code left.
       *[other] You have { $count } recovery codes left.
    }
    .new = That code does not work again. After you have continued, you can make new ones and set up a new phone here:
    .page = Your security page
    .account = Continue to your security page

## Changing the password

change-password = Choose a new password
    .expired = Your password was right, but it is too old to be used any longer.
    .must-change = Your password was right, but your administrator has asked for a new one before you go on.
    .current = Current password
    .current-hint = The one that you have just used
    .new = New password
    .new-hint = It will be your password at your computer at work, too.
    .again = New password once more
    .button = Change password and continue
    .promise = Your company’s directory keeps your password. It is never stored here.
password-rules = The rules of your company:
    .length = { $count ->
        [one] At least 1 character.
       *[other] At least { $count } characters.
    }
    .kinds = Three of these: capital letters, small letters, digits, other characters.
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
    .mend = It is the one that you have just used to sign in.
notice-missing-new = Enter a new password
    .what = The field was left empty.
    .mend = Enter the same new password in both fields.
notice-not-the-same = The new passwords differ
    .what = What you entered the second time is not the same as the first time. Nothing was changed.
    .mend = Enter the same new password in both fields.
notice-wrong-current = The current password is not right
    .what = Your company’s directory did not accept it. Nothing was changed.
    .mend = Try again with care: after several wrong tries an account may be locked for a while.
notice-too-simple = The new password is too simple
    .what = It is too short, too plain, or too much like your name for the rules of your company. Nothing was changed.
    .mend = Take a longer one, and mix capital and small letters, digits and signs.
notice-in-history = You have used this password before
    .what = Your company’s directory remembers earlier passwords and wants a new one. Nothing was changed.
    .mend = Think of a password that you have not used here yet.
notice-too-young = The password was changed too short a time ago
    .what = Your company lets a password be changed again only after some time. Nothing was changed.
    .mend = Try again tomorrow, or ask your administrator.
notice-change-not-allowed = You cannot change the password here
    .what = Your company does not allow this account to change its password in this way. Nothing was changed.
    .mend = Change it at your computer at work, or ask your administrator for a new one.
notice-change-refused = The directory refused the new password
    .what = It did not say why. Nothing was changed.
    .mend = Try a longer one that you have not used before. If it is refused again, ask your administrator.
notice-wait-password = Too many wrong tries
    .what = To keep your account from being locked, passwords are not checked for a while.

## The security page of the person

account = Your security
    .back = Back to your security page
    .authenticators = Authenticators
    .authenticators-hint = Apps that make the codes you sign in with.
    .no-authenticator = You have not set up any.
    .added = Added { $when }
    .used = used { $when }
    .never-used = never used
    .edit = Change
    .rename = Rename
    .remove = Remove
    .remove-hint = Its codes stop working at once. Recovery codes and other authenticators go on working.
    .remove-last-hint = Its codes stop working at once, and so do your recovery codes: after that, your password alone lets you in.
    .last-stays = Your company asks for an authenticator, so the last one stays. To replace it, add the new one first.
    .recovery = { $count ->
        [0] You have no recovery codes left. Make new ones, or you may be locked out without your phone.
        [one] You have 1 recovery code left.
       *[other] You have { $count } recovery codes left.
    }
    .add = Add an authenticator
    .codes = Make new recovery codes
    .codes-hint = The old ones stop working.
    .sign-in = Sign in again to make changes
    .sign-in-hint = To change how you sign in, we ask you to sign in once more. It holds for five minutes.
    .password-hint = The one of your company’s directory, which you use at your computer at work as well.
    .sessions = Where you are signed in
    .sessions-hint = End what you do not recognise, then change your password.
    .here = This browser
    .signed-in = Signed in { $when }
    .end = End
    .end-others = End all others
    .tokens-elsewhere = Applications still have access from other sign-ins. Ending all others takes it away.
    .browsers = Browsers that are not asked for a code
    .browsers-hint = You ticked “Do not ask for a code” there.
    .remembered = Ticked { $when }
    .until = until { $when }
    .forget = Forget
    .forget-all = Forget all of them
authenticator = Authenticator app
browser = A browser
    .on = { $browser } on { $system }
own-password = Change your password
    .lead = All other browsers are signed out then, and programs ask you to sign in again.
    .button = Change password
new-factor = Add an authenticator
    .lead = A second phone or tablet, so that you can sign in with either.
    .button = Add it
account-added = The authenticator was added. You can use its codes from now on.
account-renamed = The authenticator has its new name.
account-removed = The authenticator was removed. Its codes do not work any longer.
account-last-stays = Nothing was changed: your company asks for an authenticator, so the last one stays.
account-session-ended = That browser is signed out.
account-others-ended = All other browsers are signed out.
account-forgotten = Done. A code will be asked for there again.
account-password-changed = Your password was changed. All other browsers are signed out, and none is remembered any longer.
account-nothing-changed = Nothing was changed: the page was not up to date any more. Please try again.

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

## What went wrong on the way. The title, what it was, what to do.

error-bad-request = This sign-in link is not complete
    .what = The program that sent you here asked in a way that we cannot answer.
    .mend = Go back and try again. If it happens once more, give the lines below to your administrator.
error-bad-sign-out = This sign-out link is not complete
    .what = The program that sent you here asked in a way that we cannot answer. Nobody was signed out.
    .mend = Go back and try again. If it happens once more, give the lines below to your administrator.
error-bad-form = We could not read what was sent
    .what = Something in the form is missing, came twice or was damaged on the way. Nothing was done.
    .mend = Go back and try again. If it happens once more, give the lines below to your administrator.
error-form-expired = This page was open for too long
    .what = What you sent was not used, and nothing was changed.
    .mend = Go back, open the page anew and try again.
error-detail = For developers
error-unknown-client = We do not know this program
    .what = The program that sent you here is not registered with us.
    .mend = Open the program from its usual place. If it happens again, tell your administrator.
error-bad-redirect-uri = We will not send you to this address
    .what = The program that sent you here wants you to be sent on to an address that is not registered for it. To protect you, nothing was sent there.
    .mend = Open the program from its usual place. If it happens again, tell your administrator.
error-login-expired = This sign-in has ended
    .what = It has taken too long, or was started in another browser or tab.
    .mend = Start again from the program that you want to use.
error-directory-unavailable = The company directory cannot be reached
    .what = We cannot go on, because your company’s directory does not answer at the moment. Nothing is wrong with your password or your account.
    .mend = Wait a minute and try again. If it lasts, tell your administrator.
error-storage-unavailable = Sign-in is interrupted for a moment
    .what = A part of our system does not answer. Nothing is wrong with your password or your account, and no sign-in was lost.
    .mend = Wait a few seconds and try again. If it lasts, contact your administrator. What you typed was not kept, so you may be asked for it again.
    .by-itself = This page tries again by itself every few seconds.
    .now = Try again now
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
    .again-here = Sign in again
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
    .lead = This is where people sign in to { $product } with their company account.
    .people = Looking for { $product }? Open it as usual. It brings you here when it is time to sign in.
    .admins = Setting it up? Programs find all they need in the discovery document.
    .discovery = Discovery document
    .documentation = Documentation

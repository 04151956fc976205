## Settings: the list of directories

directories = Active Directory
    .what = The directories whose people sign in here. Their servers are asked in the order of the list.
    .none = No directory is configured yet
    .none-what = Nobody can sign in before a directory is configured. You need the name of the domain, and the name and password of an account that may read it.
    .servers = Servers
    .id = Short name
directory-back = Back to the list of directories
directory-new = Configure another directory
    .what = Type the domain. Its servers are looked up in DNS; you can change everything on the next page. Nothing is saved yet.
    .domain = Domain
    .domain-what = For example corp.example.com. Without entries in DNS you type the servers yourself.
    .find = Find the servers
    .no-domain = This is not the name of a domain: type one such as corp.example.com.
    .exists = A directory for this domain is configured already.

## Settings: the form of one directory

directory-configure = Configure Active Directory
    .new = A new directory with the short name { $name }. It is stored when you save; its people are read when you run the initial sync.
directory-servers = Servers
    .what = They are asked in this order: the next one as soon as one does not answer.
directory-server = Server { $number }
    .host = Server hostname or IP
    .port = Port (empty: 636 or 389)
    .name = Name in its certificate, if another
    .via = Reached
    .directly = directly
    .by-agent = through an agent
    .up = Move up
    .down = Move down
    .remove = Remove
    .chain = Show its certificates
    .add = Add a server
directory-encryption = Encryption
    .ldaps = LDAPS, port 636
    .ldaps-what = Recommended, and required for HIPAA: the connection is encrypted from its first byte.
    .start-tls = StartTLS, port 389
    .start-tls-what = The connection is encrypted before a name or password is sent.
    .none = Not encrypted, only to this machine itself
directory-account-group = Service account
directory-account = Service Account DN
    .what = The DN of an account that may read the directory; in Active Directory svc@corp.example.com too. It needs no right to write.
directory-password = Password of the service account
    .missing = It is stored sealed and never shown again.
    .stored = A password is stored. Leave this empty to keep it. It has to be typed again when a server or the CA changes.
    .typed = The password that you have typed is kept for 10 minutes. Leave this empty to use it.
directory-what = Where people are
directory-base = Base DN
    .what = Nobody outside of it is ever found.
directory-name = Name
    .what = People see it where they choose a directory.
directory-schema = Kind of directory
    .what = How people, groups and passwords are stored.
    .active-directory = Active Directory, Samba
    .others = OpenLDAP and others (RFC 2307bis)
directory-netbios = NetBIOS name
    .what = What stands before the backslash in CORP\alice. Empty: nobody signs in so.
directory-ca-group = Certificate authority of your own
directory-ca = CA certificates
    .what = In PEM. They are trusted instead of the CAs that this machine trusts. Empty: a public CA has issued the certificates of the servers.
    .upload = Or upload the CA certificate
    .upload-what = A file in PEM or DER; it takes the place of what stands above.
directory-email-group = Email addresses
directory-email = Attribute with the email address
    .what = By this address CloudSync knows a person.
directory-email-admins = Only admins can write this attribute
    .what = Only then are addresses passed on as verified.
directory-email-domains = Domains of addresses
    .what = One a line. A person with an address of another domain gets no account. Empty: all domains.
directory-advanced = Advanced
directory-connect = Milliseconds to connect
    .what = With TLS and the bind of the service account.
directory-operation = Milliseconds for an answer
    .what = After that the next server is asked.
directory-search = Connections for searches
    .what = At most so many are open at once.
directory-bind = Connections for sign-ins
    .what = At most so many passwords are checked at once.
directory-lockout = Lockout threshold to assume
    .what = For people whose own password policy cannot be read. Empty: that of the domain. 0: nobody has a policy of their own.
directory-policy = Default password policy
    .what = The DN of the entry for people without a policy of their own (ppolicy_default of OpenLDAP).

## Buttons of the form, and what they found

configure-keep = Keep what is typed
configure-ask = Ask the server for base DN and kind
    .pick = The server names these base DNs. Which one are the people below?
configure-test = Test Connection
configure-save = Save Configuration
    .what = Before it is saved, the connection is tested. Testing alone saves nothing.
    .tested = The connection was tested with exactly this configuration, and it works.
configure-servers = { $count ->
        [0] DNS lists no servers of this domain
        [one] DNS lists 1 server
       *[other] DNS lists { $count } servers
    }
    .what = Check the list below.
    .foreign = DNS also lists servers outside of the domain, which are not taken over: { $servers }
configure-asked = { $count ->
        [0] The server names no base DN
        [one] The server names 1 base DN
       *[other] The server names { $count } base DNs
    }
    .what = Kind of directory and NetBIOS name are filled in as the server says. Nothing is saved yet.
configure-trusted = The CA is in the form now
    .what = { $subject } will be trusted for this directory once you have saved.
configure-other-ca = The server has sent another CA certificate now
    .what = Nothing was taken over. Show its certificates again, and ask who runs the network if this repeats.
configure-not-found = This could not be looked up
    .what = Below is what was found. Nothing was saved.
configure-too-many = Too many tests at once
    .what = { $count ->
        [one] Try again in 1 second. What you typed is kept.
       *[other] Try again in { $count } seconds. What you typed is kept.
    }
configure-no-room = What you typed cannot be kept for a test now
    .what = Too many admins have forms open. Try again in some minutes.
configure-chain = Certificates of { $server }
    .trusted = The CA that issued them is trusted: nothing has to be done.
    .unknown = No CA that is trusted has issued them. You can trust the CA that the server sends.
    .no-ca = No CA that is trusted has issued them, and the server does not send its CA. Export it on the CA (certutil -ca.cert ca.cer) and paste it below.
    .other-name = The certificate is for another name. Choose the name of this server, or correct the host name.
    .useless = No usable certificate came.
    .subject = Subject
    .names = Names
    .issuer = Issuer
    .valid = Valid
    .fingerprint = SHA-256
    .compare = Compare the last fingerprint with the one that the CA itself shows, not over this network.
    .trust = Trust { $subject } for this directory
    .use-name = It is { $name }

## Test Connection

test = Test Connection
    .verdict-good = fine
    .verdict-info = note
    .verdict-unknown = unknown
    .verdict-warning = warning
    .verdict-error = error
    .fix = What to do:
    .evidence = { $count ->
        [one] 1 check without a problem
       *[other] { $count } checks without a problem
    }
    .form = Back to the form, with what you typed
test-running = The test is running
    .what = Nothing is saved. You can leave this page; the test goes on.
    .saves = The configuration is saved once the test has passed. You can leave this page; the test goes on.
test-ended-passed = The connection works
    .what = Nothing was saved yet. Save the configuration, or go back to the form.
test-ended-saved = The connection works, and the configuration is saved
    .what = It is in force here now, and on all other nodes within a second.
test-ended-failed = The test failed: { $stage }
    .what = Nothing was saved. Below is what was found and what to do.
    .saves = So nothing was saved yet. Below is what was found and what to do.
test-ended-not-made = The connection was not tested
test-ended-not-saved = The connection works, but the configuration was not saved
    .what = Somebody else has saved in the meantime, or the settings are wrong. Go back to the form and save again: the next page shows what to do.
test-ended-asked = The connection works; a second owner has to approve it
    .what = Nothing was saved yet. Say why you need it, and ask for approval.
    .next = Ask for approval
test-ended-interrupted = The test was interrupted
    .what = Nothing was saved. Go back to the form and press the button again.
test-passed = works
test-warned = works, with a warning
test-failed-stage = failed
test-waiting = waiting
test-not-reached = not reached
test-save-anyway = You can save in spite of this, for example while a server is being repaired.
    .nobody = Save although nobody can sign in with this
    .some = Save although the directory cannot be read in full
stage-dns = Names of the servers (DNS)
    .next = Check the host name, letter by letter. If it is right, the DNS server of this machine does not know it: type the IP address, and the name in the certificate beside it.
stage-tcp = Connections to their ports
    .next = Check the port (636, or 389 for StartTLS). If it is right, a firewall between this machine and the server blocks it: allow outbound connections to exactly this port.
stage-tls = Certificates and host names (TLS)
    .next = A CA of your own must be in the form: let the server show its certificates, and trust its CA. The host name must be in the certificate of the server, and the certificate must not have expired.
stage-bind = Sign-in of the service account
    .next = Check the DN and the password of the service account, and in the directory that it is enabled, not locked and its password has not expired.
stage-base-dn = Base DN
    .next = Ask the server for its base DNs, and take the one below which the people are. The service account must be able to see it.
stage-rights = Rights of the service account
    .next = The service account needs read access to people, groups and password policies; it needs no right to write.
stage-change-feed = Reading changes
    .next = The sync works without it, but reads everything each time: give the service account the right to replicate changes (Active Directory), or switch on syncprov (OpenLDAP).
stage-attributes = Attributes of people
    .next = People need an email address in the attribute that is set, and the service account must be able to read it.

## The manual's question: Connection test fails

connection-trouble = Connection test fails
    .what = Test the connection as it is stored: the first stage that fails is the one to correct. Nothing is changed by a test.
    .now = Test now
    .test = Test { $name }
    .owners = Only owners can test a connection. Send them this page.
    .stages = What each stage needs
    .command = The same on the server:

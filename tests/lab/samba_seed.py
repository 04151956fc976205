"""Fills a fresh domain offline, straight into its database: no server needed yet.

Arguments: smb.conf, sam.ldb, directory with people.tsv and groups.tsv. Environment: USER_PW, SVC_PW, USERS, LOCKOUT, PDC.
"""
import os
import sys
import time

import ldb
from samba import dsdb
from samba.auth import system_session
from samba.credentials import Credentials
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB

conf, sam, tables = sys.argv[1:]
USER_PW, SVC_PW = os.environ["USER_PW"], os.environ["SVC_PW"]
NORMAL, DISABLED, NEVER_EXPIRES = 0x200, 0x202, 0x10200
READY_HASH = "local_oid:%s:0" % dsdb.DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID
LAST_SET = "local_oid:1.3.6.1.4.1.7165.4.3.20:0"    # lets pwdLastSet take any time; over LDAP only 0 and -1 pass
LONG_AGO = "130000000000000000"                     # December 2012

lp = LoadParm()
lp.load(conf)
# batch_mode: without it each add costs more than the one before
db = SamDB(sam, session_info=system_session(), lp=lp, options=["batch_mode:1"])
base = db.domain_dn()
dns = base[3:].replace(",DC=", ".").lower()


def filetime(days=0):
    return str(int((time.time() + days * 86400 + 11644473600) * 1e7))


def table(name):
    with open(os.path.join(tables, name), encoding="utf-8") as f:
        for line in f:
            if not line.startswith("#"):
                yield [None if field == "-" else field for field in line.rstrip("\n").split("\t")]


def dn(cn, path):
    at = ldb.Dn(db, "%s,%s" % (",".join("OU=" + part for part in path.split(",")), base))
    at.add_child("CN=x")
    at.set_component(0, "CN", cn)           # escapes commas and all that
    return at


def put(where, attr, value, controls=()):
    m = ldb.Message(ldb.Dn(db, str(where)))
    m[attr] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, attr)
    db.modify(m, controls=list(controls))


def ready_hash(password):
    """Hashing a password the proper way costs 37 ms each."""
    cred = Credentials()
    cred.set_password(password)
    return bytes(cred.get_nt_hash())


def add_person(account, name, path, password, control=NEVER_EXPIRES, more=(), quick=False):
    entry = {"dn": dn(name, path), "objectClass": "user", "sAMAccountName": account,
             "userPrincipalName": "%s@%s" % (account, dns), "displayName": name,
             "userAccountControl": str(control), "unicodePwd": ('"%s"' % password).encode("utf-16-le")}
    if quick:
        entry.update(unicodePwd=ready_hash(password), pwdLastSet=filetime())
    entry.update((key, value) for key, value in more if value)
    db.add(entry, controls=[READY_HASH] if quick else [])
    return entry["dn"]


def add_units(paths):
    units = {}
    for path in paths:
        parts = path.split(",")
        for depth in range(len(parts), 0, -1):
            units[",".join(parts[depth - 1:])] = None
    for path in sorted(units, key=lambda p: p.count(",")):
        db.add({"dn": ",".join("OU=" + part for part in path.split(",")) + "," + base, "objectClass": "organizationalUnit"})


def lock(where):
    """What as many wrong passwords as lock leave behind. It was yesterday, so that they count no more, however old the
    golden state is; the lock stays."""
    then = filetime(days=-1)
    for attr, value in (("badPwdCount", os.environ["LOCKOUT"]), ("badPasswordTime", then), ("lockoutTime", then)):
        put(where, attr, value, ["relax:0", "provision:0"])


def add_people(people):
    members = {}
    for account, given, surname, name, mail, path, department, title, phone, state, groups in people:
        more = [("givenName", given), ("sn", surname), ("mail", mail), ("department", department), ("title", title),
                ("telephoneNumber", phone), ("company", "Example Corp"), ("employeeID", "E%05d" % (len(members) + 1000))]
        if mail:
            more.append(("proxyAddresses", ["SMTP:" + mail, "smtp:%s@corp.example.com" % account]))
        if state == "expired":
            more.append(("accountExpires", LONG_AGO))
        if state == "must-change":
            more.append(("pwdLastSet", "0"))
        control = {"disabled": DISABLED, "must-change": NORMAL, "password-expired": NORMAL}.get(state, NEVER_EXPIRES)
        where = add_person(account, name, path, USER_PW, control, more, quick="." in account)
        if state == "password-expired":
            put(where, "pwdLastSet", LONG_AGO, [LAST_SET])
        if state == "locked":
            lock(where)
        members[str(where)] = (groups or "").split(";")
    return members


def add_groups(groups, people):
    for name, kind, parents, description in groups:
        inside = [str(dn(child, "Groups")) for child, _, of, _ in groups if of == name]
        inside += [person for person, of in people.items() if name in of]
        entry = {"dn": dn(name, "Groups"), "objectClass": "group", "sAMAccountName": name, "description": description,
                 "groupType": "2" if kind == "distribution" else "-2147483646"}
        db.add(entry)
        groups_members.append((entry["dn"], inside))
    for where, inside in groups_members:
        if inside:
            put(where, "member", inside)


REPLICATING_CHANGES = (base, "(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;%s)")       # DirSync
READING_THE_DELETED = ("CN=Deleted Objects," + base, "(A;CI;LCRPLO;;;%s)")


def grant(account, *rights):
    found = db.search(expression="(sAMAccountName=%s)" % account, attrs=["objectSid"])[0]
    sid = str(ndr_unpack(security.dom_sid, found["objectSid"][0]))
    domain = security.dom_sid(db.domain_sid)
    for where, ace in rights:
        controls = ["show_deleted:1", "sd_flags:1:4"]
        old = db.search(where, scope=ldb.SCOPE_BASE, attrs=["nTSecurityDescriptor"], controls=controls)[0]
        sddl = ndr_unpack(security.descriptor, old["nTSecurityDescriptor"][0]).as_sddl(domain)
        head, rest = sddl.split("(", 1)
        put(where, "nTSecurityDescriptor", ndr_pack(security.descriptor.from_sddl(head + ace % sid + "(" + rest, domain)), controls)


def emulator_elsewhere(host):
    """A domain controller that only this directory has heard of is the PDC emulator."""
    site = "CN=Servers,CN=Default-First-Site-Name,CN=Sites,%s" % db.get_config_basedn()
    server = "CN=%s,%s" % (host.upper(), site)
    settings = "CN=NTDS Settings," + server
    db.add({"dn": server, "objectClass": "server"})
    db.add({"dn": settings, "objectClass": "nTDSDSA"}, controls=["relax:0"])
    put(base, "fSMORoleOwner", settings, ["relax:0"])


groups_members = []
people, groups = list(table("people.tsv")), list(table("groups.tsv"))

db.transaction_start()
put(base, "lockoutThreshold", os.environ["LOCKOUT"])
put(base, "lockoutDuration", "-9223372036854775808")    # until an admin unlocks
put(base, "minPwdAge", "0")
add_units([person[5] for person in people] + ["Groups", "Svc", "Bulk"])
members = add_people(people)
add_groups(groups, members)
add_person("svc-reader", "Svc Reader", "Svc", SVC_PW)   # plain: anyone may read the directory
add_person("svc-sync", "Svc Sync", "Svc", SVC_PW)
add_person("svc-watch", "Svc Watch", "Svc", SVC_PW)     # sees who was deleted, and may not replicate
for i in range(int(os.environ["USERS"])):
    user = "user%06d" % i
    add_person(user, user, "Bulk", USER_PW, quick=True,
               more=[("givenName", "Given%d" % i), ("sn", "Sur%d" % i), ("mail", user + "@example.com")])
grant("svc-sync", REPLICATING_CHANGES, READING_THE_DELETED)
grant("svc-watch", READING_THE_DELETED)
if os.environ["PDC"]:
    emulator_elsewhere(os.environ["PDC"])
db.transaction_commit()

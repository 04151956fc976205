# Convert groups.tsv and people.tsv to the LDIF of the whole tree, memberOf included: slapadd runs no memberof
# overlay. Variables: base, pw, svcpw, lockout, users (bulk people), per (of them in a group), big (of them in
# cn=big).
BEGIN {
  FS = "\t"
  split(base, d, /[=,]/)
  printf "dn: %s\nobjectClass: dcObject\nobjectClass: organization\ndc: %s\no: Example Org\n\n", base, d[2]
  unit("people"); unit("outside"); unit("groups"); unit("svc"); unit("policies")
  policy()
  printf "dn: cn=reader,ou=svc,%s\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reader\nuserPassword: %s\n\n", base, svcpw
}

/^#/ { next }
FILENAME ~ /groups.tsv$/ { groups[++count] = $1; parents[$1] = $3 == "-" ? "" : $3; about[$1] = $4; next }
{ person($1, $2, $3, $4, $5, $6 == "Outside" ? "outside" : "people", $7, $8, $9, state($10), $11 == "-" ? "" : $11) }

END {
  person("warned", "Wanda", "Warner", "Wanda Warner", "warned@example.com", "people", "Finance", "Accountant", "-", "pwdChangedTime: 20250101000000Z\n", "Finance")
  for (i = 0; i < users; i++) bulk(i)
  for (i = 1; i <= count; i++) group(groups[i])
  for (g = 0; g * per < users; g++) bulk_group("g" g, g * per, per)
  if (big) bulk_group("big", 0, big)
}

function unit(name) { printf "dn: ou=%s,%s\nobjectClass: organizationalUnit\nou: %s\n\n", name, base, name }

# Without pwdChangedTime a password never expires; ten years and a permanent warning, so that no test depends
# on the date.
function policy() {
  printf "dn: cn=default,ou=policies,%s\nobjectClass: device\nobjectClass: pwdPolicy\ncn: default\npwdAttribute: userPassword\n", base
  printf "pwdLockout: TRUE\npwdMaxFailure: %d\npwdLockoutDuration: 0\npwdFailureCountInterval: 900\npwdMustChange: TRUE\n", lockout
  printf "pwdAllowUserChange: TRUE\npwdMaxAge: 315360000\npwdExpireWarning: 315359999\npwdGraceAuthNLimit: 0\npwdMinLength: 8\n"
  printf "pwdCheckQuality: 1\npwdInHistory: 3\npwdSafeModify: FALSE\n\n"
}

# There is no "disabled" or "account expired" here: both are permanently locked by an administrator, as hugo
# is.
function state(name) {
  if (name == "must-change") return "pwdReset: TRUE\n"
  if (name == "password-expired") return "pwdChangedTime: 20010101000000Z\n"
  if (name == "disabled" || name == "expired" || name == "locked") return "pwdAccountLockedTime: 000001010000Z\n"
  return ""
}

function person(uid, given, surname, name, mail, where, department, title, phone, more, of,    dn, list, n, i) {
  dn = sprintf("uid=%s,ou=%s,%s", uid, where, base)
  printf "dn: %s\nobjectClass: inetOrgPerson\nuid: %s\ncn: %s\nsn: %s\ngivenName: %s\ndisplayName: %s\n", dn, uid, name, surname, given, name
  if (mail != "-") { sub(/@example.com$/, "@example.org", mail); print "mail: " mail }
  printf "departmentNumber: %s\ntitle: %s\ntelephoneNumber: %s\nuserPassword: %s\n%s", department, title, phone, pw, more
  n = split(of, list, ";")
  for (i = 1; i <= n; i++) { print "memberOf: " group_dn(list[i]); members[list[i]] = members[list[i]] "member: " dn "\n" }
  print ""
}

function group_dn(name) { return "cn=" name ",ou=groups," base }

function group(name,    i) {
  for (i = 1; i <= count; i++) if (parents[groups[i]] == name) members[name] = members[name] "member: " group_dn(groups[i]) "\n"
  printf "dn: %s\nobjectClass: groupOfNames\ncn: %s\ndescription: %s\n%s", group_dn(name), name, about[name], members[name]
  if (parents[name]) print "memberOf: " group_dn(parents[name])
  print ""
}

function bulk_dn(i) { return sprintf("uid=u%07d,ou=people,%s", i, base) }

function bulk(i,    uid) {
  uid = sprintf("u%07d", i)
  printf "dn: %s\nobjectClass: inetOrgPerson\nuid: %s\ncn: Name %s\nsn: Sur%s\ngivenName: Given\nmail: %s@example.org\n", bulk_dn(i), uid, uid, uid, uid
  printf "userPassword: %s\nmemberOf: %s\n", pw, group_dn("g" int(i / per))
  if (i < big) print "memberOf: " group_dn("big")
  print ""
}

function bulk_group(name, first, many,    i) {
  printf "dn: %s\nobjectClass: groupOfNames\ncn: %s\n", group_dn(name), name
  for (i = first; i < first + many && i < users; i++) print "member: " bulk_dn(i)
  print ""
}

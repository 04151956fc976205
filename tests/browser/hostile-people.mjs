// People, groups and an OU of the demo's domain whose attributes contain markup and formulas.

import { readFileSync } from "node:fs";
import { add, rdn, remove, setPassword } from "./entries.mjs";
import { domain } from "./own-provider.mjs";
import { PASSWORD } from "./visitor.mjs";

export const CORPUS = [
  '"><img src=x onerror=pwned=1>', "<script>pwned=1</script>", "</title><script>pwned=1</script>", "<svg/onload=pwned=1>",
  "' onmouseover='pwned=1", "javascript:pwned=1//", "&lt;script&gt;pwned=1&lt;/script&gt;", "{{7*7}}${7*7}<%=7*7%>", "--><!-- <b>",
  "=HYPERLINK(\"http://x\")", "+1+1", "-2+3", "@SUM(1)", "\u202etxt.exe", "{ $name } \\u{3c}b>",
];
/** Every attribute of a person that accounts have (tests/architecture/profile.rs compares them), and others that pages may show. */
const ATTRIBUTES = [
  "displayName", "givenName", "sn", "title", "department", "employeeNumber", "employeeID", "telephoneNumber", "preferredLanguage",
  "company", "description",
];
/** Active Directory takes no longer one. */
const LONGEST = { employeeID: 16 };
/** What an account has of them: each is shown on the page of the person. The language has a form of its own, which drops markup. */
export const SHOWN = ["displayName", "givenName", "sn", "title", "department", "employeeNumber", "telephoneNumber"];

/** Each attribute has a text of its own, so that a page that leaves one out is found. */
export const textOf = (index, name) => (LONGEST[name] ? CORPUS[index].slice(0, LONGEST[name]) : `${CORPUS[index]} ${SHOWN.indexOf(name)}`);

export const ad = domain();
const unit = `${rdn("OU", '<img src=x onerror=pwned=1>, "x"')},${ad.AD_BASE}`;
// One login name is a formula too; a directory takes no markup in it.
export const login = (index) => (index === 11 ? "-2-hostile-11" : `hostile-${index}`);
const person = (index) => `${rdn("CN", `${CORPUS[index]} ${index}`)},${unit}`;
const group = (index) => `${rdn("CN", `${CORPUS[index]} group`)},${unit}`;
const groups = [0, 1, 9];

/** Adds them to the domain. */
export function plant() {
  add(ad, [[unit, { objectClass: "organizationalUnit", description: CORPUS[0] }]]);
  add(ad, CORPUS.map((text, index) => [person(index), {
    objectClass: "user", sAMAccountName: login(index), userPrincipalName: `${login(index)}@corp.example.com`,
    // Of the last ones the email address itself is hostile, so that they get no account but a conflict.
    mail: index % 5 === 4 ? `${text}@example.com` : `${login(index)}@example.com`,
    ...Object.fromEntries(ATTRIBUTES.map((name) => [name, textOf(index, name)])),
  }]));
  CORPUS.forEach((_, index) => setPassword(ad, person(index), PASSWORD));
  const members = CORPUS.map((_, index) => person(index));
  add(ad, groups.map((index) => [group(index), {
    objectClass: "group", sAMAccountName: `hostile-group-${index}`, description: CORPUS[index], groupType: "-2147483646", member: members,
  }]));
}

export function uproot() {
  remove(ad, unit);
}

/** The settings of a provider that syncs them. */
export function settings() {
  const text = (value) => JSON.stringify(value);
  return `
[sso]
enabled = true
help_contact = ${text(CORPUS[1])}

[[directories]]
id = "corp"
name = ${text(CORPUS[0])}
schema = "ActiveDirectory"
base_dn = ${text(ad.AD_BASE)}
encryption = "ldaps"
servers = [{ host = ${text(ad.AD_ADDR)}, port = 636, tls_name = ${text(ad.AD_HOST)} }]
ca_pem = ${text(readFileSync(ad.AD_CA, "utf8"))}
service_account = ${text(ad.AD_SVC)}
service_account_password = ${text(ad.AD_SVC_PW)}
email_attribute = "mail"
email_written_by_admins_only = true
scope = { organizational_units = [${text(unit)}], groups = [${text(group(0))}] }

${groups.map((index) => `[[team_shares]]\ndirectory = "corp"\ngroup = ${text(group(index))}\nteam_share = ${text(CORPUS[index])}\n`).join("\n")}`;
}

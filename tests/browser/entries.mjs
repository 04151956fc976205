// Entries that a story adds to the demo's domain, and removes again.

import { execFileSync } from "node:child_process";

const base64 = (text) => Buffer.from(text, "utf8").toString("base64");

/** A part of a name, with all that has a meaning in it escaped (RFC 4514). */
export function rdn(kind, text) {
  return `${kind}=${text.replace(/[,+"\\<>;=#]/g, "\\$&").replace(/^ | $/g, "\\ ")}`;
}

/** Adds entries: each has its DN, and its attributes with one value or several. */
export function add(ad, entries) {
  const attributes = (entry) => Object.entries(entry).flatMap(([name, values]) => [values].flat().map((value) => `${name}:: ${base64(value)}`));
  const ldif = entries.map(([dn, entry]) => [`dn:: ${base64(dn)}`, ...attributes(entry)].join("\n")).join("\n\n");
  tool(ad, "ldapadd", [], ldif);
}

/** Removes what lies below this DN, and the entry itself. */
export function remove(ad, dn) {
  tool(ad, "ldapdelete", ["-r", dn], "");
}

function tool(ad, name, more, input) {
  const access = ["-x", "-H", ad.AD_URLS, "-D", ad.AD_ADMIN, "-w", ad.AD_ADMIN_PW];
  const env = { ...process.env, LDAPTLS_REQCERT: "never" };
  execFileSync(name, [...access, ...more], { input, env, stdio: ["pipe", "ignore", "pipe"] });
}

/** The value of `unicodePwd` is a password in quotes, in UTF-16: base64 of bytes that are no UTF-8. */
export function setPassword(ad, dn, password) {
  const bytes = Buffer.from(`"${password}"`, "utf16le").toString("base64");
  const lines = [`dn:: ${base64(dn)}`, "changetype: modify", "replace: unicodePwd", `unicodePwd:: ${bytes}`, "-", "replace: userAccountControl", "userAccountControl: 66048"];
  tool(ad, "ldapmodify", [], lines.join("\n"));
}

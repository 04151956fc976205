// An OpenLDAP server with as many people as wanted (tests/lab/slapd.sh).

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./processes.mjs";
import { target } from "./support.mjs";

const SCRIPT = join(import.meta.dirname, "..", "lab", "slapd.sh");

export class LdapServer {
  static async start(people) {
    const folder = mkdtempSync(join(tmpdir(), "cloudsync-idp-ldap-"));
    const settings = { DIR: folder, CACHE: join(target, "lab", "cache"), PORT: await freePort(), TLSPORT: await freePort(), USERS: people, TRANSIENT: "yes" };
    const server = spawn(SCRIPT, ["hold"], { env: { ...process.env, ...settings }, stdio: ["pipe", "pipe", "inherit"] });
    let printed = "";
    for await (const part of server.stdout) {
      printed += part;
      if (/^ready$/m.test(printed)) break;
    }
    if (!/^ready$/m.test(printed)) throw new Error("OpenLDAP did not start");
    const words = [...printed.matchAll(/\b([A-Z_]+)=('[^']*'|\S+)/g)].map(([, name, value]) => [name, value.replaceAll("'", "")]);
    return Object.assign(new LdapServer(), { server, env: Object.fromEntries(words) });
  }

  /** The settings of a provider that knows it, and syncs nobody yet. */
  settings() {
    const { env } = this;
    return `
[[directories]]
id = "ldap"
name = "Example Org"
schema = "Rfc2307bis"
base_dn = "${env.LDAP_BASE}"
encryption = "ldaps"
servers = [{ host = "${env.LDAP_ADDR}", port = ${env.LDAP_TLSPORT}, tls_name = "${env.LDAP_NAME}" }]
ca_pem = '''${readFileSync(env.LDAP_CA, "utf8")}'''
service_account = "${env.LDAP_SVC}"
service_account_password = "${env.LDAP_SVC_PW}"
email_attribute = "mail"
email_written_by_admins_only = true
`;
  }

  /** It ends, and removes its data, when its stdin closes. */
  async stop() {
    const ended = new Promise((done) => this.server.once("exit", done));
    this.server.stdin.end();
    await ended;
  }
}

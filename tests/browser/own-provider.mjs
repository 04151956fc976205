// A provider with an empty store, and the demo's domain as somebody sees it who sets up a directory.

import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answers, ends, freePort } from "./processes.mjs";
import { built, target } from "./support.mjs";

const PROGRAM = join(built, "cloudsync-idp");

/** What `tests/lab/samba-ad.sh` says about the demo's domain: AD_ADDR, AD_BASE, AD_SVC and so on. */
export function domain() {
  const text = readFileSync(join(process.env.DEMO_DIR, "ad.env"), "utf8");
  const words = [...text.matchAll(/\b([A-Z_]+)=('[^']*'|\S+)/g)];
  return Object.fromEntries(words.map(([, name, value]) => [name, value.replaceAll("'", "")]));
}

export class OwnProvider {
  /** Starts it; it has no settings and no admin. */
  static async start() {
    const [folder, port] = [mkdtempSync(join(tmpdir(), "cloudsync-idp-")), await freePort()];
    const [url, config] = [`http://localhost:${port}`, join(folder, "idp.toml")];
    const lines = [`public_url = "${url}"`, `listen = "127.0.0.1:${port}"`, `store = "sqlite:idp.db"`, `volatile = "memory"`, `keys_dir = "keys"`];
    writeFileSync(config, lines.join("\n"));
    const provider = Object.assign(new OwnProvider(), { folder, url, config });
    // The demo's domain is on this machine, where a test of a connection reaches nothing unless it is allowed to.
    provider.cli("settings", "apply", provider.write("settings.toml", '[admin]\noutbound_networks = ["127.0.0.0/8"]\n'));
    const log = openSync(join(target, "own-provider.log"), "w");
    provider.server = spawn(PROGRAM, ["--config", config, "serve"], { stdio: ["ignore", log, log] });
    closeSync(log);
    await answers(`${url}/healthz`, provider.server);
    return provider;
  }

  /** Runs a command of the program, and returns what it prints. */
  cli(...command) {
    return execFileSync(PROGRAM, ["--config", this.config, ...command], { encoding: "utf8", maxBuffer: 2 ** 30, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Writes a file beside its configuration. */
  write(name, text) {
    writeFileSync(join(this.folder, name), text);
    return join(this.folder, name);
  }

  /** The address that `cloudsync-idp admin link` prints. */
  adminLink() {
    return this.cli("admin", "link").match(/http\S+\/admin\/link\S+/)[0];
  }

  async stop() {
    await ends(this.server);
    rmSync(this.folder, { recursive: true });
  }
}

// The stand-in for CloudSync (examples/cloudsync), started with what the panel says has to be pasted into it.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { answers, ends, freePort } from "./processes.mjs";
import { built } from "./support.mjs";

export class StandIn {
  /** An address that is free now. It is entered in the panel before the stand-in can be started. */
  static async chosenUrl() {
    return `http://localhost:${await freePort()}`;
  }

  static async start(url, { issuer, id, secret }) {
    const settings = {
      CLOUDSYNC_LISTEN: new URL(url).host.replace("localhost", "127.0.0.1"), CLOUDSYNC_URL: url, CLOUDSYNC_ISSUER: issuer,
      CLOUDSYNC_CLIENT_ID: id, CLOUDSYNC_CLIENT_SECRET: secret,
    };
    const server = spawn(join(built, "examples", "cloudsync"), { env: { ...process.env, ...settings }, stdio: "ignore" });
    await answers(url, server);
    return Object.assign(new StandIn(), { url, server });
  }

  stop() {
    return ends(this.server);
  }
}

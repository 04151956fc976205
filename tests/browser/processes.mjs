// Servers that a story starts and stops itself.

import { createServer } from "node:net";

/** Waits until the server of this process answers at this address. */
export async function answers(url, server) {
  for (let left = 200; left > 0; left -= 1) {
    if (await fetch(url).then((answer) => answer.ok, () => false)) return;
    if (server.exitCode !== null) break;
    await new Promise((passed) => setTimeout(passed, 100));
  }
  throw new Error(`${server.spawnfile} did not start at ${url}`);
}

/** Stops the process and waits for its end. */
export async function ends(server) {
  if (server.exitCode !== null) return;
  const ended = new Promise((done) => server.once("exit", done));
  server.kill("SIGTERM");
  await ended;
}

export function freePort() {
  return new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

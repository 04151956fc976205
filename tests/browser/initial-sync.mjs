// Runs the initial sync of many people of an OpenLDAP server in the panel: the progress is live, it is stopped, and goes on.
//
//   node initial-sync.mjs [PEOPLE]      the number of people; 100000 without it, since 10000 take two seconds

import { LdapServer } from "./ldap-server.mjs";
import { OwnProvider } from "./own-provider.mjs";
import { ended, follow, menu, press, shows } from "./story/panel.mjs";
import { run } from "./visitor.mjs";

const PEOPLE = Number(process.argv[2] ?? 100_000);
process.argv.length = 2;

const stories = {
  "the initial sync of many people": [{}, async (admin) => {
    const running = [await LdapServer.start(PEOPLE)];
    try {
      running.push(await OwnProvider.start());
      await imports(admin, ...running);
    } finally {
      for (const server of running.reverse()) await server.stop();
    }
  }],
};

async function imports(admin, ldap, provider) {
  provider.cli("settings", "apply", provider.write("directory.toml", ldap.settings()));
  await admin.page.goto(provider.adminLink());
  await press(admin, "Use the link and enter");
  await menu(admin, "Sync Settings");
  await press(admin, "Read the directory");
  await ended(admin);
  await menu(admin, "Sync Settings");
  await admin.page.getByRole("combobox", { name: /^ou=people/ }).selectOption("sync with everything below");
  await press(admin, "Save");
  await admin.page.locator(".notice h2", { hasText: /^Saved$/ }).waitFor();
  const all = await orders(admin);
  admin.holds(all >= PEOPLE, `the plan lets ${all} people in`);
  const started = Date.now();
  const states = await watched(admin, PEOPLE / 4);
  await press(admin, "Stop it");
  await admin.page.locator("main .state", { hasText: /^Stopped$/ }).waitFor();
  const kept = accounts(provider);
  admin.holds(kept >= PEOPLE / 4 && kept < all, `${kept} of ${all} accounts were made before the stop`);

  await menu(admin, "Sync Log");
  await shows(admin, "The sync is paused");
  await press(admin, "Resume the sync");
  await shows(admin, "The sync is resumed.");
  await goesOn(admin, () => accounts(provider) >= all);
  const [seconds, made] = [(Date.now() - started) / 1000, accounts(provider)];
  admin.holds(made === all, `${made} of ${all} people have an account`);
  console.log(`measured: the initial sync of ${all} people in the browser, stopped after ${kept} and resumed: ${seconds.toFixed(1)} s, `
    + `the progress seen: ${states.map(({ done, rate }) => `${done} at ${rate} a second`).join(", ")}`);
}

/** Waits until the rest is done, which the Sync Log shows as a run of its own. */
async function goesOn(admin, isDone) {
  for (let left = 240; left > 0 && !isDone(); left -= 1) {
    await menu(admin, "Sync Log");
    await admin.page.waitForTimeout(2000);
  }
  await menu(admin, "Sync Log");
  await admin.page.locator(".state", { hasText: /^Done$/ }).first().waitFor();
}

/** The plan of the initial sync, and the order to apply it: how many people it lets in. */
async function orders(admin) {
  await menu(admin, "Sync Settings");
  await press(admin, "Run Initial Sync");
  await ended(admin);
  await follow(admin, "Look at the plan");
  const apply = admin.page.getByRole("button", { name: /^Apply: / });
  const count = Number((await apply.innerText()).replaceAll(",", "").match(/\d+/)[0]);
  await apply.click();
  await admin.page.locator("main [data-live]").waitFor();
  return count;
}

function accounts(provider) {
  return provider.cli("accounts", "list", "--json").trim().split("\n").length;
}

/** What the page of a task shows, without being loaded again, until this many people are done: the number grows. */
async function watched(admin, until) {
  await admin.page.locator("main [data-live]").evaluate((element) => { element.dataset.same = "yes"; });
  const states = [];
  for (let text = ""; (states.at(-1)?.done ?? 0) < until;) {
    await admin.page.waitForFunction((seen) => document.querySelector("main [data-same]").innerText !== seen, text);
    text = await admin.page.locator("main [data-same]").innerText();
    const number = (pattern) => Number(text.replaceAll(",", "").match(pattern)?.[1] ?? 0);
    const state = { done: number(/(\d+) of \d+ people/), rate: number(/(\d+) a second/), left: text.includes(" left") };
    if (state.done > 0 && state.done !== states.at(-1)?.done) states.push(state);
  }
  const grows = states.every(({ done }, index) => index === 0 || done > states[index - 1].done);
  const tells = states.some(({ rate, left }) => rate > 0 && left);
  admin.holds(states.length >= 3 && grows && tells, `the progress was ${JSON.stringify(states)}`);
  return states;
}

await run("initial-sync", stories);

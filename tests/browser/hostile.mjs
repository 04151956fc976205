// Syncs people, groups and an OU of the demo's domain whose attributes contain markup, and opens every page of the panel
// that shows them: all of it appears as text, no script runs, and no cell of a download is a formula.
//
//   node hostile.mjs

import { readFileSync } from "node:fs";
import { rdn } from "./entries.mjs";
import { CORPUS, SHOWN, ad, login, plant, settings, textOf, uproot } from "./hostile-people.mjs";
import { OwnProvider } from "./own-provider.mjs";
import { menu, opens, press, shows } from "./story/panel.mjs";
import { run } from "./visitor.mjs";

const stories = {
  "what a directory says is text in the panel": [{}, async (admin) => {
    const provider = await OwnProvider.start();
    try {
      plant();
      provider.cli("settings", "apply", provider.write("directory.toml", settings()));
      provider.cli("sync");
      await visits(admin, provider);
    } finally {
      uproot();
      await provider.stop();
    }
  }],
};

async function visits(admin, provider) {
  admin.page.on("dialog", (dialog) => { admin.complain(`a script ran: ${dialog.message()}`); dialog.dismiss(); });
  await admin.page.goto(provider.adminLink());
  await press(admin, "Use the link and enter");
  const pages = await admin.page.locator("nav.menu a").evaluateAll((links) => links.map((link) => link.href));
  for (const page of pages) {
    await admin.page.goto(page);
    await isInert(admin);
  }
  await people(admin);
  await sync(admin);
  await refusal(admin, provider);
  await errors(admin);
  await downloads(admin);
}

/** No script of the directory has run, and none of its markup is an element. */
async function isInert(admin) {
  const found = await admin.page.evaluate(() => ({
    pwned: "pwned" in globalThis,
    elements: document.querySelectorAll("img[src=x], svg[onload], [onerror], [onmouseover], script:not([src])").length,
  }));
  admin.holds(!found.pwned && found.elements === 0, `markup of the directory is in force: ${JSON.stringify(found)}`);
}

/** The page shows this text as it is, perhaps in a field. */
async function literally(admin, text) {
  await admin.page.waitForFunction((text) => {
    const shown = document.querySelector("main").innerText;
    const values = [...document.querySelectorAll("main input, main option")].map((one) => one.text ?? one.value);
    return [shown, ...values].some((one) => one.includes(text));
  }, text).catch(() => admin.complain(`"${text}" is not shown as text`));
  await isInert(admin);
}

async function people(admin) {
  for (const index of CORPUS.keys()) {
    if (index % 5 === 4) continue;
    await opens(admin, login(index));
    await literally(admin, textOf(index, "displayName"));
    await admin.page.getByRole("link", { name: "Ask the directory now" }).click();
    for (const name of SHOWN) await literally(admin, textOf(index, name));
  }
  await menu(admin, "Who has set it up");
  await literally(admin, CORPUS[1]);
  await menu(admin, "Users not syncing");
  await isInert(admin);
  await menu(admin, "User can’t log in");
  await admin.page.getByLabel("Who can’t sign in?").fill(login(4));
  await press(admin, "Find the cause");
  await literally(admin, `${CORPUS[4]}@example.com`);
}

async function sync(admin) {
  await menu(admin, "Sync Settings");
  await literally(admin, "<img src=x onerror=pwned=1>");
  await literally(admin, CORPUS[9]);
  await admin.page.getByLabel("Search groups").fill("hostile-group-1");
  await press(admin, "Search");
  await shows(admin, "1 further group found");
  await literally(admin, "pwned\\3D1");
  await press(admin, "See who would be in and who not");
  await isInert(admin);
  await menu(admin, "Sync Log");
  await literally(admin, `${CORPUS[4]}@example.com`);
  await admin.page.getByRole("link", { name: /^Run \d+/ }).first().click();
  for (const text of [CORPUS[0], CORPUS[1], CORPUS[3]]) await literally(admin, text);
  await menu(admin, "Sync Settings");
  await press(admin, "Plan a sync");
  await admin.page.locator("main .state", { hasText: /^Done$/ }).waitFor({ timeout: 60_000 });
  await isInert(admin);
  await admin.page.getByRole("link", { name: "Look at the plan" }).click();
  await isInert(admin);
}

/** The sign-in of such a person, and what the help desk sees of it. */
async function refusal(admin, provider) {
  const guest = await admin.another("a hostile person");
  await guest.page.goto(`${provider.url}/account/security`);
  await guest.signIn(login(0));
  await guest.reads("Your security");
  await isInert(guest);
  await guest.page.goto(`${provider.url}/logout`);
  await isInert(guest);
  await guest.context.clearCookies();
  await guest.page.goto(`${provider.url}/account/security`);
  await guest.signIn(login(4));
  const code = await guest.page.locator(".help-details code").innerText();
  await isInert(guest);
  await menu(admin, "Help desk");
  await admin.page.getByLabel("Support code").fill(code);
  await press(admin, "Explain");
  await literally(admin, "onmouseover");
  await menu(admin, "Audit log");
  await isInert(admin);
}

/** The problems of a form, and the errors of a server, repeat what was typed. */
async function errors(admin) {
  await menu(admin, "Active Directory");
  await admin.page.locator("main a", { hasText: CORPUS[0] }).first().click();
  await admin.page.getByLabel("Base DN", { exact: true }).fill(`${rdn("OU", CORPUS[0])},${ad.AD_BASE}`);
  await press(admin, "Test Connection");
  await literally(admin, "does not lie within base_dn");
  await admin.page.getByLabel("Base DN", { exact: true }).fill(ad.AD_BASE);
  await admin.page.getByLabel("Service Account DN").fill(`${rdn("CN", CORPUS[1])},${ad.AD_BASE}`);
  await admin.page.getByLabel("Password of the service account").fill(CORPUS[0]);
  await press(admin, "Test Connection");
  await shows(admin, /^The test failed: Sign-in of the service account/);
  await isInert(admin);
}

/** Each download, with a cell of the directory that it contains. */
const DOWNLOADS = { "Sync Log": "'-2-hostile-11", "Who has set it up": "'+1+1 0", "Audit log": "corp" };

async function downloads(admin) {
  for (const [place, contained] of Object.entries(DOWNLOADS)) {
    await menu(admin, place);
    const arrives = admin.page.waitForEvent("download");
    await press(admin, "CSV");
    const text = readFileSync(await (await arrives).path(), "utf8");
    const cells = [...text.matchAll(/"((?:[^"]|"")*)"(?:,|\r\n)/g)].map(([, cell]) => cell);
    const formulas = cells.filter((cell) => /^[=+\-@\t\r]/.test(cell));
    admin.holds(formulas.length === 0, `cells of ${place} are formulas: ${formulas[0]}`);
    admin.holds(cells.includes(contained), `${place} has no cell ${contained}: ${text.slice(0, 300)}`);
  }
}

await run("hostile", stories);

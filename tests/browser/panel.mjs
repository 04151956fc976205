// Does what an admin does in the panel of a running demo, in a real browser. DEMO_ISSUER and DEMO_CLOUDSYNC_URL
// are its addresses (.ci/browser starts one).
//
//   node panel.mjs [PART OF A STORY'S NAME]      SCREENSHOTS=1 saves screenshots in target/screenshots

import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Authenticator } from "./authenticator.mjs";
import { menu } from "./story/panel.mjs";
import { cloudsync, issuer, run } from "./visitor.mjs";

// Both browsers of ada have the same authenticator, and each code is good once.
const phone = new Authenticator(process.env.DEMO_ADA_TOTP ?? "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");

const stories = {
  "ada finds out in three clicks why hugo and carol cannot sign in": [{}, async (ada) => {
    await enters(ada);
    await ada.look("overview");
    await ada.picture("overview");
    await whyNot(ada, "hugo", "The entry is not locked");
    await ada.look("hugo");

    const code = await refusedCode(ada);
    await menu(ada, "Help desk");
    await ada.page.getByLabel("Support code").fill(code);
    await ada.page.locator("main form button.main").click();
    await ada.page.getByText("The entry is in no synced OU and no synced group.").waitFor();
    await ada.look("help-desk");
  }],

  "ada does the same without scripts, in German and dark": [{ scripts: false, locale: "de-DE", scheme: "dark" }, async (ada) => {
    await enters(ada, "Überblick");
    await whyNot(ada, "hugo", "Der Eintrag ist nicht gesperrt", { people: "Personen", ask: "Jetzt das Verzeichnis fragen" });
  }],

  "n.klein is disabled in the domain, and suspended at CloudSync until she is enabled again": [{}, async (visitor) => {
    await visitor.page.goto(`${cloudsync}/accounts?live`);
    await visitor.page.getByRole("rowheader", { name: /^Sales plans/ }).waitFor({ timeout: DELIVERED });
    domain("disable", "n.klein");
    await atCloudSync(visitor, "niamh.klein@example.com", "suspended");
    domain("enable", "n.klein");
    await atCloudSync(visitor, "niamh.klein@example.com", "active");
    await atCloudSync(visitor, "niamh.klein@example.com", "Sales plans");
  }],
};

/** How long a change of the domain may take until the page of the stand-in shows it, on a busy machine. */
const DELIVERED = 60_000;

/** Changes the demo's domain by the command that the demo shows. */
function domain(...change) {
  const script = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "examples", "demo", "domain.sh");
  execFileSync(script, change, { stdio: ["ignore", "inherit", "inherit"] });
}

/** The page, which reloads itself with the newest change first, has this word in the row of a person. */
async function atCloudSync(visitor, email, word) {
  const row = visitor.page.getByRole("row").filter({ has: visitor.page.getByRole("cell", { name: email, exact: true }) });
  await row.getByText(word, { exact: true }).waitFor({ timeout: DELIVERED });
}

/** Opens the panel and signs in with the second factor. */
async function enters(ada, heading = "Overview") {
  await ada.page.goto(`${issuer}/admin`);
  await ada.signIn("ada");
  await ada.code(await phone.nextCode());
  await ada.reads(heading);
}

/** From any page: the menu, the person, the question. */
async function whyNot(ada, name, gate, { people = "People", ask = "Ask the directory now" } = {}) {
  await menu(ada, people);
  await ada.page.locator("#q").fill(name);
  await ada.page.keyboard.press("Enter");
  await ada.page.getByRole("row").filter({ hasText: name }).getByRole("link").first().click();
  await ada.page.getByRole("link", { name: ask }).click();
  const row = ada.page.getByRole("row").filter({ hasText: gate });
  await row.locator(".state.trouble").waitFor();
}

/** The support code that carol reads in a browser of her own. */
async function refusedCode(ada) {
  const carol = await ada.another("carol");
  await carol.comeFromCloudSync();
  await carol.signIn("carol");
  await carol.isRefused("You do not have access to CloudSync yet");
  const code = await carol.page.locator(".help-details code").innerText();
  return code;
}

await run("panel", stories);

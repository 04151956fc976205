// Sets up the demo's domain in the panel of a provider with an empty store, by the steps of CloudSync's manual.
// .ci/browser starts the demo.
//
//   node set-up.mjs [PART OF A STORY'S NAME]      SCREENSHOTS=1 saves screenshots in target/screenshots

import { OwnProvider, domain } from "./own-provider.mjs";
import { run } from "./visitor.mjs";

const ad = domain();

const stories = {
  "from an empty store to the initial sync": [{}, (admin) => setUp(admin)],
  "the same without scripts": [{ scripts: false }, (admin) => setUp(admin)],
};

async function setUp(admin) {
  const provider = await OwnProvider.start();
  try {
    await admin.page.goto(provider.adminLink());
    await press(admin, "Use the link and enter");
    await admin.reads("Overview");
    await menu(admin, "Set-up");
    await admin.reads("Set-up");
    await admin.look("set-up");
    await configuresDirectory(admin);
    await choosesPeople(admin);
    await runsInitialSync(admin);
  } finally {
    await provider.stop();
  }
}

/** "Configure Active Directory": each stage fails with its own advice, then all works. */
async function configuresDirectory(admin) {
  await admin.page.getByRole("link", { name: "Go to Directory" }).click();
  await admin.page.getByRole("link", { name: "Configure a new directory" }).click();
  await admin.page.getByLabel("Domain", { exact: true }).fill("corp.example.com");
  await press(admin, "Find the servers");
  await admin.reads("Configure Active Directory");
  if (!(await admin.page.locator("#host-0").isVisible())) await press(admin, "Add a server");
  await admin.page.getByLabel("Service Account DN").fill(ad.AD_SVC);
  await admin.page.getByLabel("Base DN", { exact: true }).fill(ad.AD_BASE);
  await fails(admin, { host: "no-such-host.invalid", port: "", password: ad.AD_SVC_PW }, "Names of the servers (DNS)");
  await fails(admin, { host: ad.AD_ADDR, port: "637", password: ad.AD_SVC_PW }, "Connections to their ports");
  await fails(admin, { host: ad.AD_ADDR, port: "636", password: ad.AD_SVC_PW }, "Certificates and host names (TLS)");

  await press(admin, /^Show its certificates/);
  await admin.look("certificates");
  await admin.page.getByText("the server does not send its CA").waitFor();
  await admin.page.getByLabel("Or upload the CA certificate").setInputFiles(ad.AD_CA);
  await press(admin, /^Show its certificates/);
  await admin.look("names");
  await press(admin, `It is ${ad.AD_HOST}`);
  await fails(admin, { password: "wrong" }, "Sign-in of the service account");

  await admin.page.getByLabel("Password of the service account").fill(ad.AD_SVC_PW);
  await press(admin, "Ask the server for base DN and kind");
  await press(admin, ad.AD_BASE);
  await admin.look("configure");
  await press(admin, "Test Connection");
  await admin.page.getByText("The connection works").waitFor();
  await admin.look("test-passed");
  await admin.page.getByRole("link", { name: "Back to the form, with what you typed" }).click();
  await press(admin, "Save Configuration");
  await admin.page.getByText("The connection works, and the configuration is saved").waitFor();
}

/** Tests what is typed; this stage fails. */
async function fails(admin, { host, port, password }, stage) {
  if (host !== undefined) await admin.page.locator("#host-0").fill(host);
  if (port !== undefined) await admin.page.locator("#port-0").fill(port);
  await admin.page.getByLabel("Password of the service account").fill(password);
  await press(admin, "Test Connection");
  await admin.page.getByText(`The test failed: ${stage}`).waitFor();
  await admin.page.getByRole("link", { name: "Back to the form, with what you typed" }).click();
}

/** "Sync Settings": the OU of the staff, a group, and a Team Share; counted before it is saved. */
async function choosesPeople(admin) {
  await menu(admin, "Sync Settings");
  await press(admin, "Read the directory");
  await ended(admin);
  await menu(admin, "Sync Settings");
  await admin.look("tree");
  await admin.page.getByRole("combobox", { name: /^OU=Staff/ }).selectOption("sync with everything below");
  await admin.page.getByLabel("Search groups").fill("CloudSync");
  await press(admin, "Search");
  await admin.page.getByRole("combobox", { name: /^CloudSync CN=/ }).first().selectOption("sync the members");
  await press(admin, "See who would be in and who not");
  await admin.page.getByRole("heading", { name: /^Lets \d+ people in, suspends 0/ }).waitFor();
  await admin.look("preview");
  await press(admin, "Save");
}

/** "Run Initial Sync": the plan, then the progress. */
async function runsInitialSync(admin) {
  await menu(admin, "Sync Settings");
  await press(admin, "Run Initial Sync");
  await ended(admin);
  await admin.page.getByRole("link", { name: "Look at the plan" }).click();
  await admin.look("plan");
  await press(admin, /^Apply: \d+ get in, 0 lose something/);
  await ended(admin);
  await menu(admin, "Sync Log");
  await admin.page.getByText("Done").first().waitFor();
  await admin.look("sync-log");
}

/** Waits until the page of a task says that it is done; without scripts it reloads itself. */
async function ended(admin) {
  await admin.page.locator("main .state", { hasText: /^Done$/ }).waitFor({ timeout: 60_000 });
}

async function press(admin, name) {
  await admin.page.getByRole("button", { name, exact: typeof name === "string" }).first().click();
}

async function menu(admin, name) {
  await admin.page.locator("nav.menu").getByRole("link", { name, exact: true }).click();
}

await run("set-up", stories);

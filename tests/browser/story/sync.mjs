// "Sync Settings", "Run Initial Sync" and "Sync Log".

import { ended, follow, menu, press, shows } from "./panel.mjs";

/** The OU of the staff, a group, and a Team Share for another group; counted before it is saved. */
export async function choosesPeople(admin) {
  await menu(admin, "Sync Settings");
  await press(admin, "Read the directory");
  await ended(admin);
  await menu(admin, "Sync Settings");
  await admin.look("tree");
  await admin.page.getByRole("combobox", { name: /^OU=Staff/ }).selectOption("sync with everything below");
  await finds(admin, "CloudSync", "sync the members");
  const sales = await finds(admin, "Sales", "map to a Team Share");
  await sales.getByLabel("Name of the Team Share").fill("Sales plans");
  await admin.page.getByLabel("Frequency").selectOption("Real-time (recommended)");
  await press(admin, "See who would be in and who not");
  await admin.page.getByRole("heading", { name: /^Lets \d{3} people in, suspends 0/ }).waitFor();
  await shows(admin, "mapped to Sales plans");
  await admin.look("preview");
  await admin.picture("sync-settings");
  await press(admin, "Save");
  await admin.page.locator(".notice", { hasText: /^\s*Saved/ }).getByRole("button", { name: "Run Initial Sync" }).waitFor();
  await admin.look("saved");
}

/** Searches a group and chooses what to do with it: its row. */
async function finds(admin, group, choice) {
  await admin.page.getByLabel("Search groups").fill(group);
  await press(admin, "Search");
  const choices = admin.page.getByRole("combobox", { name: new RegExp(`^${group} CN=`) }).first();
  await choices.selectOption(choice);
  return admin.page.locator("li").filter({ has: choices });
}

/** "Run Initial Sync": the plan, then the progress, then the log with what was done. */
export async function runsInitialSync(admin) {
  await press(admin, "Run Initial Sync");
  await ended(admin);
  await follow(admin, "Look at the plan");
  await admin.look("plan");
  await press(admin, /^Apply: \d{3} get in, 0 lose something/);
  await ended(admin);
  await admin.look("initial-sync");
}

/** "Sync Log": the run, and what it did to one person. */
export async function readsLog(admin) {
  await menu(admin, "Sync Log");
  await admin.page.locator(".state", { hasText: /^Done$/ }).first().waitFor();
  await admin.look("sync-log");
  await admin.page.getByLabel("Person", { exact: true }).fill("alice");
  await press(admin, "Show");
  await shows(admin, "Account created");
  await shows(admin, "Sales plans");
  await admin.look("sync-log-person");
  await admin.picture("sync-log");
}

// What an admin does on every page of the panel.

/** Presses a button; a regular expression may match the beginning of its text. */
export async function press(admin, name) {
  await admin.page.getByRole("button", { name, exact: typeof name === "string" }).first().click();
}

export async function menu(admin, name) {
  await admin.page.locator("nav.menu").getByRole("link", { name, exact: true }).click();
}

export async function follow(admin, name) {
  await admin.page.getByRole("link", { name, exact: typeof name === "string" }).first().click();
}

/** Waits for this text. */
export async function shows(admin, text) {
  await admin.page.getByText(text).filter({ visible: true }).first().waitFor();
}

/** Saves a form of settings, and confirms what it changes if the panel asks. */
export async function save(admin, confirmed) {
  await press(admin, "Save");
  if (confirmed) {
    await admin.reads("Confirm your changes");
    await shows(admin, confirmed);
    await press(admin, /^Save \d+ changes?$/);
  }
  await admin.page.locator(".notice h2", { hasText: /^Saved$/ }).waitFor();
}

/** Waits until the page of a task says that it is done; without scripts it reloads itself. */
export async function ended(admin) {
  await admin.page.locator("main .state", { hasText: /^Done$/ }).waitFor({ timeout: 60_000 });
}

/** The page of a person, found by the search. */
export async function opens(admin, login) {
  await menu(admin, "People");
  await admin.page.locator("#q").fill(login);
  await admin.page.keyboard.press("Enter");
  await admin.page.getByRole("row").filter({ hasText: login }).getByRole("link").first().click();
}

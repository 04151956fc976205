// "Single Sign-On": the application with what has to be pasted into it, Test SSO, and the second factor for everybody.

import { StandIn } from "../stand-in.mjs";
import { follow, menu, press, save, shows } from "./panel.mjs";

/** "Enable Active Directory SSO". */
export async function enablesSso(admin) {
  await menu(admin, "Single Sign-On");
  await admin.page.getByLabel("Enable Active Directory SSO").check();
  await admin.page.getByLabel("Help contact").fill("the IT help desk, extension 100");
  await admin.look("single-sign-on");
  await save(admin);
}

/** Adds CloudSync, and starts its stand-in with what the page says: once, the secret is shown. */
export async function addsCloudSync(admin) {
  const url = await StandIn.chosenUrl();
  await menu(admin, "Applications");
  await follow(admin, "Add an application");
  await admin.page.getByLabel("Client ID").fill("cloudsync");
  await admin.page.getByLabel("Name", { exact: true }).fill("CloudSync");
  await admin.page.getByLabel("Redirect URIs", { exact: true }).fill(`${url}/callback`);
  await admin.page.getByLabel("Redirect URIs after signing out").fill(`${url}/`);
  await admin.page.getByLabel("Scopes").fill("openid profile email groups offline_access");
  await admin.look("add-application");
  await press(admin, "Save");
  await shows(admin, "The application was added");
  await admin.look("application");
  const pasted = (label) => admin.page.getByRole("textbox", { name: label, exact: true }).inputValue();
  return StandIn.start(url, { issuer: await pasted("Issuer"), id: await pasted("Client ID"), secret: await pasted("Secret") });
}

/** "Test SSO": the admin signs in as at an application; each step passes. */
export async function testsSso(admin, name) {
  await menu(admin, "Test SSO");
  await press(admin, "Start the test");
  await admin.signIn(name);
  await shows(admin, "Single sign-on works");
  const steps = admin.page.locator("section[aria-labelledby=result] tbody tr");
  const passed = await steps.filter({ has: admin.page.locator(".state.good") }).count();
  admin.holds(passed === (await steps.count()) && passed === 7, `${passed} steps of Test SSO passed`);
  await admin.look("test-sso");
  await admin.picture("test-sso");
}

/** "Two-Step Authentication": everyone needs a second factor; the panel says first how many people that are. */
export async function enforcesTwoSteps(admin) {
  await menu(admin, "Two-Step Authentication");
  await admin.page.getByLabel("Second factor", { exact: true }).selectOption("Everyone");
  await admin.look("two-step");
  await save(admin, /people are asked for a second factor from now on/);
}

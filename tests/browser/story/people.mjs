// The owners of the panel, and a person who cannot sign in: why, the one button, and the sign-in.

import { enrols } from "../enrolment.mjs";
import { menu, opens, press, save, shows } from "./panel.mjs";

/** Names the group of owners, and gives its member a code for setting up the first second factor. */
export async function namesOwners(admin, ad, login) {
  await menu(admin, "Administrators");
  await admin.page.getByLabel("Owners").fill(`CN=CloudSync Admins,OU=Groups,${ad.AD_BASE}`);
  await admin.look("administrators");
  await save(admin);
  await opens(admin, login);
  await admin.page.getByText("Issue a code").first().click();
  await press(admin, "Issue a code");
  const code = await admin.page.locator("main code, main .code").first().innerText();
  await admin.look("invitation");
  return code;
}

/** An owner enters the panel by the sign-in, with the authenticator that is set up on the way. */
export async function entersAsOwner(owner, provider, login, invitation) {
  await owner.page.goto(`${provider.url}/admin`);
  await owner.signIn(login);
  await owner.code(invitation);
  await enrols(owner);
  await owner.reads("Overview");
}

/** Somebody whose OU is not synced is refused at CloudSync. */
export async function isRefused(person, login) {
  await person.comeFromCloudSync();
  await person.signIn(login);
  await person.isRefused("You do not have access to CloudSync yet");
}

/** From any page: why the person cannot sign in, in three clicks or fewer. Then the button that changes it. */
export async function findsOutAndFixes(owner, login) {
  let clicks = 0;
  const click = async (locator) => { clicks += 1; await locator.click(); };
  await click(owner.page.locator("nav.menu").getByRole("link", { name: "User can’t log in" }));
  await owner.page.getByLabel("Who can’t sign in?").fill(login);
  await click(owner.page.getByRole("button", { name: "Find the cause" }));
  await shows(owner, "The entry is in no synced OU and no synced group.");
  owner.holds(clicks <= 3, `it took ${clicks} clicks to see the cause`);
  await owner.look("why-not");
  await owner.picture("user-cant-log-in");
  await press(owner, "Sync OU=Outside");
  await owner.reads("Confirm your changes");
  await shows(owner, /Lets \d+ (person|people) in, suspends 0/);
  await owner.look("widen-scope");
  await press(owner, "Sync OU=Outside");
  await shows(owner, "Yes, with the right password.");
}

/** The same person signs in, and sets up the second factor that is required by now. */
export async function signsIn(person, login, name) {
  await person.comeFromCloudSync();
  await person.signIn(login);
  await enrols(person);
  await person.isSignedInAs(name);
  await person.look("signed-in");
}

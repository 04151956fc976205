// Signs in to a running demo, in a real browser, as the people of its domain. DEMO_ISSUER and
// DEMO_CLOUDSYNC_URL are its addresses (.ci/browser starts one).
//
//   node login.mjs [PART OF A STORY'S NAME]      SCREENSHOTS=1 saves screenshots in target/screenshots

import { authenticatorOn, codesOn, enrols } from "./enrolment.mjs";
import { WINDOWS, outOfSight } from "./support.mjs";
import { PASSWORD, cloudsync, issuer, run } from "./visitor.mjs";

const GENERIC = "Sign-in failed";

/** Requires two factors. */
const essential = { claims: JSON.stringify({ id_token: { acr: { essential: true, value: "https://refeds.org/profile/mfa" } } }) };

const stories = {
  "g.costa sets up an authenticator, loses her phone and uses her security page": [{}, async (grace) => {
    await grace.page.goto(await grace.authorizeUrl(essential));
    await grace.signIn("g.costa");
    const { phone, codes } = await enrols(grace, { mistyped: true });
    await grace.isSignedInAs("Grace");

    await grace.context.clearCookies();
    await grace.comeFromCloudSync();
    await grace.signIn("g.costa");
    await grace.reads("Enter your code");
    await grace.look("code");
    await grace.code("000000");
    await grace.page.locator(".notice h2", { hasText: "That code did not work" }).waitFor();
    await grace.look("wrong-code");
    await grace.code(phone.code());
    await grace.isSignedInAs("Grace");

    await grace.context.clearCookies();
    await grace.comeFromCloudSync();
    await grace.signIn("g.costa");
    await grace.page.getByRole("link", { name: "Use a recovery code" }).click();
    await grace.reads("Enter a recovery code");
    grace.holds(await grace.page.locator("#code").getAttribute("inputmode") === "text", "a recovery code has letters");
    await grace.look("recovery-code");
    await grace.code("aaaa-bbbb");
    await grace.page.locator(".notice", { hasText: "not one of your recovery codes" }).waitFor();
    await grace.code(codes[0]);
    await grace.reads("Your code worked");
    await grace.page.getByRole("link", { name: "Your security page" }).waitFor();
    await grace.page.getByText("You have 9 recovery codes left.").waitFor();
    await grace.look("recovered");
    await grace.page.getByRole("button", { name: "Continue to CloudSync" }).click();
    await grace.isSignedInAs("Grace");

    await grace.page.goto(`${issuer}/account/security`);
    await grace.reads("Your security");
    await grace.page.getByText("Change", { exact: false }).first().click();
    await grace.page.getByLabel("Name of this authenticator").fill("My new phone");
    await grace.look("account");
    await grace.page.getByRole("button", { name: "Rename" }).click();
    await grace.page.getByText("The authenticator has its new name.").waitFor();
    await grace.page.getByRole("button", { name: "End all others" }).click();
    await grace.page.getByText("All other browsers are signed out.").waitFor();
    await grace.page.getByRole("button", { name: "Create new recovery codes" }).click();
    await grace.reads("Save your recovery codes");
  }],

  "e.costa adds an authenticator without scripts and steps up": [{ scripts: false }, async (esra) => {
    await esra.comeFromCloudSync();
    await esra.signIn("e.costa");
    await esra.isSignedInAs("Esra");
    await esra.page.goto(`${issuer}/account/security`);
    await esra.page.getByRole("link", { name: "Add an authenticator" }).click();
    await esra.reads("Add an authenticator");
    const phone = await authenticatorOn(esra);
    await esra.code(phone.code());
    const codes = await codesOn(esra);
    await esra.page.getByRole("link", { name: "I have saved them" }).click();
    await esra.page.getByText("You have 10 recovery codes left.").waitFor();

    await esra.page.goto(await esra.authorizeUrl(essential));
    await esra.reads("Enter your code");
    await esra.page.locator("#remember").check();
    await esra.code(phone.code());
    await esra.isSignedInAs("Esra");
    await esra.page.goto(await esra.authorizeUrl({ prompt: "login" }));
    await esra.signIn("e.costa");
    await esra.isSignedInAs("Esra");
    await esra.page.goto(await esra.authorizeUrl(essential));
    await esra.reads("Enter your code");
    await esra.page.getByRole("link", { name: "Use a recovery code" }).click();
    await esra.reads("Enter a recovery code");
    await esra.code(codes[0]);
    await esra.page.getByRole("button", { name: "Continue to CloudSync" }).click();
    await esra.isSignedInAs("Esra");
    await esra.page.goto(`${issuer}/account/security`);
    await esra.page.getByRole("region", { name: "Browsers that do not ask for a code" }).waitFor();
    await esra.page.getByRole("button", { name: /^Forget Chrome on Linux/ }).click();
    await esra.page.getByText("You will be asked for a code there again.").waitFor();
  }],

  "fred chooses a new password": [{}, async (fred) => {
    await fred.comeFromCloudSync();
    await fred.signIn("fred");
    await fred.reads("Choose a new password");
    await fred.page.getByText("At least 7 characters.").waitFor();
    await fred.look("choose");
    const choose = async (current, fresh, again = fresh) => {
      for (const [field, value] of [["current", current], ["new", fresh], ["again", again]]) await fred.page.locator(`#${field}`).fill(value);
      await fred.page.locator("button.main").click();
    };
    const noticeShown = (title) => fred.page.locator(".notice h2", { hasText: title }).waitFor();
    await choose(PASSWORD, "Another-Passw0rd", "Another-Password");
    await noticeShown("The new passwords differ");
    await choose(PASSWORD, "short");
    await noticeShown("The new password is too simple");
    await fred.look("too-simple");
    await choose(PASSWORD, "Another-Passw0rd");
    await fred.isSignedInAs("Fred");
  }],

  "gina sets up an authenticator and changes her expired password, in German and dark": [{ locale: "de-DE", scheme: "dark" }, async (gina) => {
    await gina.page.goto(await gina.authorizeUrl(essential));
    await gina.signIn("gina");
    await gina.reads("Richten Sie Ihre Authenticator-App ein");
    await gina.look("enrol");
    const phone = await authenticatorOn(gina, "Sie können nicht scannen? Geben Sie einen Schlüssel ein");
    await gina.code(phone.code());
    await gina.page.locator("[data-codes] code").first().waitFor();
    await gina.look("recovery-codes");
    await gina.page.locator("button.main").click();
    await gina.reads("Wählen Sie ein neues Passwort");
    await gina.look("expired");
    for (const [field, value] of [["current", PASSWORD], ["new", "Another-Passw0rd"], ["again", "Another-Passw0rd"]]) await gina.page.locator(`#${field}`).fill(value);
    await gina.page.keyboard.press("Enter");
    await gina.isSignedInAs("Gina");

    await gina.page.goto(await gina.authorizeUrl({ prompt: "login" }));
    await gina.signIn("gina", "Another-Passw0rd");
    await gina.page.locator("#code").waitFor();
    await gina.look("code");
    await gina.page.locator("form.person button").click();
    await gina.page.locator("#password").waitFor();
    await gina.look("not-gina");
  }],

  "alice signs in, refreshes and signs out": [{}, async (alice) => {
    await alice.page.goto(cloudsync);
    await alice.reads("Your team’s files, in sync everywhere");
    await alice.look("cloudsync-start");
    await alice.comeFromCloudSync();
    await alice.reads("Sign in");
    await alice.look("sign-in");
    const password = alice.page.locator("#password");
    await password.pressSequentially("Secret");
    await alice.page.getByRole("button", { name: "Show password" }).click();
    alice.holds(await password.getAttribute("type") === "text", "the password is not shown");
    await alice.page.getByRole("button", { name: "Hide password" }).click();
    alice.holds(await password.getAttribute("type") === "password", "the password is not hidden again");
    await alice.signIn("alice");
    await alice.isSignedInAs("Alice");
    await alice.page.getByRole("cell", { name: "alice@example.com", exact: true }).first().waitFor();
    await alice.look("cloudsync-signed-in");
    await alice.page.getByRole("button", { name: "Refresh" }).click();
    await alice.page.getByText("Refreshed once").waitFor();
    await alice.page.getByRole("button", { name: "Ask userinfo" }).click();
    await alice.page.getByRole("heading", { name: "What userinfo says" }).waitFor();
    await alice.look("cloudsync-userinfo");
    await alice.page.getByRole("button", { name: "Sign out everywhere" }).click();
    await alice.reads("You are signed out");
    await alice.look("cloudsync-signed-out");
    await alice.comeFromCloudSync();
    await alice.reads("Sign in");
  }],

  "alice signs in without scripts, by keyboard": [{ scripts: false }, async (alice) => {
    await alice.comeFromCloudSync();
    alice.holds(await alice.page.locator("[data-show]").isHidden(), "a button that does nothing without scripts is shown");
    await alice.signInByKeyboard("CORP\\alice");
    await alice.isSignedInAs("Alice");
    await alice.page.getByRole("button", { name: "Refresh" }).click();
    await alice.page.getByText("Refreshed once").waitFor();
    await alice.page.getByRole("button", { name: "Sign out everywhere" }).click();
    await alice.reads("You are signed out");
  }],

  "bob and zoe sign in": [{}, async (person) => {
    for (const [username, name] of [["bob", "Bob"], ["zoe", "Zoë"]]) {
      await person.context.clearCookies();
      await person.comeFromCloudSync();
      await person.signIn(username);
      await person.isSignedInAs(name);
    }
    await person.page.getByRole("cell", { name: "O'Brien, Zoë (Ops)", exact: true }).first().waitFor();
  }],

  "carol and dora see the reason of their refusal": [{}, async (person) => {
    await person.comeFromCloudSync();
    await person.signIn("carol");
    const words = await person.isRefused("You do not have access to CloudSync yet");
    person.holds(words.includes("the IT help desk, extension 100"), "carol does not see the help contact");
    person.holds((await person.page.title()).startsWith("Error: "), "the title does not say that something went wrong");
    await person.look("carol");
    await person.signIn("dora");
    await person.isRefused("Your account is disabled");
  }],

  "hugo (locked) sees the same refusal as a stranger": [{}, async (person) => {
    await person.comeFromCloudSync();
    const words = [];
    for (const [username, password] of [["hugo"], ["nobody"], ["i.sommer", "not the password"], ["dora", "not the password"]]) {
      await person.signIn(username, password);
      words.push(await person.isRefused(GENERIC));
    }
    person.holds(new Set(words).size === 1, `the refusals differ: ${JSON.stringify(words)}`);
    for (const size of WINDOWS) {
      for (const what of await outOfSight(person.page, size, () => person.signIn("nobody", "not the password"))) person.complain(what);
    }
    person.holds(words[0].includes("may be locked") && words[0].includes("ask your administrator"), "the lock or the administrator is not mentioned");
    await person.look("hugo");
  }],

  "accounts arrive": [{}, arrivals],
  "accounts arrive in the dark": [{ scheme: "dark" }, arrivals],

  "carol and alice in German and dark": [{ locale: "de-DE", scheme: "dark" }, async (person) => {
    await person.comeFromCloudSync();
    await person.reads("Anmelden");
    await person.look("sign-in");
    await person.signIn("carol");
    await person.isRefused("Sie haben noch keinen Zugang zu CloudSync");
    await person.look("carol");
    await person.signIn("hugo");
    await person.isRefused("Die Anmeldung ist fehlgeschlagen");
    await person.signIn("alice");
    await person.isSignedInAs("Alice");
    await person.look("cloudsync-signed-in");
    await person.page.goto(`${issuer}/logout`);
    await person.reads("Möchten Sie sich abmelden?");
    await person.look("logout-confirm");
    await person.page.getByRole("button", { name: "Abmelden" }).click();
    await person.reads("Sie sind abgemeldet");
    await person.look("signed-out");
  }],

  "bob uses alice's computer": [{}, async (person) => {
    await person.comeFromCloudSync();
    await person.signIn("alice");
    await person.isSignedInAs("Alice");
    await person.context.clearCookies({ name: "cloudsync_demo" });
    await person.comeFromCloudSync();
    await person.isSignedInAs("Alice");
    await person.page.goto(await person.authorizeUrl({ prompt: "login" }));
    await person.page.getByText("Alice Adams").waitFor();
    await person.look("known");
    await person.page.getByRole("button", { name: "Not you?" }).click();
    await person.page.locator(".person").waitFor({ state: "detached" });
    await person.signIn("bob");
    await person.isSignedInAs("Bob");
  }],

  "alice cancels and signs out": [{}, async (alice) => {
    await alice.page.goto(`${issuer}/account/security`);
    await alice.page.getByText("to open your security page").waitFor();
    await alice.look("sign-in-for-account");
    await alice.page.getByRole("button", { name: "Cancel" }).click();
    await alice.reads("Company sign-in");
    await alice.comeFromCloudSync();
    await alice.page.getByRole("button", { name: "Cancel" }).click();
    await alice.page.waitForURL(`${cloudsync}/**`);
    alice.holds(new URL(alice.page.url()).searchParams.get("error") === "access_denied", "CloudSync gets no error");
    await alice.page.goto(`${issuer}/account/security`);
    await alice.signIn("alice");
    await alice.reads("Your security");
    await alice.page.goto(await alice.authorizeUrl({ prompt: "login" }));
    await alice.page.getByText("Alice Adams").waitFor();
    alice.holds(await alice.page.locator("#username").count() === 0, "the name of the signed-in person is asked for again");
    await alice.look("password-only");
    await alice.signIn("alice");
    await alice.isSignedInAs("Alice");
    await alice.page.goto(`${issuer}/logout`);
    await alice.page.getByRole("button", { name: "Sign out" }).click();
    await alice.page.getByRole("link", { name: "Sign in again" }).click();
    await alice.reads("Sign in");
  }],

  "the response by form post": [{}, responseByFormPost],
  "the response by form post without scripts": [{ scripts: false }, responseByFormPost],

  "pages for wrong addresses": [{}, async (person) => {
    const unregistered = "https://elsewhere.example/";
    const redirect = { redirect_uri: unregistered, response_type: "code", scope: "openid" };
    const authorize = (parameters) => `${issuer}/authorize?${new URLSearchParams({ ...redirect, ...parameters })}`;
    for (const [url, heading] of [
      [issuer, "Company sign-in"],
      [`${issuer}/nowhere`, "There is no page here"],
      [`${issuer}/signed-out`, "You are signed out"],
      [`${issuer}/login?p=gone&client_id=cloudsync`, "This sign-in has ended"],
      [authorize({ client_id: "nobody" }), "This app is not registered"],
      [authorize({ client_id: process.env.DEMO_CLIENT_ID ?? "cloudsync" }), "This return address is not registered"],
      [`${cloudsync}/nowhere`, "There is no such page"],
      [`${cloudsync}/callback?error=access_denied&state=x`, "This sign-in is not valid"],
    ]) {
      await person.page.goto(url);
      await person.reads(heading);
      await person.look(heading.replaceAll(" ", "-"));
    }
  }],
};

/** The page follows what is delivered by SCIM without a script; it is looked at where it stands still. */
async function arrivals(person) {
  const userName = `arrival-${person.scheme}`;
  const deliver = async (path, resource) => {
    const token = process.env.DEMO_SCIM_TOKEN ?? "cloudsync-demo-scim-token";
    const headers = { "Content-Type": "application/scim+json", Authorization: `Bearer ${token}` };
    const answer = await person.context.request.post(`${cloudsync}/scim/v2/${path}`, { headers, data: JSON.stringify(resource) });
    person.holds(answer.status() === 201, `${path}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  };
  await person.page.goto(cloudsync);
  await person.page.getByRole("link", { name: "See them arrive" }).click();
  // The page shows the newest hundred, and the provider's first delivery brings twice as many: its Team Share comes last.
  await person.page.getByRole("rowheader", { name: /^Sales plans/ }).waitFor();
  const { id } = await deliver("Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName, displayName: "<b>Ada & \"Bob\"</b>", externalId: userName,
    active: false, emails: [{ type: "work", value: `${userName}@example.com` }],
  });
  await deliver("Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: `Sales ${userName}`, members: [{ value: id }] });
  const row = person.page.getByRole("row", { name: `${userName}@example.com` });
  await row.getByText("suspended").waitFor();
  await row.getByText('<b>Ada & "Bob"</b>').waitFor();
  await person.page.getByRole("rowheader", { name: `Sales ${userName}` }).waitFor();
  await person.page.getByRole("link", { name: "Stop" }).click();
  await person.page.getByRole("link", { name: "See them arrive" }).waitFor();
  await person.look("cloudsync-accounts");
}

/** The stand-in accepts no posts; it is enough that the browser sends it the response. */
async function responseByFormPost(person) {
  await person.page.goto(await person.authorizeUrl({ response_mode: "form_post" }));
  const [brought] = await Promise.all([
    person.page.waitForRequest((request) => request.method() === "POST" && request.url() === `${cloudsync}/callback`),
    (async () => {
      await person.signIn("alice");
      if (!person.scripts) await person.page.getByRole("button", { name: "Continue to CloudSync" }).click();
    })(),
  ]);
  const fields = new URLSearchParams(brought.postData());
  for (const name of ["code", "state", "iss"]) person.holds(fields.get(name), `no ${name} in the response`);
  person.holds((await brought.response())?.status() === 405, "the browser did not post to the callback");
}

await run("login", stories);

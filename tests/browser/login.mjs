// Signs in through a running demo, in a real browser, as the people of its domain do. DEMO_ISSUER and DEMO_CLOUDSYNC_URL
// say where it is (.ci/browser starts one).
//
//   node login.mjs [PART OF A STORY'S NAME]      SCREENSHOTS=1 leaves what was seen in target/screenshots

import { conclude, launch } from "./support.mjs";
import { Visitor, cloudsync, issuer } from "./visitor.mjs";

const GENERIC = "That did not work";

const stories = {
  "alice signs in, refreshes and signs out": [{}, async (alice) => {
    await alice.page.goto(cloudsync);
    await alice.reads("Your team’s files, in step everywhere");
    await alice.look("cloudsync-start");
    await alice.comeFromCloudSync();
    await alice.reads("Sign in");
    await alice.look("sign-in");
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

  "carol and dora are told why": [{}, async (person) => {
    await person.comeFromCloudSync();
    await person.signIn("carol");
    const words = await person.isRefused("You do not have access to CloudSync yet");
    person.holds(words.includes("the IT help desk, extension 100"), "carol is not told whom to ask");
    person.holds((await person.page.title()).startsWith("Error: "), "the title does not say that something went wrong");
    await person.look("carol");
    await person.signIn("dora");
    await person.isRefused("Your account is disabled");
    await person.signIn("fred");
    await person.isRefused("You need to change your password first");
    await person.look("fred");
  }],

  "hugo, who is locked, learns no more than a stranger": [{}, async (person) => {
    await person.comeFromCloudSync();
    const words = [];
    for (const [username, password] of [["hugo"], ["nobody"], ["i.sommer", "not the password"], ["dora", "not the password"]]) {
      await person.signIn(username, password);
      words.push(await person.isRefused(GENERIC));
    }
    person.holds(new Set(words).size === 1, `the refusals can be told apart: ${JSON.stringify(words)}`);
    person.holds(words[0].includes("may be locked") && words[0].includes("ask your administrator"), "the lock or whom to ask is not mentioned");
    await person.look("hugo");
  }],

  "carol and alice in German, in the dark": [{ locale: "de-DE", scheme: "dark" }, async (person) => {
    await person.comeFromCloudSync();
    await person.reads("Anmelden");
    await person.look("sign-in");
    await person.signIn("carol");
    await person.isRefused("Sie haben noch keinen Zugang zu CloudSync");
    await person.look("carol");
    await person.signIn("hugo");
    await person.isRefused("Das hat nicht geklappt");
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

  "bob comes to alice's computer": [{}, async (person) => {
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

  "the answer by form post": [{}, answerByFormPost],
  "the answer by form post without scripts": [{ scripts: false }, answerByFormPost],

  "pages for those who lost their way": [{}, async (person) => {
    const unregistered = "https://elsewhere.example/";
    const redirect = { redirect_uri: unregistered, response_type: "code", scope: "openid" };
    const authorize = (parameters) => `${issuer}/authorize?${new URLSearchParams({ ...redirect, ...parameters })}`;
    for (const [url, heading] of [
      [issuer, "Company sign-in"],
      [`${issuer}/nowhere`, "There is no page here"],
      [`${issuer}/signed-out`, "You are signed out"],
      [`${issuer}/login?p=gone&client_id=cloudsync`, "This sign-in has ended"],
      [authorize({ client_id: "nobody" }), "We do not know this program"],
      [authorize({ client_id: process.env.DEMO_CLIENT_ID ?? "cloudsync" }), "We will not send you to this address"],
      [`${cloudsync}/nowhere`, "There is no such page"],
      [`${cloudsync}/callback?error=access_denied&state=x`, "This sign-in is not one of ours"],
    ]) {
      await person.page.goto(url);
      await person.reads(heading);
      await person.look(heading.replaceAll(" ", "-"));
    }
  }],
};

/** The stand-in does not take posts; what matters is that the browser brings it the answer. */
async function answerByFormPost(person) {
  await person.page.goto(await person.authorizeUrl({ response_mode: "form_post" }));
  const [brought] = await Promise.all([
    person.page.waitForRequest((request) => request.method() === "POST" && request.url() === `${cloudsync}/callback`),
    (async () => {
      await person.signIn("alice");
      if (!person.scripts) await person.page.getByRole("button", { name: "Continue to CloudSync" }).click();
    })(),
  ]);
  const fields = new URLSearchParams(brought.postData());
  for (const name of ["code", "state", "iss"]) person.holds(fields.get(name), `no ${name} in the answer`);
  person.holds((await brought.response())?.status() === 405, "the browser did not get there");
}

const only = process.argv[2];
const queue = Object.entries(stories).filter(([name]) => !only || name.includes(only));
const count = queue.length;
const complaints = [];
const browser = await launch();
await Promise.all([teller(), teller()]);
await browser.close();
conclude("login", complaints, count);

async function teller() {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [name, [options, tell]] = next;
    const person = await Visitor.arrive(browser, name, (what) => complaints.push(what), options);
    await tell(person).catch((error) => person.complain(error.message));
    await person.context.close();
  }
}

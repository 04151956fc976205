// Does the steps of CloudSync's manual in the panel of a provider with an empty store, from the one-time link to the
// first sign-in at CloudSync. .ci/browser starts the demo, whose domain is set up here.
//
//   node set-up.mjs [PART OF A STORY'S NAME]      SCREENSHOTS=1 saves screenshots in target/screenshots

import { OwnProvider, domain } from "./own-provider.mjs";
import { configuresDirectory } from "./story/directory.mjs";
import { press, menu } from "./story/panel.mjs";
import { entersAsOwner, findsOutAndFixes, isRefused, namesOwners, signsIn } from "./story/people.mjs";
import { addsCloudSync, enablesSso, enforcesTwoSteps, testsSso } from "./story/sign-on.mjs";
import { choosesPeople, readsLog, runsInitialSync } from "./story/sync.mjs";
import { run } from "./visitor.mjs";

const ad = domain();

const stories = {
  "the manual from an empty store": [{}, manual],
  "the manual without scripts": [{ scripts: false }, manual],
};

async function manual(admin) {
  const running = [await OwnProvider.start()];
  try {
    await sets(admin, running);
  } finally {
    for (const server of running.reverse()) await server.stop();
  }
}

async function sets(admin, running) {
  const [provider] = running;
  await admin.page.goto(provider.adminLink());
  await press(admin, "Use the link and enter");
  await admin.reads("Set-up");
  await admin.look("set-up");
  await configuresDirectory(admin, ad);
  await choosesPeople(admin);
  await runsInitialSync(admin);
  await readsLog(admin);
  await enablesSso(admin);
  const cloudsync = await addsCloudSync(admin);
  running.push(cloudsync);
  const invitation = await namesOwners(admin, ad, "ada");

  const ada = await admin.another("ada", cloudsync.url);
  await entersAsOwner(ada, provider, "ada", invitation);
  await testsSso(ada, "ada");
  await enforcesTwoSteps(ada);
  const carol = await admin.another("carol", cloudsync.url);
  await isRefused(carol, "carol");
  await findsOutAndFixes(ada, "carol");
  await signsIn(carol, "carol", "Carol");
}

await run("set-up", stories);

// "Configure Active Directory": each stage of the connection test fails with its own advice, then all of them pass.

import { follow, menu, press, shows } from "./panel.mjs";

/** From the menu to a saved configuration of this domain. */
export async function configuresDirectory(admin, ad) {
  await menu(admin, "Active Directory");
  await follow(admin, "Configure Active Directory");
  await admin.page.getByLabel("Domain", { exact: true }).fill("corp.example.com");
  await press(admin, "Find the servers");
  await admin.reads("Configure Active Directory");
  if (!(await admin.page.locator("#host-0").isVisible())) await press(admin, "Add a server");
  await admin.page.getByLabel("Service Account DN").fill(ad.AD_SVC);
  await admin.page.getByLabel("Base DN", { exact: true }).fill(ad.AD_BASE);
  await wrongEntries(admin, ad);

  await admin.page.getByLabel("Password of the service account").fill(ad.AD_SVC_PW);
  await press(admin, "Ask the server for base DN and kind");
  await press(admin, ad.AD_BASE);
  await admin.look("configure");
  await press(admin, "Test Connection");
  await shows(admin, "The connection works");
  await admin.look("test-passed");
  await admin.picture("test-connection");
  await press(admin, "Save Configuration");
  await admin.page.locator(".notice h2", { hasText: /^Saved$/ }).waitFor();
}

/** A wrong host, port, CA, name of the certificate and password. */
async function wrongEntries(admin, ad) {
  const right = { host: ad.AD_ADDR, port: "636", password: ad.AD_SVC_PW };
  await fails(admin, { ...right, host: "no-such-host.invalid" }, "Names of the servers (DNS)");
  await fails(admin, { ...right, port: "637" }, "Connections to their ports");
  await fails(admin, right, "Certificates and host names (TLS)");
  await press(admin, /^Show its certificates/);
  await admin.look("certificates");
  await shows(admin, "the server does not send its CA");
  await admin.page.getByLabel("Or upload the CA certificate").setInputFiles(ad.AD_CA);
  await press(admin, /^Show its certificates/);
  await admin.look("names");
  await press(admin, `It is ${ad.AD_HOST}`);
  await fails(admin, { password: "wrong" }, "Sign-in of the service account");
}

/** Tests what is typed; this stage fails, and says what to do. */
async function fails(admin, { host, port, password }, stage) {
  if (host !== undefined) await admin.page.locator("#host-0").fill(host);
  if (port !== undefined) await admin.page.locator("#port-0").fill(port);
  await admin.page.getByLabel("Password of the service account").fill(password);
  await press(admin, "Test Connection");
  await shows(admin, `The test failed: ${stage}`);
  await backToForm(admin);
}

async function backToForm(admin) {
  await admin.page.getByRole("link", { name: "Back to the form, with what you typed" }).click();
}

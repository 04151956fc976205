// Setting up an authenticator, as the pages ask for it.

import { Authenticator } from "./authenticator.mjs";

/** Sets up an authenticator during a sign-in; returns it and the recovery codes. */
export async function enrols(person, { mistyped = false } = {}) {
  await person.reads("Set up your authenticator");
  await person.look("enrol");
  const phone = await authenticatorOn(person);
  if (mistyped) {
    await person.code("000000");
    await person.page.locator(".notice h2", { hasText: "That code did not work" }).waitFor();
    await person.look("enrol-wrong");
  }
  await person.code(phone.code());
  const codes = await codesOn(person);
  if (person.scripts) await person.page.getByRole("button", { name: "Copy" }).waitFor();
  await person.look("recovery-codes");
  await person.page.getByRole("button", { name: "I have saved them" }).click();
  return { phone, codes };
}

/** The authenticator with the key that the page shows. */
export async function authenticatorOn(person, byHand = "Cannot scan? Enter a key instead") {
  await person.page.getByText(byHand).click();
  return new Authenticator(await person.page.locator("code.key").innerText());
}

/** The recovery codes that the page shows. */
export async function codesOn(person) {
  await person.reads("Save your recovery codes");
  const codes = await person.page.locator("[data-codes] code").allInnerTexts();
  person.holds(codes.length === 10, `${codes.length} recovery codes`);
  return codes;
}

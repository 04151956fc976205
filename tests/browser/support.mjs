// What both browser tests share: a browser, an ear for violations, and axe.

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));

export const target = process.env.CARGO_TARGET_DIR ?? join(here, "..", "..", "target");
export const screenshots = join(target, "screenshots");
mkdirSync(screenshots, { recursive: true });

// WCAG 2.2 AA contains 2.0 and 2.1; axe tags each rule with the version that brought it.
const RULES = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] };

/** Starts Chromium with a profile of its own, thrown away at the end. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
}

/** Collects what a console of a healthy page never says: errors, and violations of the content security policy. */
export function listen(page, complain) {
  page.on("console", (message) => {
    if (message.type() === "error" || /content.security.policy/i.test(message.text())) complain(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complain(`script: ${error.message}`));
}

/** What axe finds wrong with the page as it is now, one line each. */
export async function violations(page) {
  // Evaluated through the debugger: the page's own policy, which forbids scripts, stays as it is.
  await page.evaluate(axe.source);
  const results = await page.evaluate((rules) => globalThis.axe.run(document, rules), RULES);
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `axe ${id}: ${help} at ${node.target.join(" ")}: ${node.failureSummary.replaceAll("\n", " ")}`));
}

/** How many pixels stick out sideways. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Prints what was found and ends the process accordingly. */
export function conclude(name, complaints, count) {
  for (const complaint of complaints) console.error(`✗ ${complaint}`);
  console.log(`${complaints.length ? "✗" : "✓"} ${name}: ${count} looked at, ${complaints.length} complaints`);
  process.exitCode = complaints.length ? 1 : 0;
}

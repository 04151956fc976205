// Shared by both browser tests: starts a browser, collects violations, runs axe, and checks how a page looks.

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));

export const target = process.env.CARGO_TARGET_DIR ?? join(here, "..", "..", "target");
/** The variants in which each page is checked. WCAG 1.4.10 requires 320 px: a window of 1280 at 400 %. */
export const VIEWS = ["light", "dark"].flatMap((scheme) => [1280, 320].map((width) => ({ scheme, width })));

const screenshots = process.env.SCREENSHOTS ? join(target, "screenshots") : null;
if (screenshots) mkdirSync(screenshots, { recursive: true });

// WCAG 2.2 AA contains 2.0 and 2.1; axe tags each rule with the version that introduced it.
const RULES = {
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
  rules: { "target-size": { enabled: true } },
  resultTypes: ["violations"],
};

/** Starts Chromium with a temporary profile. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
}

// Chromium logs a line for each response of 400 or more, such as that of a refused sign-in, which is expected.
const STATUS = /^Failed to load resource: the server responded with a status of/;

/** Collects console errors and violations of the content security policy. */
export function listen(page, complain) {
  page.on("console", (message) => {
    const policy = /content.security.policy/i.test(message.text());
    if (policy || (message.type() === "error" && !STATUS.test(message.text()))) complain(`console: ${message.text()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.request().isNavigationRequest()) complain(`${response.status()} for ${response.url()}`);
  });
  page.on("pageerror", (error) => complain(`script: ${error.message}`));
}

/** The problems of the page in this colour scheme at this width, one line each. */
export async function inspect(page, { scheme, width }) {
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize({ width, height: 800 });
  const found = await violations(page);
  const pixels = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (pixels > 0) found.push(`scrolls sideways by ${pixels} px`);
  return found;
}

/** The problems that axe finds on the page now, one line each. */
async function violations(page) {
  // Evaluated through the debugger, so that the page's own policy, which forbids scripts, stays in force.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const results = await page.evaluate((rules) => globalThis.axe.run(document, rules), RULES);
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `axe ${id}: ${help} at ${node.target.join(" ")}: ${node.failureSummary.replaceAll("\n", " ")}`));
}

/** Windows in which a refusal must be read without scrolling: two common laptops, and a phone with its address bar. */
export const WINDOWS = [{ width: 1280, height: 800 }, { width: 1366, height: 650 }, { width: 390, height: 664 }];

/**
 * Whether the notice or the field with the cursor is out of sight, one line each. The browser scrolls to that
 * field when the page opens, so the page is opened in a window of this size.
 */
export async function outOfSight(page, size, open) {
  await page.setViewportSize(size);
  await open();
  // The cursor is set, and scrolled to, when the page is first drawn.
  await page.waitForFunction(() => !document.querySelector("[autofocus]") || document.activeElement.matches("[autofocus]"));
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  return page.evaluate(() => [".notice h2", "[autofocus]"].filter((which) => {
    const box = document.querySelector(which)?.getBoundingClientRect();
    return box && (box.top < 0 || box.bottom > innerHeight);
  }).map((which) => `${which} is out of sight at ${innerWidth}x${innerHeight}`));
}

/** Focusable elements without a visible focus (WCAG 2.4.7), which axe does not check. */
export function unfocusable(page) {
  return page.evaluate(() => [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden])")]
    .filter((element) => element.checkVisibility() && !element.matches(":disabled"))
    .filter((element) => {
      element.focus({ focusVisible: true });
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return document.activeElement !== element || outlineStyle === "none" || parseFloat(outlineWidth) < 2;
    })
    .map((element) => element.outerHTML.slice(0, 80)));
}

/** Saves a picture of the whole page if SCREENSHOTS is set. */
export async function keep(page, name) {
  if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

/** Prints the findings and ends the process with the matching status. */
export function conclude(name, complaints, count) {
  for (const complaint of complaints) console.error(`✗ ${complaint}`);
  console.log(`${complaints.length ? "✗" : "✓"} ${name}: ${count} checked, ${complaints.length} problems`);
  process.exitCode = complaints.length ? 1 : 0;
}

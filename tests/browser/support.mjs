// Shared by both browser tests: starts a browser, collects violations, runs axe, and checks how a page looks.

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));

export const target = process.env.CARGO_TARGET_DIR ?? join(here, "..", "..", "target");
/** Where the programs are; PROFILE=release for the optimised ones. */
export const built = join(target, process.env.PROFILE ?? "debug");
/** WCAG 1.4.10 requires 320 px: a window of 1280 at 400 %. */
const WIDTHS = [320, 768, 1280, 1920];
const EVERY_VIEW = ["light", "dark"].flatMap((scheme) => WIDTHS.map((width) => ({ scheme, width })));
/** Both languages together have each width, each pair of a scheme and a width, and each language has both schemes. */
const SOME_VIEWS = {
  en: [{ scheme: "light", width: 1280 }, { scheme: "dark", width: 320 }],
  de: [{ scheme: "dark", width: 1920 }, { scheme: "light", width: 320 }],
};

/** True if all variants are tested. */
export const full = process.env.CLOUDSYNC_TEST_COUNTS === "full";

/** The variants in which a page is checked: all of them with CLOUDSYNC_TEST_COUNTS=full. */
export function viewsOf(language) {
  return full ? EVERY_VIEW : SOME_VIEWS[language];
}

const screenshots = process.env.SCREENSHOTS === "1" ? join(target, "screenshots") : null;
/** The pictures of the documentation are made with SCREENSHOTS=docs. */
const pictures = process.env.SCREENSHOTS === "docs" ? join(here, "..", "..", "docs", "screenshots") : null;
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

/**
 * Gives every page of this context axe. It comes through the debugger, so that the page's own policy, which forbids
 * scripts, stays in force.
 */
export function bringAxe(context) {
  return context.addInitScript({ content: axe.source });
}

/** The problems of the page in this colour scheme at this width, one line each. */
export async function inspect(page, { scheme, width }) {
  await page.emulateMedia({ colorScheme: scheme });
  return [...await violations(page, width), ...await sideways(page, width)];
}

/** Whether the page has to be scrolled sideways at one of all widths, one line each. */
export async function sidewaysAnywhere(page) {
  const found = [];
  for (const width of WIDTHS) found.push(...await sideways(page, width));
  return found;
}

async function sideways(page, width) {
  await page.setViewportSize({ width, height: 800 });
  const pixels = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return pixels > 0 ? [`scrolls sideways by ${pixels} px at ${width} px`] : [];
}

/** The problems that axe finds on the page at this width, one line each. */
async function violations(page, width) {
  await page.setViewportSize({ width, height: 800 });
  return page.evaluate(async (rules) => {
    const results = await globalThis.axe.run(document, rules);
    return results.violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `axe ${id}: ${help} at ${node.target.join(" ")}: ${node.failureSummary.replaceAll("\n", " ")}`));
  }, RULES);
}

/** Windows in which a refusal must be read without scrolling: two common laptops, and a phone with its address bar. */
export const WINDOWS = [{ width: 1280, height: 800 }, { width: 1366, height: 650 }, { width: 390, height: 664 }];
const SOME_WINDOWS = { en: WINDOWS.slice(2), de: WINDOWS.slice(1) };

/** Those of them in which a page is opened: German texts are longer, so they have the lower laptop too. */
export function windowsOf(language) {
  return full ? WINDOWS : SOME_WINDOWS[language];
}

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

/** Saves a picture for the documentation, from this element on, if it is asked for. */
export async function picture(page, name, from) {
  if (!pictures) return;
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.locator(from).first().evaluate((element) => scrollTo(0, element.getBoundingClientRect().top + scrollY - 90));
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

/** Prints the findings and ends the process with the matching status. */
export function conclude(name, complaints, count) {
  for (const complaint of complaints) console.error(`✗ ${complaint}`);
  const seconds = (performance.now() / 1000).toFixed(1);
  console.log(`${complaints.length ? "✗" : "✓"} ${name}: ${count} checked, ${complaints.length} problems, ${seconds} s`);
  process.exitCode = complaints.length ? 1 : 0;
}

// Opens every sample page, in every language, light and dark, wide and narrow, with the content security policy
// it is served with. The samples are written by `cargo test --lib` into target/page-samples. Not every language is
// shown in every scheme and width, unless CLOUDSYNC_TEST_COUNTS=full.
//
//   node pages.mjs [PART OF A NAME]      SCREENSHOTS=1 saves screenshots in target/screenshots

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { bringAxe, conclude, full, inspect, keep, launch, listen, outOfSight, sidewaysAnywhere, target, unfocusable, viewsOf, windowsOf } from "./support.mjs";

const samplesDir = join(target, "page-samples");
const index = JSON.parse(await readFile(join(samplesDir, "index.json"), "utf8"));
const only = process.argv[2];
const samples = index.filter(({ file }) => !only || file.includes(only));
const policies = new Map(index.map(({ file, policy }) => [`/${file}`, policy]));
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".js": "text/javascript" };
const complaints = [];
let checked = 0;

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  try {
    const body = await readFile(join(samplesDir, path));
    response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
    if (policies.has(path)) response.setHeader("content-security-policy", policies.get(path));
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await launch();
const queue = [...samples];
await Promise.all([worker(), worker()]);
await browser.close();
server.close();
conclude("pages", complaints, checked);

async function worker() {
  const context = await browser.newContext({ reducedMotion: "reduce" });
  await bringAxe(context);
  // The form-post page posts to the client; here the client answers 204, so the page stays.
  await context.route("https://cloudsync.example/**", (route) => route.fulfill({ status: 204 }));
  // Long work has no news.
  await context.route(/\/events(\?|$)/, (route) => route.fulfill({ contentType: "text/event-stream", body: "retry: 600000\n\n" }));
  const page = await context.newPage();
  let at = "";
  listen(page, (what) => complaints.push(`${at}: ${what}`));
  for (let sample = queue.shift(); sample; sample = queue.shift()) {
    at = sample.file;
    await look(page, sample).catch((error) => complaints.push(`${at}: ${error.message}`));
  }
  await context.close();
}

/** Opens all collapsed parts; false if there are none. */
function unfold(page) {
  return page.evaluate(() => {
    const folded = [...document.querySelectorAll("details")];
    folded.forEach((one) => { one.open = true; });
    return folded.length > 0;
  });
}

async function look(page, { file, language, name }) {
  // Once it is loaded, the form-post page leaves.
  const leaves = name.includes("form-post");
  await page.goto(`${origin}/${file}`, { waitUntil: leaves ? "commit" : "load" });
  if (leaves) await page.waitForFunction(() => document.readyState !== "loading" && [...document.images].every((image) => image.complete));
  if (await page.locator(".notice h2").count()) {
    for (const size of windowsOf(language)) {
      const found = await outOfSight(page, size, () => page.goto(`${origin}/${file}`));
      complaints.push(...found.map((what) => `${file}: ${what}`));
    }
  }
  const views = viewsOf(language);
  const check = async (view, state = "") => {
    checked += 1;
    for (const what of await inspect(page, view)) complaints.push(`${file} (${state}${view.scheme}, ${view.width}): ${what}`);
    await keep(page, `${name}.${state.replace(", ", ".")}${language}.${view.scheme}.${view.width}`);
  };
  // On a phone the collapsed parts are open: what is shown without them is shown then too.
  const onPhone = views.filter(({ width }) => width === 320);
  for (const view of full ? views : views.filter((view) => !onPhone.includes(view))) await check(view);
  const unfolded = await unfold(page);
  if (unfolded || !full) for (const view of onPhone) await check(view, unfolded ? "unfolded, " : "");
  complaints.push(...(await sidewaysAnywhere(page)).map((what) => `${file}: ${what}`));
  for (const what of await unfocusable(page)) complaints.push(`${file}: no visible focus on ${what}`);
}

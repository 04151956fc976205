// Opens every sample page, in every language, light and dark, wide and narrow, under the policy that it is served with.
// The samples are written by `cargo test --lib` into target/page-samples.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { conclude, launch, listen, overflow, screenshots, target, violations } from "./support.mjs";

const samplesDir = join(target, "page-samples");
const index = JSON.parse(await readFile(join(samplesDir, "index.json"), "utf8"));
const only = process.argv[2];
const samples = index.filter(({ file }) => !only || file.includes(only));
const policies = new Map(index.map(({ file, policy }) => [`/${file}`, policy]));
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".js": "text/javascript" };
const VIEWS = ["light", "dark"].flatMap((scheme) => [1280, 320].map((width) => ({ scheme, width })));
const complaints = [];

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
conclude("pages", complaints, samples.length * VIEWS.length);

async function worker() {
  const context = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1280, height: 800 } });
  // The one script posts to the client; here the client says "stay where you are".
  await context.route("https://cloudsync.example/**", (route) => route.fulfill({ status: 204 }));
  for (let sample = queue.shift(); sample; sample = queue.shift()) await look(context, sample);
  await context.close();
}

async function look(context, { file, language, name }) {
  const page = await context.newPage();
  listen(page, (what) => complaints.push(`${file}: ${what}`));
  // Not until "load": the page that posts itself on is leaving by then.
  await page.goto(`${origin}/${file}`, { waitUntil: "commit" });
  await page.locator("main").waitFor();
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  for (const { scheme, width } of VIEWS) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 800 });
    const complain = (what) => complaints.push(`${file} (${scheme}, ${width}): ${what}`);
    for (const violation of await violations(page)) complain(violation);
    const pixels = await overflow(page);
    if (pixels > 0) complain(`sticks out by ${pixels} px`);
    await page.screenshot({ path: join(screenshots, `${name}.${language}.${scheme}.${width}.png`), fullPage: true });
  }
  await page.close();
}

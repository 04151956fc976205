// A person at a browser: a context with its own cookies, language and colour scheme, with or without scripts.

import { bringAxe, conclude, inspect, keep, launch, listen, picture, unfocusable } from "./support.mjs";

/** Addresses of the provider and of the stand-in for CloudSync. */
export const issuer = required("DEMO_ISSUER");
export const cloudsync = required("DEMO_CLOUDSYNC_URL");
/** The password of every person in the demo's domain. */
export const PASSWORD = "Passw0rd!demo";

function required(name) {
  if (!process.env[name]) throw new Error(`${name} is not set: .ci/browser starts a demo and sets it.`);
  return process.env[name].replace(/\/$/, "");
}

export class Visitor {
  static async arrive(browser, story, report, { locale = "en-GB", scheme = "light", scripts = true, application = cloudsync } = {}) {
    const options = { locale, colorScheme: scheme, javaScriptEnabled: scripts, reducedMotion: "reduce" };
    const context = await browser.newContext(options);
    context.setDefaultTimeout(20_000);
    // axe waits for timers, which need scripts
    if (scripts) await bringAxe(context);
    const page = await context.newPage();
    const visitor = Object.assign(new Visitor(), { page, context, story, report, locale, scheme, scripts, application, others: [] });
    visitor.complain = (what) => report(`${story}, at ${page.url().split("?")[0]}: ${what}`);
    listen(page, visitor.complain);
    return visitor;
  }

  /** Opens the stand-in and follows its link to the sign-in page (or back, if no sign-in is needed). */
  async comeFromCloudSync() {
    await this.page.goto(this.application);
    await this.page.getByRole("link", { name: "Sign in with your company account" }).click();
  }

  /** The stand-in's authorization request, with these parameters added. This browser gets the stand-in's cookie. */
  async authorizeUrl(parameters) {
    const answer = await this.context.request.get(`${this.application}/sign-in`, { maxRedirects: 0 });
    return `${answer.headers().location}&${new URLSearchParams(parameters)}`;
  }

  /** Signs in. A signed-in person is asked for the password only. */
  async signIn(username, password = PASSWORD) {
    await this.page.locator("#password").waitFor();
    const name = this.page.locator("#username");
    if (await name.isVisible()) await name.fill(username);
    await this.page.locator("#password").fill(password);
    await this.page.locator("button.main").click();
  }

  /** Enters a code, whatever kind of code the page asks for. */
  async code(code) {
    await this.page.locator("#code").fill(code);
    await this.page.locator("button.main").click();
  }

  /** The same without a mouse: the cursor is in the first field. */
  async signInByKeyboard(username) {
    await this.page.locator("#username:focus").waitFor();
    for (const key of [username, "Tab", PASSWORD, "Enter"]) {
      await (key === "Tab" || key === "Enter" ? this.page.keyboard.press(key) : this.page.keyboard.type(key));
    }
  }

  /** Waits for this heading. */
  async reads(heading) {
    const found = this.page.getByRole("heading", { level: 1, name: heading, exact: true });
    await found.waitFor().catch(async () => {
      const shown = await this.page.locator("h1, .notice h2").allInnerTexts();
      throw new Error(`expected "${heading}" and not "${shown.join(" / ")}"`);
    });
  }

  /** Waits for the stand-in's page about this person. */
  async isSignedInAs(name) {
    await this.reads(`Hello, ${name}`);
    this.holds(new URL(this.page.url()).origin === this.application, "the person is not back at CloudSync");
  }

  /** Waits for a refusal with this title and returns its text without the attempt's number. */
  async isRefused(title) {
    const notice = this.page.locator(".notice");
    await notice.locator("h2", { hasText: title }).waitFor().catch(async () => {
      throw new Error(`expected "${title}" and not "${await this.page.locator("h1, .notice h2").allInnerTexts()}"`);
    });
    this.holds((await this.page.locator("#password").inputValue()) === "", "the password came back");
    const number = await this.page.locator(".help-details code").innerText();
    this.holds(/^[A-Z0-9-]{8,}$/.test(number), `"${number}" cannot be read out on the telephone`);
    return (await this.page.locator("body").innerText()).replace(number, "");
  }

  /** Checks the page with axe, for sideways scrolling and for keyboard focus; saves a screenshot if requested. */
  async look(name) {
    for (const width of [1280, 320]) {
      for (const what of this.scripts ? await inspect(this.page, { scheme: this.scheme, width }) : []) {
        this.complain(`${name} (${width}): ${what}`);
      }
      await keep(this.page, `live.${this.story}.${name}.${width}`);
    }
    for (const what of this.scripts ? await unfocusable(this.page) : []) this.complain(`${name}: no visible focus on ${what}`);
    await this.page.setViewportSize({ width: 1280, height: 800 });
  }

  /** Saves a picture for the documentation if it is asked for, of the story with scripts. */
  async picture(name, from = ".menu-place, h1") {
    if (this.scripts) await picture(this.page, name, from);
  }

  /** Somebody else at another browser, who signs in to this application. */
  async another(name, application = this.application) {
    const { locale, scheme, scripts } = this;
    const options = { locale, scheme, scripts, application };
    const other = await Visitor.arrive(this.context.browser(), `${this.story}: ${name}`, this.report, options);
    this.others.push(other);
    return other;
  }

  async leave() {
    for (const one of [...this.others, this]) await one.context.close();
  }

  holds(condition, otherwise) {
    if (!condition) this.complain(otherwise);
  }
}

/** Runs stories, two at once: each is its name, with the options of its visitor and what the visitor does. */
export async function run(title, stories) {
  const only = process.argv[2];
  const queue = Object.entries(stories).filter(([name]) => !only || name.includes(only));
  const [count, complaints, browser] = [queue.length, [], await launch()];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [name, [options, story]] = next;
      const person = await Visitor.arrive(browser, name, (what) => complaints.push(what), options);
      await story(person).catch(async (error) => {
        person.complain(error.message);
        for (const one of [person, ...person.others]) await keep(one.page, `failed.${one.story}`);
      });
      await person.leave();
    }
  };
  await Promise.all([worker(), worker()]);
  await browser.close();
  conclude(title, complaints, count);
}

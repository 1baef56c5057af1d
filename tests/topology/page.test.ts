import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { z } from "zod";

import { addFindings } from "../../topology/findings";
import { formatPage } from "../../topology/page";
import { readTopology } from "../../topology/read-topology";
import { deployOnce } from "./stacks";

const measure = readFileSync(join(__dirname, "measure-page.mjs"), "utf8");
const measured = z.object({
  count: z.number(),
  contrast: z.number(),
  overlaps: z.array(z.string()),
  /** Texts that are wider than their box. */
  outside: z.array(z.string()),
});

/** The Chromium of the environment, or on PATH. Undefined if there is none. */
function findChromium(): string | undefined {
  if (process.env.CHROMIUM !== undefined) return process.env.CHROMIUM;
  try {
    const names = ["chromium", "chromium-browser", "google-chrome"];
    const script = names.map((name) => `command -v ${name}`).join(" || ");
    return execFileSync("sh", ["-c", script], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

const executablePath = findChromium();
const why = executablePath === undefined ? " (skipped: no chromium on PATH, and CHROMIUM is not set)" : "";

(executablePath === undefined ? describe.skip : describe)(`the page in Chromium${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "topology-"));
  let browser: Browser;
  let page: Page;
  /** Requests, messages and errors of the page. */
  let events: string[] = [];

  before(async () => {
    // A root user, as in a container, has no sandbox of Chromium.
    browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox"] });
  });
  after(() => browser.close());

  const object = "Pod production/tax-api-1";
  const finding = { code: "pod/crash", object, problem: "crashes </script>", fix: "kubectl <b>" };
  const open = async (name: "dev" | "prod" | "100-apps", scheme: "light" | "dark" = "light") => {
    const file = join(folder, `${name}.html`);
    if (!existsSync(file)) {
      const topology = addFindings(readTopology(await deployOnce(name)), [finding]);
      writeFileSync(file, await formatPage(topology, [finding]));
    }
    const url = pathToFileURL(file).href;
    events = [];
    page = await browser.newPage();
    page.on("request", (request) => {
      if (request.url() !== url) events.push(`request ${request.url()}`);
    });
    page.on("console", (message) => events.push(`console ${message.text()}`));
    page.on("pageerror", (error) => events.push(`error ${String(error)}`));
    await page.setViewport({ width: 1500, height: 850 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(url);
    await page.screenshot({ path: join(folder, `${name}-${scheme}.png`) });
  };
  const texts = async (selector: string) => {
    const script = `[...document.querySelectorAll('${selector}')].map((each) => each.textContent.trim())`;
    return z.array(z.string()).parse(await page.evaluate(script));
  };
  const visible = "section:not([hidden])";
  const titles = () => texts(`${visible} .node text[font-weight=bold]`);
  const rows = () => texts("tbody tr:not([hidden]) a");

  afterEach(async function () {
    assert.deepEqual(events, []);
    const name = this.currentTest?.title.replaceAll(/\W+/g, "-") ?? "test";
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.close();
  });
  after(() => console.log(`      screenshots: ${folder}`));

  for (const name of ["dev", "prod", "100-apps"] as const)
    for (const scheme of ["light", "dark"] as const)
      it(`is readable: ${name}, ${scheme}`, async () => {
        await open(name, scheme);
        const { count, contrast, overlaps, outside } = measured.parse(await page.evaluate(measure));
        assert.ok(count > 10);
        // As WCAG 2 level AA demands.
        assert.ok(contrast >= 4.5, `contrast ${contrast}`);
        assert.deepEqual({ overlaps, outside }, { overlaps: [], outside: [] });
      });

  it("shows the path of the app that is clicked in the table", async () => {
    await open("prod");
    await page.click('tbody a[href="#apps%2Fapi-gateway"]');
    await page.waitForSelector('section[id="apps/api-gateway"]:not([hidden])');
    assert.deepEqual((await titles()).sort(), [
      "Cloudflare edge",
      "Visitors",
      "api-gateway",
      "api.example.com",
      "api.example.com/health",
      "api.example.com/v1",
      "auth-service",
      "k3s-lb",
      "traefik",
      "user-service",
      "wildcard-cert",
    ]);
    assert.deepEqual(await texts("tr.current a"), ["api-gateway"]);
    await page.keyboard.press("Escape");
    await page.waitForSelector("#overview:not([hidden])");
  });

  it("opens a group of 100 apps, and an app of it, on a click", async () => {
    await open("100-apps");
    assert.ok(!(await texts(`${visible} text`)).includes("order-db"));
    await page.click(`${visible} a[href="#apps%2Fdatabases%2Fwithout%20routes"]`);
    await page.waitForSelector('section[id="apps/databases/without routes"]:not([hidden])');
    assert.ok((await texts(`${visible} text`)).includes("order-db"));
    await page.click(`${visible} a[href="#apps%2Forder-db"]`);
    await page.waitForSelector('section[id="apps/order-db"]:not([hidden])');
    assert.deepEqual((await titles()).sort(), ["order-api", "order-db", "order-worker"]);
    await page.goBack();
    await page.waitForSelector('section[id="apps/databases/without routes"]:not([hidden])');
  });

  it("searches apps by name and host", async () => {
    await open("100-apps");
    assert.equal((await rows()).length, 100);
    await page.keyboard.press("/");
    await page.waitForFunction("document.activeElement.id === 'search'");
    await page.keyboard.type("ORDER.EXAMPLE");
    assert.deepEqual(await rows(), ["order-web"]);
    const dimmed = await texts(`${visible} .node.dim text[font-weight=bold]`);
    assert.ok(dimmed.includes("Visitors") && !dimmed.includes("40 routes"), dimmed.join(", "));
    await page.keyboard.press("Enter");
    await page.waitForSelector('section[id="apps/order-web"]:not([hidden])');
    await page.keyboard.press("Escape");
    assert.equal((await rows()).length, 100);
    await page.keyboard.press("Escape");
    await page.waitForSelector("#overview:not([hidden])");
  });

  it("marks what the doctor found, and lists it", async () => {
    await open("100-apps");
    assert.deepEqual(await texts(`${visible} .broken text[font-weight=bold]`), ["40 apps"]);
    assert.deepEqual(await texts("tr.broken a"), ["tax-api"]);
    assert.deepEqual(await texts("#findings li"), [
      "pod/crash: Pod production/tax-api-1 crashes </script>kubectl <b>",
    ]);
  });

  it("prints the picture and the table on white, even in dark mode", async () => {
    await open("prod", "dark");
    await page.emulateMediaType("print");
    const background = (selector: string) =>
      page.evaluate(`getComputedStyle(document.querySelector("${selector}")).backgroundColor`);
    assert.equal(await background("body"), "rgb(255, 255, 255)");
    assert.equal(await background("#overview svg"), "rgb(255, 255, 255)");
    assert.equal(await page.$("#search").then((search) => search?.isVisible()), false);
    assert.ok((await page.pdf({ preferCSSPageSize: true })).length > 10_000);
  });
});

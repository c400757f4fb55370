// Every page that the cast can reach, in Japanese on a desk and in English on a telephone: nothing in axe or the console,
// no request to anybody else, nothing too wide, nothing too heavy.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base, kept, launch, open, person } from "./rig.mjs";
import { DESK, TELEPHONE, everyPage } from "./walk.mjs";

// Of each class one sits at a desk and another one holds a telephone; of an office, the same.
const CAST = { 1280: ["ga", "c1a", "c2b"], 390: ["gc", "c1c", "c2c"] };
const OFFICES = ["coordinator", "secretariat", "operator", "rt"];
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

for (const size of [DESK, TELEPHONE]) everyPage(() => browser, [...CAST[size[0]], ...OFFICES], size);

test("pages that anybody may open", async () => {
  for (const lang of ["ja", "en"]) {
    const page = await open(browser, { lang, width: 390 });
    for (const [path, status] of [["/sign-in", 200], ["/apply", 200], ["/no-such-page", 404], ["/invitation/nri_none", 404], ["/apply/nra_none", 404]]) {
      const response = await page.goto(base + path);
      assert.equal(response.status(), status, path);
      assert.deepEqual(await kept(page, response), [], path);
    }
    await page.context().close();
  }
});

test("the poster is one page of A4", async () => {
  const page = await person(browser, "ga");
  const poster = await page.getAttribute('a[href$="/poster"]', "href");
  await page.goto(base + poster);
  const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
  assert.equal(pdf.toString("latin1").match(/\/Type\s*\/Page[^s]/g).length, 1);
  await page.goto(`${base}/summary`);
  const summary = await page.pdf({ format: "A4", preferCSSPageSize: true });
  assert.equal(summary.toString("latin1").match(/\/Type\s*\/Page[^s]/g).length, 1);
  await page.context().close();
});

test("without scripts one can sign in, read and report", async () => {
  const page = await person(browser, "gb", { scripts: false, width: 390 });
  await page.click('button[name="status"][value="doing"]');
  assert.equal(await page.getAttribute('button[name="status"][value="doing"]', "aria-pressed"), "true");
  assert.ok(await page.isVisible("[data-flash]"));
  await page.context().close();
});

test("in an emergency the home page is what to do, and the banner leads there and says how much it is", async () => {
  for (const [lang, words] of [["ja", /^(今朝|あすの朝までに|今)すること$/], ["en", /^What to do (this morning|before tomorrow morning|now)$/]]) {
    const page = await person(browser, "ga", { lang, width: 390 });
    const heads = await page.$$eval("h1", (list) => list.map((h) => h.textContent));
    assert.equal(heads.length, 1);
    assert.match(heads[0], words);
    const steps = (await page.$$("#todo .steps > li")).length;
    assert.ok(steps >= 3);
    assert.ok((await page.innerText(".emg-btn")).includes(String(steps)), await page.innerText(".emg-btn"));
    // What members wrote in Japanese is Japanese on an English page, too.
    assert.equal(await page.getAttribute("#emg-t", "lang"), lang === "en" ? "ja" : null);
    await page.click(".emg-btn");
    assert.equal(new URL(page.url()).hash, "#todo");
    await page.context().close();
  }
});

test("what is ticked stays on this device, is told to nobody, and is gone when one signs out", async () => {
  const page = await person(browser, "ga");
  const sent = [];
  page.on("request", (request) => { if (request.method() !== "GET") sent.push(request.url()); });
  await page.check("#tick-2");
  assert.match(await page.getAttribute("[data-ticks]", "data-said"), /3つのうち1つ/);
  await page.reload();
  assert.ok(await page.isChecked("#tick-2"));
  assert.ok(!(await page.isChecked("#tick-1")));
  assert.deepEqual(sent, []);
  await page.click('header form[action="/sign-out"] button.tool');
  await page.waitForURL(/sign-in/);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
  await page.context().close();
});

test("the points of the confidence are the posts", async () => {
  const page = await person(browser, "c1a");
  await page.goto(`${base}/analysis`);
  await page.click('#items a[href^="/analysis/"]');
  const points = await page.$$eval(".chart-pt", (list) => list.map((point) => [point.getAttribute("href"), point.textContent.trim()]));
  assert.ok(points.length >= 3);
  for (const [href, no] of points) {
    const post = await page.$(`#thread > ${href}`);
    assert.ok(post, `${href} leads nowhere`);
    assert.equal((await (await post.$(".nn")).textContent()).trim(), no);
  }
  await page.context().close();
});

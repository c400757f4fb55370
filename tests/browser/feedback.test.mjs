// The table of class 2, answered by somebody who never touches a mouse. Runs in a council that has just asked.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accounts, base, launch, person } from "./rig.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const focused = (page, of) => page.evaluate((name) => document.activeElement?.[name] ?? "", of);
/** Presses a key until the focus is where it should be; it may take a while, and it must not be lost on the way. */
async function until(page, key, selector, most = 60) {
  for (let n = 0; n < most; n++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return n;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${selector} but to ${await focused(page, "outerHTML")}`);
}
/** The rows of the table with what is answered in each. */
const rows = (page) => page.$$eval("#need > li", (list) => list.map((row) => row.querySelector("input:checked")?.value ?? null));

test("from the home page to the answer by the keyboard alone, in few strokes", async () => {
  const page = await person(browser, "c2c");
  await until(page, "Tab", '#tasks a[href^="/feedback/"]');
  await Promise.all([page.waitForURL(/\/feedback\/C-/), page.keyboard.press("Enter")]);
  assert.deepEqual(new Set(await rows(page)), new Set([null]), "nothing is answered before somebody answers");
  await until(page, "Tab", "#src-firewall");
  await page.keyboard.press("Space");
  await until(page, "Tab", "#need input[type=radio]");
  // Up and down without answering, then one stroke for each row.
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const all = (await rows(page)).length;
  const wanted = Array.from({ length: all }, (_, n) => n % 3);
  for (const n of wanted) await page.keyboard.press(String(n + 1));
  const verdicts = ["seen", "not_seen", "unknown"];
  assert.deepEqual(await rows(page), wanted.map((n) => verdicts[n]));
  assert.equal(await page.innerText("[data-n]"), `${all} / ${all}`);
  await Promise.all([page.waitForNavigation({ url: /done=answered/ }), page.keyboard.press("Control+Enter")]);
  assert.ok(await page.evaluate(() => document.activeElement.hasAttribute("data-flash")), "what was done is said at once");
  assert.deepEqual(await rows(page), wanted.map((n) => verdicts[n]));
  assert.ok(await page.isChecked("#src-firewall"));
  assert.equal(await page.$('#gnav a[href="/feedback"] .badge'), null);
  await page.context().close();
});

test("the same by the keys that every form knows, and a change of mind", async () => {
  const page = await person(browser, "c2e", { width: 390, lang: "en", scripts: false });
  await page.goto(`${base}/feedback`);
  await until(page, "Tab", 'main a[href^="/feedback/C-"]');
  await Promise.all([page.waitForURL(/\/feedback\/C-/), page.keyboard.press("Enter")]);
  // The first link of the page but one leads to the table.
  await until(page, "Tab", '.skip[href="#need"]', 3);
  await page.keyboard.press("Enter");
  await until(page, "Tab", "#need input[value=seen]", 3);
  await page.keyboard.press("ArrowLeft");
  assert.equal((await rows(page))[0], "unknown");
  await until(page, "Tab", "[data-send]");
  await Promise.all([page.waitForNavigation({ url: /done=answered/ }), page.keyboard.press("Enter")]);
  assert.deepEqual((await rows(page)).slice(0, 2), ["unknown", null]);
  await until(page, "Tab", "#need input[value=unknown]");
  await page.keyboard.press("ArrowRight");
  await until(page, "Tab", "[data-send]");
  await Promise.all([page.waitForNavigation({ url: /done=answered/ }), page.keyboard.press("Enter")]);
  assert.equal((await rows(page))[0], "seen");
  await page.context().close();
});

test("an answer that says nothing of its logs is not taken, and nothing typed is lost", async () => {
  const page = await person(browser, "c2f");
  await until(page, "Tab", '#tasks a[href^="/feedback/"]');
  await Promise.all([page.waitForURL(/\/feedback\/C-/), page.keyboard.press("Enter")]);
  await until(page, "Tab", "#need input[type=radio]");
  await page.keyboard.press("2");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("[data-errors]");
  assert.ok(await page.evaluate(() => document.activeElement.hasAttribute("data-errors")));
  assert.equal((await rows(page))[0], "not_seen");
  assert.match(await page.innerText("[data-errors] a"), /^調べた記録/, "an error names the field");
  // From the error straight to the field that is wrong.
  await until(page, "Tab", "[data-errors] a", 2);
  await page.keyboard.press("Enter");
  await until(page, "Tab", "input[name=sources]", 3);
  await page.keyboard.press("Space");
  await until(page, "Tab", "#need input:checked");
  await Promise.all([page.waitForNavigation({ url: /done=answered/ }), page.keyboard.press("Control+Enter")]);
  await page.context().close();
});

/** Somebody lets a correction out that takes the first indicator away, on the page that does that. */
async function corrected(page, measure, note) {
  await page.goto(`${base}/release/${measure}/revise`);
  await page.check("input[name=change][value=correction]");
  await page.fill("#f-note", note);
  const lines = (await page.inputValue("#f-indicators")).split("\n");
  await page.fill("#f-indicators", lines.slice(1).join("\n"));
  await page.click("main form[data-keep] .btn-lg, main form[data-keep] .btn-danger");
  if (await page.$('form[action="/step-up"]')) {
    await page.fill("#f-password", accounts.coordinator.password);
    await page.click('form[action="/step-up"] button.btn-solid');
  }
  await page.waitForURL(/done=/);
  return lines[0].split(" ")[1];
}

test("a correction takes its indicators away from an open page, and nobody confirms what it has not before its eyes", async () => {
  const [idle, writing, coordinator] = [await person(browser, "c2a"), await person(browser, "c2d"), await person(browser, "coordinator")];
  await idle.goto(`${base}/feedback`);
  await Promise.all([idle.waitForURL(/\/feedback\/C-/), idle.click('main a[href^="/feedback/C-"]')]);
  const at = idle.url().split("?")[0], measure = at.split("/").pop();
  await writing.goto(at);
  const before = (await rows(writing)).length;
  // One of the two has begun to answer, by a key, and looks at something else.
  await writing.focus("#need > li:nth-child(2) input[type=radio]");
  await writing.keyboard.press("3");
  await writing.focus("[data-send]");
  const gone = await corrected(coordinator, measure, "最初の指標は誤りでした。");
  const soon = { timeout: 15_000 };
  await idle.waitForFunction((n) => document.querySelectorAll("#need > li").length === n, before - 1, soon);
  const said = gone.replaceAll(".", "[.]").slice(0, 12);
  assert.ok(!(await idle.innerText("#need")).includes(said), "what was wrong is not on the page any more");
  assert.ok(await idle.isVisible('form[action$="/confirm"]'));
  await writing.waitForSelector("#revised", soon);
  assert.equal((await rows(writing)).length, before, "what somebody is filling in stays");
  assert.equal(await writing.$('form[action$="/confirm"]'), null, "it has not seen what it would confirm");
  // It is taken with what was read, and the page that follows is the new one.
  await Promise.all([writing.waitForURL(/done=answered/), writing.click("[data-send]")]);
  assert.equal((await rows(writing)).length, before - 1);
  assert.ok(await writing.isVisible('form[action$="/confirm"]'));
  await Promise.all([idle.waitForURL(/done=/), idle.click('form[action$="/confirm"] button')]);
  assert.equal(await idle.$('form[action$="/confirm"]'), null);
  for (const page of [idle, writing, coordinator]) await page.context().close();
});

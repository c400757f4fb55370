// People side by side: what one does, the others see without reloading.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { accounts, base, kept, launch, open, person } from "./rig.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const soon = { timeout: 15_000 };

test("a report appears on the coordinator's board by itself", async () => {
  const [coordinator, member] = [await person(browser, "coordinator"), await person(browser, "gd")];
  await coordinator.goto(`${base}/board`);
  const board = await coordinator.evaluate(() => [...document.querySelectorAll('main a[href^="/board/"]')][0]?.getAttribute("href"));
  if (board) await coordinator.goto(base + board);
  await coordinator.waitForTimeout(500);
  const before = await coordinator.innerText("main");
  await member.click('button[name="status"][value="help"]');
  await coordinator.waitForFunction((old) => document.querySelector("main").innerText !== old, before, soon);
  assert.match(await coordinator.innerText("main"), /多摩精機/);
  for (const page of [coordinator, member]) await page.context().close();
});

test("what changes while a page comes is seen once it listens", async () => {
  const [coordinator, member] = [await person(browser, "coordinator"), await person(browser, "ge")];
  let listens;
  const held = new Promise((go) => { listens = go; });
  await coordinator.route("**/live", async (route) => { await held; await route.continue(); });
  await coordinator.goto(`${base}/board`);
  const board = await coordinator.evaluate(() => [...document.querySelectorAll('main a[href^="/board/"]')][0]?.getAttribute("href"));
  if (board) await coordinator.goto(base + board);
  const before = await coordinator.innerText("#helps");
  await Promise.all([member.waitForNavigation(soon), member.click('button[name="status"][value="help"]')]);
  assert.equal(await coordinator.innerText("#helps"), before);
  listens();
  await coordinator.waitForFunction((old) => document.querySelector("#helps").innerText !== old, before, soon);
  for (const page of [coordinator, member]) await page.context().close();
});

test("a consultation reaches the coordinator, and no regulator; the reply comes back by itself", async () => {
  const [bank, coordinator, regulator] = [await person(browser, "c2c"), await person(browser, "coordinator"), await person(browser, "rf")];
  await coordinator.goto(`${base}/ask`);
  await regulator.goto(`${base}/ask`);
  const silent = await regulator.innerText("main");
  const hunch = `夜間に見慣れない通信がある ${Date.now()}`;
  await bank.goto(`${base}/ask/new`);
  await bank.fill("#f-text", hunch);
  await Promise.all([bank.waitForURL(/\/ask\/R-/), bank.click("main form button.btn-solid")]);
  const thread = new URL(bank.url()).pathname;
  await coordinator.waitForSelector(`main a[href="${thread}"]`, soon);
  await coordinator.click(`main a[href="${thread}"]`);
  await coordinator.fill("#f-text", "受け付けました。通信記録を残してください。");
  await coordinator.check("#f-advice");
  await Promise.all([coordinator.waitForURL(/done=written/), coordinator.click("section:has(#f-advice) button.btn-solid")]);
  await bank.waitForFunction(() => document.querySelector("#thread").innerText.includes("受け付けました"), null, soon);
  assert.equal((await regulator.goto(base + thread)).status(), 404);
  await regulator.goto(`${base}/ask`);
  assert.equal(await regulator.innerText("main"), silent);
  for (const page of [bank, coordinator, regulator]) await page.context().close();
});

test("a file of STIX is looked at, given a scope with an end, and read by class 1 until then", async () => {
  const [analyst, other, outsider] = [await person(browser, "c1a"), await person(browser, "c1b"), await person(browser, "c2a")];
  const name = `名前 ${Date.now()}`;
  const object = { type: "identity", spec_version: "2.1", id: `identity--${crypto.randomUUID()}`,
    created: "2017-05-12T08:24:00.000Z", modified: "2017-05-12T08:24:00.000Z", name };
  await analyst.goto(`${base}/stix`);
  const file = { name: "one.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(object)) };
  await analyst.setInputFiles("#f-file", file);
  await Promise.all([analyst.waitForURL(/stix\/check/), analyst.click("main form button.btn-solid")]);
  // Whose names are in it is seen first; without that it does not go.
  assert.ok((await analyst.innerText("#names")).includes(name));
  await analyst.check("#f-names_seen");
  await analyst.click("#finer- summary");
  // A moment that is over is refused, and what was typed is still there.
  await analyst.fill("#f-until", "2001-01-01T09:00");
  await analyst.click('button[value="import"]');
  await analyst.waitForSelector("[data-errors]");
  assert.equal(await analyst.inputValue("#f-until"), "2001-01-01T09:00");
  assert.ok(await analyst.isVisible("#e-until"));
  await analyst.fill("#f-until", "2099-01-01T09:00");
  await analyst.click('button[value="look"]');
  await analyst.waitForSelector('[role="status"]');
  await Promise.all([analyst.waitForURL(/\/stix\/S-/), analyst.click('button[value="import"]')]);
  const done = new URL(analyst.url()).pathname;
  assert.ok((await analyst.innerText("main")).includes("identity"));
  assert.equal((await other.goto(base + done)).status(), 200);
  assert.equal((await outsider.goto(base + done)).status(), 404);
  for (const page of [analyst, other, outsider]) await page.context().close();
});

test("whom an organisation invites stands on the secretariat's page, and what it decides on its own, without reloading", async () => {
  const [member, colleague, secretariat] = [await person(browser, "gb"), await person(browser, "gb"), await person(browser, "secretariat")];
  const org = accounts.gb.org;
  await secretariat.goto(`${base}/members/${org}`);
  await colleague.goto(`${base}/org`);
  assert.ok(await colleague.isChecked("#f-listed"), "it stands in the list of members");
  const email = `live-${Date.now()}@gb.example`;
  await member.goto(`${base}/org`);
  await member.click("#invite > summary");
  await member.fill("#f-name", "夜間 当番");
  await member.fill("#f-email", email);
  await member.click("#invite button.btn-solid");
  await secretariat.waitForFunction((text) => document.querySelector("#people").innerText.includes(text), email, soon);
  await colleague.waitForFunction((text) => document.querySelector("#people").innerText.includes(text), email, soon);
  await member.goto(`${base}/org`);
  await member.uncheck("#f-listed");
  await Promise.all([member.waitForURL(/done=saved/), member.click("#settings button")]);
  await colleague.waitForFunction(() => !document.querySelector("#f-listed").checked, null, soon);
  for (const page of [member, colleague, secretariat]) await page.context().close();
});

test("what was typed is kept where a form fails", async () => {
  const page = await person(browser, "ge");
  await page.goto(`${base}/ask/new`);
  await page.evaluate(() => document.querySelector("main form").setAttribute("novalidate", ""));
  await page.fill("#f-text", "   ");
  await page.check("#f-anonymous");
  await page.click("main form button.btn-solid");
  await page.waitForSelector("[data-errors]");
  assert.ok(await page.isChecked("#f-anonymous"));
  assert.equal(await page.evaluate(() => document.activeElement.hasAttribute("data-errors")), true);
  await page.context().close();
});

test("somebody is invited by the secretariat, reads the pledge, signs it and is in", async () => {
  const secretariat = await person(browser, "secretariat");
  // The secretariat names the first handlers only, so the organisation is a new one.
  await secretariat.goto(`${base}/members/new`);
  await secretariat.fill("#f-name_ja", "港南物流");
  await secretariat.fill("#f-name_en", "Konan Logistics");
  await secretariat.selectOption("#f-sector", "logistics");
  await secretariat.fill("#f-opening", "08:30");
  await secretariat.fill("#f-reason", "第1回運営委員会");
  await Promise.all([secretariat.waitForURL(/\/members\/o-/), secretariat.click('form[data-keep] button.btn-solid')]);
  const form = 'form[action$="/people"]';
  await secretariat.fill(`${form} [name=name]`, "新任 太郎");
  await secretariat.fill(`${form} [name=email]`, `new${Date.now()}@konan.example`);
  await secretariat.fill(`${form} [name=verified]`, "代表番号に電話して確かめた");
  await Promise.all([secretariat.waitForNavigation(), secretariat.click(`${form} button`)]);
  // What the roll says of the organisation is not lost by the other form of the page.
  assert.equal(await secretariat.inputValue("#f-name_ja"), "港南物流");
  const link = await secretariat.innerText("#tx-made");
  assert.deepEqual(await kept(secretariat), []);
  const guest = await open(browser, { width: 390, lang: "en" });
  await guest.goto(base + new URL(link, base).pathname);
  assert.match(await guest.innerText("main"), /Pledge/);
  assert.deepEqual(await kept(guest), []);
  await guest.fill("#f-password", "a long phrase is best 17");
  await guest.check("input[type=checkbox]");
  await Promise.all([guest.waitForNavigation(), guest.click("main form button")]);
  assert.equal(new URL(guest.url()).pathname, "/");
  assert.equal((await guest.goto(base + new URL(link, base).pathname)).status(), 404);
  for (const page of [secretariat, guest]) await page.context().close();
});

test("somebody applies without an account, the secretariat reads it, and it is taken back", async () => {
  const guest = await open(browser, { width: 390, lang: "ja" });
  await guest.goto(`${base}/sign-in`);
  await Promise.all([guest.waitForURL(/\/apply$/), guest.click('a[href="/apply"]')]);
  for (const [field, text] of [["name.ja", "夕凪水道"], ["name.en", "Yunagi Water"], ["contact", "水野 渉"], ["email", "mizuno@yunagi.example"]]) {
    await guest.fill(`[name="${field}"]`, text);
  }
  await guest.selectOption("#f-of_kind", "infrastructure");
  await guest.selectOption("#f-sector", { index: 1 });
  await guest.fill("#f-purpose", "目的に同意する。");
  await Promise.all([guest.waitForURL(/\/apply\/nra_/), guest.click("main form button.btn-solid")]);
  assert.match(await guest.innerText("main"), /夕凪水道/);
  assert.deepEqual(await kept(guest), []);
  const secretariat = await person(browser, "secretariat");
  await secretariat.goto(`${base}/cases`);
  assert.match(await secretariat.innerText("main"), /夕凪水道/);
  await Promise.all([guest.waitForNavigation(), guest.click("main form button")]);
  assert.match(await guest.innerText("main"), /取り下げました/);
  assert.deepEqual(await kept(guest), []);
  for (const page of [secretariat, guest]) await page.context().close();
});

test("a member leaves, keeps its receipt, and is shown out of every window", async () => {
  const [here, there] = [await person(browser, "ge"), await person(browser, "ge", { width: 390, lang: "en" })];
  await there.goto(`${base}/org`);
  await here.goto(`${base}/org`);
  await Promise.all([here.waitForURL(/\/org\/withdrawal/), here.click('a[href="/org/withdrawal"]')]);
  assert.match(await here.innerText("main"), /港北物流は、この届出を受け取った時に脱退します/);
  assert.deepEqual(await kept(here), []);
  await here.check("#f-understood");
  await here.click("main form button.btn-danger");
  await here.waitForSelector("dl.dl");
  assert.match(await here.innerText("main"), /受領番号\s+W-/);
  assert.deepEqual(await kept(here), []);
  const [file] = await Promise.all([here.waitForEvent("download"), here.click("a[download]")]);
  const receipt = JSON.parse(fs.readFileSync(await file.path(), "utf8"));
  assert.ok((await here.innerText("main")).includes(receipt.number) && receipt.org === "o-ge");
  // The live events of the other window end, and it does not go on showing what its reader may not read.
  await there.waitForURL(/\/sign-in/);
  for (const page of [here, there]) await page.context().close();
});

test("the keyboard leads through the home page in order, and the focus is seen", async () => {
  const page = await person(browser, "ga", { width: 1280 });
  const places = [];
  for (let n = 0; n < 25; n++) {
    await page.keyboard.press("Tab");
    places.push(await page.evaluate(() => {
      const el = document.activeElement, style = getComputedStyle(el);
      return { tag: el.tagName, seen: style.outlineStyle !== "none" || style.boxShadow !== "none", text: el.textContent.trim().slice(0, 20) };
    }));
  }
  assert.ok(places.every((p) => p.tag === "BODY" || p.seen), JSON.stringify(places.filter((p) => !p.seen)));
  assert.match(places[0].text, /本文へ移動/);
  await page.context().close();
});

test("a correction changes the indicators and the instructions of a notice that somebody has open", async () => {
  const [member, coordinator] = [await person(browser, "ga"), await person(browser, "coordinator2")];
  await member.goto(`${base}/info`);
  await Promise.all([member.waitForURL(/\/info\/C-/), member.click('#notices a[href^="/info/C-"]')]);
  const measure = new URL(member.url()).pathname.split("/").pop();
  const listed = await member.$$eval("#ioc tbody tr", (rows) => rows.length);
  assert.ok(listed > 1);
  await coordinator.goto(`${base}/release/${measure}/revise`);
  await coordinator.check("input[name=change][value=correction]");
  await coordinator.fill("#f-note", "最初の指標は誤りでした。");
  await coordinator.fill("#f-undo", "訂正した戻し方。");
  const lines = (await coordinator.inputValue("#f-indicators")).split("\n");
  await coordinator.fill("#f-indicators", lines.slice(1).join("\n"));
  await coordinator.click("main form[data-keep] .btn-lg, main form[data-keep] .btn-danger");
  if (await coordinator.$('form[action="/step-up"]')) {
    await coordinator.fill("#f-password", accounts.coordinator2.password);
    await coordinator.click('form[action="/step-up"] button.btn-solid');
  }
  await coordinator.waitForURL(/done=/);
  await member.waitForFunction((n) => document.querySelectorAll("#ioc tbody tr").length === n, listed - 1, soon);
  assert.match(await member.innerText("#why"), /訂正した戻し方/);
  for (const page of [member, coordinator]) await page.context().close();
});

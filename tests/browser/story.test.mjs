// The story of the night of 12 May, played by hand: different people, each in a browser of their own and all at once, in a
// council in which nothing has happened yet. Nobody reloads a page to see what another has done; pages change by themselves,
// and people go on by what they see there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accounts, base, kept, launch, person } from "./rig.mjs";

const CAST = { railway: "c2b", coordinator: "coordinator", hokuto: "c1a", minato: "c1b", akatsuki: "c1c", shinonome: "c1d",
  bank: "c2c", university: "c2e", police: "c2f", city: "ga", hospital: "gc", regulator: "rt" };
/** Who plays on a telephone, and in English. */
const SMALL = ["minato", "university", "hospital"];
const soon = { timeout: 15_000 };

let browser;
const at = {};
const id = {};
const flaws = new Set();
let shot = 0;
before(async () => {
  browser = await launch();
  for (const [name, short] of Object.entries(CAST)) {
    at[name] = await person(browser, short, SMALL.includes(name) ? { width: 390, lang: "en" } : {});
  }
});
after(async () => { await browser?.close(); });

const path = (page) => new URL(page.url()).pathname;
const has = (page, selector, text) =>
  page.waitForFunction(([s, t]) => document.querySelector(s)?.textContent.includes(t), [selector, text], soon);
const status = (page, where) => page.evaluate((url) => fetch(url, { redirect: "manual" }).then((answer) => answer.status), where);
/** Every page on the way is looked at, those too that only an act leads to. */
async function look(page) {
  if (process.env.NOROSHI_SHOTS) await page.screenshot({ path: `${process.env.NOROSHI_SHOTS}/story-${String(++shot).padStart(3, "0")}.png`, fullPage: true });
  for (const flaw of await kept(page)) flaws.add(`${path(page)}: ${flaw}`);
}
/** Presses a button that leads to another page, and says which. */
async function press(page, selector) {
  await Promise.all([page.waitForNavigation(soon), page.click(selector)]);
  assert.equal(await page.evaluate(() => document.querySelector("[data-errors]")?.innerText ?? ""), "", path(page));
  await look(page);
}
/** What is released is released by people who have just shown that it is they. */
async function present(page, short) {
  if (!(await page.$('form[action="/step-up"]'))) return;
  await page.fill("#f-password", accounts[short].password);
  await press(page, 'form[action="/step-up"] button.btn-solid');
}
/** Marks pages, so that it can be told whether they have been read anew. */
const stays = (pages) => Promise.all(pages.map((page) => page.evaluate(() => (window.stays = true))));
const stayed = async (page) => assert.ok(await page.evaluate(() => window.stays), "the page was loaded anew");
/** Waits until the home page that somebody has open shows a task, and opens it. */
async function take(page, href) {
  await page.waitForSelector(`#tasks a[href="${href}"]`, soon);
  await press(page, `#tasks a[href="${href}"]`);
}

test("a railway consults in private, without its regulator and without its name", async () => {
  const { railway, coordinator, hokuto, minato, regulator } = at;
  await press(railway, 'main a[href="/ask/new"]');
  await railway.fill("#f-text", "いつもと何か違う。駅の閲覧専用端末1台が、英語と日本語で身代金を求める画面になった。月曜までに何をすべきか。");
  assert.ok(await railway.isChecked("#f-except_my_regulators"));
  await railway.check("#f-anonymous");
  await press(railway, "main form button.btn-solid");
  id.ask = path(railway).split("/")[2];
  await take(coordinator, `/ask/${id.ask}`);
  await coordinator.selectOption("#f-adviser", { label: "北斗セキュリティ" });
  await press(coordinator, `form[action="/ask/${id.ask}/assign"] button`);
  await take(hokuto, `/ask/${id.ask}`);
  assert.doesNotMatch(await hokuto.innerText("main"), /東都旅客鉄道|県警/);
  await hokuto.fill("#f-text", "その端末のLANケーブルを抜いてください。電源は入れたままにしてください。");
  await hokuto.check("#f-advice");
  await press(hokuto, `form[action="/ask/${id.ask}/write"] button`);
  await has(railway, "#thread", "LANケーブルを抜いて");
  await has(railway, "#parties", "北斗セキュリティ");
  await has(coordinator, "#thread", "LANケーブルを抜いて");
  await railway.fill("#f-text", "19時00分に起動した直後でした。");
  await press(railway, `form[action="/ask/${id.ask}/write"] button`);
  await has(hokuto, "#thread", "19時00分");
  assert.equal(await status(regulator, `/ask/${id.ask}`), 404);
  assert.equal(await status(minato, `/ask/${id.ask}`), 200);
});

test("nothing of it is used before the railway has allowed it, and the result comes back", async () => {
  const { railway, coordinator, bank, police, regulator } = at;
  const silent = await regulator.innerText("main");
  await coordinator.fill("#f-question", "金曜の夜から、起動した直後に身代金の画面になった端末はあるか。");
  await press(coordinator, `form[action="/ask/${id.ask}/permission"] button`);
  assert.equal(await bank.$(`#tasks a[href="/ask/${id.ask}"]`), null);
  assert.equal(await status(bank, `/ask/${id.ask}`), 404);
  await railway.waitForSelector('#permissions button[name="grant"][value="1"]', soon);
  await railway.fill("#f-note", "鉄道であることは伏せてください。");
  await press(railway, '#permissions button[name="grant"][value="1"]');
  await has(coordinator, "#permissions", "鉄道であることは伏せて");
  for (const [page, verdict] of [[bank, "not_seen"], [police, "seen"]]) {
    await take(page, `/ask/${id.ask}`);
    assert.doesNotMatch(await page.innerText("main"), /東都|鉄道|LANケーブル/);
    await page.check(`input[name^="verdict-"][value="${verdict}"]`, { force: true });
    await press(page, `form[action^="/ask/${id.ask}/reply"] button`);
  }
  await has(coordinator, "#permissions", "県警CSIRT支援室");
  await coordinator.fill("#f-result", "来ている1、来ていない1。貴組織だけの事案ではありません。");
  await press(coordinator, `form[action^="/ask/${id.ask}/result"] button`);
  await has(railway, "#permissions", "貴組織だけの事案ではありません");
  // The bank's page of the inquiry is open all the while, and hears that it is over.
  await has(bank, "main", "返されました");
  assert.equal(await status(regulator, `/ask/${id.ask}`), 404);
  assert.equal(await regulator.innerText("main"), silent);
});

test("class 1 pastes what it knows, sees who would read it, and masks a name before it leaves", async () => {
  const { akatsuki, hokuto, minato, shinonome, city } = at;
  for (const page of [hokuto, minato, shinonome]) await page.goto(`${base}/`);
  await akatsuki.goto(`${base}/analysis/new`);
  await akatsuki.fill("#f-technique", ["SMBの脆弱性で自己増殖するとみられるランサムウェア",
    "多摩精機の端末で445/tcpの横展開を観測した。メールの経路は確認できない。停止用ドメイン iuqerfsodp9ifjaposdfjhgosurij[.]example、",
    "走査元 198.51.100[.]23、検体 24d004a104d4d54034dbcffc2a4b19a11f39008a575aa614ea04703480b1022c"].join("\n"));
  await press(akatsuki, "main form button.btn-solid");
  const lines = await akatsuki.inputValue("#f-indicators");
  for (const known of ["iuqerfsodp9ifjaposdfjhgosurij.example", "198.51.100.23", "24d004a1"]) assert.ok(lines.includes(known), lines);
  assert.match(await akatsuki.innerText("main .note.n-warn"), /多摩精機/);
  await press(akatsuki, 'button[name="do"][value="mask"]');
  assert.doesNotMatch(await akatsuki.inputValue("#f-technique"), /多摩精機/);
  const narrow = await akatsuki.innerText('.note[role="status"]');
  assert.match(narrow, /4組織/);
  await akatsuki.click("details:has(#f-except_orgs) summary");
  await akatsuki.fill("#f-except_orgs", "東雲ネットワークス");
  await press(akatsuki, 'button[name="do"][value="look"]');
  assert.match(await akatsuki.innerText('.note[role="status"]'), /3組織[^]*東雲ネットワークス/);
  await akatsuki.fill("#f-except_orgs", "");
  await press(akatsuki, 'button[name="do"][value="look"]');
  assert.equal(await akatsuki.innerText('.note[role="status"]'), narrow);
  await akatsuki.fill("#f-confidence", "25");
  await akatsuki.check("#f-not_classified");
  await press(akatsuki, 'button[name="do"][value="send"]');
  id.item = path(akatsuki).split("/")[2];
  assert.equal(await status(city, `/analysis/${id.item}`), 404);
});

test("each of class 1 owes an answer, and a person says how sure the council is", async () => {
  const { akatsuki, hokuto, minato, shinonome } = at;
  const thread = `/analysis/${id.item}`;
  const opinion = async (page, level, reason) => {
    if (reason) await take(page, thread);
    await page.check(`input[name="level"][value="${level}"]`, { force: true });
    if (reason) await page.fill("#f-reason", reason);
    await page.fill("#f-evidence", "隔離環境で3回再現。");
    await press(page, `form[action="${thread}/post"] button.btn-solid`);
  };
  const assess = async (page, value, grounds) => {
    await page.fill("#f-value", String(value));
    await page.fill("#f-grounds", grounds);
    await press(page, `form[action="${thread}/assess"] button.btn-solid`);
  };
  await take(hokuto, thread);
  await hokuto.fill("#f-reason", "検体で再現した。");
  await hokuto.click(`form[action="${thread}/post"] button.btn-solid`);
  await hokuto.waitForSelector('[data-errors] a[href="#f-level"]', soon);
  assert.equal(await hokuto.inputValue("#f-reason"), "検体で再現した。");
  await look(hokuto);
  await opinion(hokuto, 4);
  await has(akatsuki, "#thread", "検体で再現した");
  await assess(hokuto, 45, "独立した1者が再現した");
  await has(akatsuki, "#conf", "45");
  await opinion(minato, 5, "CVE-2017-0145の悪用を確認した。");
  await assess(minato, 60, "独立した2者が再現した");
  await take(shinonome, thread);
  await shinonome.check('input[name="kind"][value="no_material"]', { force: true });
  await press(shinonome, `form[action="${thread}/post"] button.btn-solid`);
  await has(akatsuki, "#conf", "60");
  await akatsuki.waitForFunction(() => document.querySelector("#debts [data-settled]").dataset.settled === "3", null, soon);
});

test("two persons release it to class 2 only, as not yet certain", async () => {
  const { hokuto, coordinator, bank, police, university, railway, city } = at;
  for (const page of [coordinator, bank, police, university, railway]) await page.goto(`${base}/`);
  const silent = await city.innerText("main");
  await press(hokuto, `a[href="/release/new?item=${id.item}"]`);
  const words = { title: "未適用の端末を切り離す準備を", body: "【未確証・自己責任】445/tcpの横方向の走査が増えていないか確認してください。",
    "step-0": "445/tcpの通信を調べる", question: "445/tcpの走査は増えているか。", undo: "切り離した端末をつなぎ直す。",
    executives: "社内網だけで広がる型です。", technicians: "MS17-010の適用を確認してください。",
    door: "本日、許可があるまでパソコンの電源を入れないでください。", phone: "職員が出勤する前に、電源を入れないよう掲示してください。" };
  for (const [name, text] of Object.entries(words)) await hokuto.fill(`#f-${name}`, text);
  await press(hokuto, "main form button.btn-solid");
  id.measure = path(hokuto).split("/")[2];
  await press(hokuto, 'form:has(input[name="release"][value="low"]) button');
  await present(hokuto, "c1a");
  await take(coordinator, `/release/${id.measure}`);
  await press(coordinator, `form[action="/release/${id.measure}/approve"] button`);
  await present(coordinator, "coordinator");
  assert.equal(path(coordinator), `/release/${id.measure}`);
  await has(hokuto, "#rel-chips", await coordinator.innerText("#rel-chips .chip"));
  for (const page of [bank, police, university, railway]) await take(page, `/feedback/${id.measure}`);
  assert.equal(await status(city, `/info/${id.measure}`), 404);
  assert.equal(await city.innerText("main"), silent);
});

test("class 2 answers; totals are shown from the third answer on", async () => {
  const { hokuto, bank, police, university, railway } = at;
  await hokuto.goto(`${base}/feedback/${id.measure}`);
  const answer = async (page, verdict) => {
    await page.check('input[name="sources"][value="firewall"]');
    for (const radio of await page.$$(`.fb input[value="${verdict}"]`)) await radio.check({ force: true });
    await press(page, "[data-send]");
  };
  const open = (page) => page.$$eval("#totals dd", (list) => list.map((dd) => dd.textContent.trim()).filter((text) => /^\d+$/.test(text)));
  await answer(railway, "seen");
  await bank.check("#f-consent");
  await answer(bank, "not_seen");
  assert.deepEqual(await open(bank), []);
  await has(hokuto, "#each", "さくら銀行");
  await answer(police, "seen");
  await answer(university, "seen");
  await bank.waitForFunction(() => [...document.querySelectorAll("#totals dd")].some((dd) => dd.textContent.trim() === "3"), null, soon);
  assert.deepEqual(await open(bank), ["3"]);
  await hokuto.waitForFunction(() => document.querySelectorAll("#each tbody tr").length === 4, null, soon);
  // Whoever did not consent is counted, and its name is not told.
  assert.doesNotMatch(await hokuto.innerText("main"), /東都旅客鉄道|県警/);
});

test("at high confidence two persons release to all; who had a page open is warned on it", async () => {
  const { hokuto, akatsuki, coordinator, city, hospital, regulator } = at;
  await coordinator.goto(`${base}/`);
  await akatsuki.goto(`${base}/release/${id.measure}`);
  await hokuto.goto(`${base}/analysis/${id.item}`);
  await hokuto.fill("#f-value", "85");
  await hokuto.fill("#f-grounds", "第二類の3組織が「来ている」と答えた");
  await press(hokuto, `form[action="/analysis/${id.item}/assess"] button.btn-solid`);
  // Akatsuki has the page of the release open; it now offers what the confidence allows.
  await akatsuki.waitForSelector('form:has(input[name="release"][value="high"]) button', soon);
  await press(akatsuki, `a[href="/release/${id.measure}?edit=1"]`);
  await akatsuki.fill("#f-title", "未適用のWindows PCを月曜に起動しない");
  await akatsuki.fill("#f-body", "更新していないWindowsは、起動した瞬間に感染するおそれがあります。出勤前に全員へ伝えてください。");
  await akatsuki.check('input[name="urgency"][value="Immediate"]', { force: true });
  for (const level of ["tlp", "pap"]) await akatsuki.check(`input[name="${level}"][value="clear"]`, { force: true });
  await press(akatsuki, "main form button.btn-solid");
  await press(akatsuki, 'form:has(input[name="release"][value="high"]) button');
  await present(akatsuki, "c1c");
  await take(coordinator, `/release/${id.measure}`);
  assert.match(await coordinator.innerText(`form[action="/release/${id.measure}/approve"] button`), /322/);
  await press(coordinator, `form[action="/release/${id.measure}/approve"] button`);
  await stays([city, hospital, regulator]);
  await present(coordinator, "coordinator");
  for (const page of [city, hospital, regulator]) {
    await has(page, "#emergency", "月曜に起動しない");
    // The page that was open before there was anything has become that of the emergency, whole.
    await page.waitForSelector('#report button[name="status"][value="doing"]', soon);
    await has(page, "#todo", "445/tcpの通信を調べる");
    assert.equal(await page.$("#calm"), null);
    // The banner leads to what is to be done, on this very page.
    await page.click("#emergency a");
    assert.equal(new URL(page.url()).hash, "#todo");
    await stayed(page);
  }
});

test("members report in one tap, and the coordinator watches the board", async () => {
  const { coordinator, city, hospital } = at;
  await press(coordinator, `main a[href="/board/${id.measure}"]`);
  await press(city, '#report button[name="status"][value="doing"]');
  await press(hospital, '#report button[name="status"][value="help"]');
  await has(coordinator, "#helps", "阿波谷町立病院");
  await press(coordinator, `form[action="/board/${id.measure}/help"] button`);
  await has(hospital, "#report", "has taken it on");
  await coordinator.waitForFunction(() => document.querySelector("#sum dd")?.textContent.startsWith("2"), null, soon);
  const first = await coordinator.innerText("#calls tbody th");
  await coordinator.click("#calls summary");
  await press(coordinator, '#calls details[open] button[name="status"][value="received"]');
  assert.notEqual(await coordinator.innerText("#calls tbody th"), first);
});

test("an update reaches everybody who had the first; a correction has to be acknowledged anew", async () => {
  const { coordinator, city, hospital } = at;
  const revise = async (change, note) => {
    await coordinator.check(`input[name="change"][value="${change}"]`, { force: true });
    await coordinator.fill("#f-note", note);
    await press(coordinator, `form[action="/release/${id.measure}/revise"] button.btn-danger`);
    await present(coordinator, "coordinator");
    for (const page of [city, hospital]) await has(page, "#todo", note);
  };
  await press(coordinator, `main a[href^="/release/${id.measure}"]`);
  await revise("update", "XPとServer 2003のための特別な更新プログラムが公開されました。");
  await has(city, "#emergency", "第2報");
  assert.equal(await city.$("#report .n-warn"), null);
  await revise("correction", "停止用ドメインへの通信は遮断しないでください。");
  await city.waitForSelector("#report .n-warn", soon);
  await press(city, '#report button[name="status"][value="done"]');
  assert.equal(await city.$("#report .n-warn"), null);
});

test("whoever writes while its page becomes another goes on writing", async () => {
  const { hokuto, coordinator, university, hospital } = at;
  for (const page of [university, hospital]) await page.goto(`${base}/`);
  await stays([university, hospital]);
  await hospital.fill("#f-text", "端末が1台おかしい");
  await coordinator.goto(`${base}/release/${id.measure}`);
  await coordinator.check('input[name="change"][value="cancellation"]', { force: true });
  await coordinator.fill("#f-note", "誤報でした。");
  await press(coordinator, `form[action="/release/${id.measure}/revise"] button.btn-danger`);
  await present(coordinator, "coordinator");
  // It is over: the page of the emergency becomes the calm one, where nobody is writing on it.
  await has(university, "#calm", "wait");
  await university.waitForSelector(`#tasks a[href="/info/${id.measure}"]`, soon);
  assert.equal(await university.$("#todo"), null);
  await stayed(university);
  await hospital.waitForFunction(() => !document.querySelector("#emergency section"), null, soon);
  assert.ok(await hospital.$("#todo h1"), "the page is left whole");
  assert.equal(await hospital.inputValue("#f-text"), "端末が1台おかしい");
  await hospital.fill("#f-text", "");
  await hokuto.goto(`${base}/`);
});

test("whoever gave something sees what became of it, and nobody sees whose it was", async () => {
  const { akatsuki, railway, bank, city, hokuto } = at;
  await akatsuki.goto(`${base}/trail`);
  assert.match(await akatsuki.innerText("main"), /25 → 45 → 60 → 85/);
  await railway.goto(`${base}/trail`);
  assert.ok(await railway.$(`#trail a[href="/info/${id.measure}"]`));
  assert.ok(await railway.$(`#trail a[href="/ask/${id.ask}"]`));
  await bank.goto(`${base}/trail`);
  assert.ok(await bank.$(`#trail a[href="/ask/${id.ask}"]`), "whoever answered an inquiry sees what became of it");
  for (const page of [bank, city, hokuto]) {
    for (const where of ["/", "/info", `/info/${id.measure}`, "/trail"]) {
      await page.goto(base + where);
      assert.doesNotMatch(await page.innerText("body"), /東都旅客鉄道|多摩精機/, where);
    }
  }
});

test("no page on the way was flawed, and none became so by changing", async () => {
  for (const page of Object.values(at)) await look(page);
  assert.deepEqual([...flaws], []);
});

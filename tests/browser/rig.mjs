// What the browser tests share: a browser, people who are signed in, and what every page has to keep.
import fs from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const base = process.env.NOROSHI_BASE;
export const accounts = process.env.NOROSHI_ACCOUNTS ? JSON.parse(fs.readFileSync(process.env.NOROSHI_ACCOUNTS, "utf8")) : {};

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });

/** A window of its own, with everything that must not happen in it written down. */
export async function open(browser, { width = 1280, lang = "ja", at = base, scripts = true } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale: lang === "ja" ? "ja-JP" : "en-GB", javaScriptEnabled: scripts });
  if (at) await context.addCookies([{ name: "noroshi-lang", value: lang, url: at }]);
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    // A page that is refused says so in the console, too; its status is looked at elsewhere.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) page.faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (at && url.origin !== new URL(at).origin && !["data:", "blob:"].includes(url.protocol)) page.faults.push(`leaves the house: ${url.origin}`);
  });
  return page;
}

/** Somebody of the cast, signed in by address and password as people do it. */
export async function person(browser, short, options) {
  const page = await open(browser, options);
  await page.goto(`${base}/sign-in`);
  await page.fill("#f-email", accounts[short].email);
  await page.fill("#f-password", accounts[short].password);
  await Promise.all([page.waitForURL((url) => url.pathname !== "/sign-in"), page.click("form:has(#f-password) button.btn-solid")]);
  return page;
}

/** What axe finds, in one line for each rule. The page's own policy allows no foreign script, so it comes by the debugger. */
export async function flaws(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), RULES);
  await session.detach();
  return found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} ${n.any[0]?.message ?? ""}`).join(" | ")}`);
}

/** How many pixels a page is wider than its window. */
export const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Everything that a page of ours must keep; answers what it does not. Where its like is known, axe does not look once more. */
export async function kept(page, response, known = false) {
  const broken = [...page.faults];
  page.faults.length = 0;
  if (response) {
    const size = (await response.body()).length;
    if (size > 100_000) broken.push(`weighs ${size} bytes`);
    const policy = response.headers()["content-security-policy"] ?? "";
    if (!policy.includes("script-src 'self'") || policy.includes("unsafe")) broken.push(`policy: ${policy}`);
  }
  const wide = await overflow(page);
  if (wide > 0) broken.push(`is ${wide} px too wide`);
  const small = await page.evaluate(() => {
    const seen = [...document.querySelectorAll("button, a.btn, input[type=checkbox], select")].filter((el) => el.checkVisibility());
    return seen.filter((el) => { const box = el.getBoundingClientRect(); return box.width < 24 || box.height < 24; }).map((el) => el.outerHTML.slice(0, 80));
  });
  if (small.length) broken.push(`too small to press: ${small[0]}`);
  const cut = await page.evaluate(() => [...document.querySelectorAll(".seg label, .btn, .chip, .tbl th")]
    .filter((el) => el.checkVisibility() && el.scrollWidth > el.clientWidth + 1).map((el) => el.textContent.trim()));
  if (cut.length) broken.push(`cut off: ${cut[0]}`);
  if (!known) broken.push(...(await flaws(page)));
  return broken;
}

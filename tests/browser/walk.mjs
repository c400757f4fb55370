// A walk through every page that somebody can reach.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accounts, base, kept, person } from "./rig.mjs";

/** How many pages of one kind are looked at: lists may be long. */
const MOST = 2;

/** Addresses of ours that a page links to, without those that change something or are no pages. */
const links = (page) => page.evaluate(() =>
  [...document.querySelectorAll("a[href]:not([download])")]
    .map((a) => new URL(a.getAttribute("href"), location.href))
    .filter((url) => url.origin === location.origin && !/^\/(lang|assets|api|healthz|live)/.test(url.pathname))
    .map((url) => url.pathname + (url.search.startsWith("?item") ? url.search : "")));

/** The kind of a page: its address without ids. */
const kind = (path) => path.replace(/[A-Z]-[A-Z0-9]{12}/g, "…").replace(/\/o-[a-z0-9]+/g, "/…");

/** In Japanese on a desk, and in English on a telephone. */
export const DESK = [1280, "ja"], TELEPHONE = [390, "en"];

/** Tests that each of these people meets no flaw on any page. */
export function everyPage(browser, cast, [width, lang]) {
  // Two at a time: a walk waits as long as it works.
  describe(`at ${width} px in ${lang}`, { concurrency: 2 }, () => {
    for (const short of cast.filter((name) => accounts[name]?.password)) {
      test(`${short} at ${width} px in ${lang}: every page`, { timeout: 300_000 }, () => walk(browser(), short, width, lang));
    }
  });
}

/** What stands in the middle of a page, without what is new with every answer; by size and language. */
const alike = new Set();
const told = async (page, width, lang) => {
  const main = await page.evaluate(() => document.querySelector("main")?.innerHTML ?? "");
  return [width, lang, main.replace(/ value="[^"]*"/g, "")].join(" ");
};

async function walk(browser, short, width, lang) {
  const page = await person(browser, short, { width, lang });
  const seen = new Map(), left = ["/", "/password"], broken = [];
  while (left.length) {
    const path = left.shift();
    const count = seen.get(kind(path)) ?? 0;
    if (count >= MOST) continue;
    seen.set(kind(path), count + 1);
    const response = await page.goto(base + path);
    if (response.status() !== 200) { broken.push(`${path}: ${response.status()}`); continue; }
    if ((await page.getAttribute("html", "lang")) !== lang) broken.push(`${path}: not in ${lang}`);
    // Everything that can be unfolded is looked at unfolded.
    await page.evaluate(() => document.querySelectorAll("main details").forEach((d) => (d.open = true)));
    // What somebody else has met just so is not looked through once more: the charter is the same for all.
    const main = await told(page, width, lang), known = alike.has(main);
    alike.add(main);
    for (const flaw of await kept(page, response, known)) broken.push(`${path}: ${flaw}`);
    for (const next of await links(page)) if (!left.includes(next)) left.push(next);
  }
  assert.ok(seen.size >= 3, `only ${[...seen.keys()]}`);
  assert.deepEqual(broken, []);
  await page.context().close();
}

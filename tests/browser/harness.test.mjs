// The rig itself: it has to see what is wrong, or its silence means nothing.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { flaws, kept, launch, open, overflow } from "./rig.mjs";

const PAGES = {
  "/good": `<!doctype html><html lang="ja"><head><title>良い</title></head><body><main><h1>良い</h1><p>読めます。</p></main></body></html>`,
  "/unnamed": `<!doctype html><html lang="ja"><head><title>x</title></head><body><main><h1>x</h1><button></button><img src="/good"></main></body></html>`,
  "/wide": `<!doctype html><html lang="ja"><head><title>x</title></head><body><main><h1>x</h1><div style="width:3000px">x</div></main></body></html>`,
  "/broken": `<!doctype html><html lang="ja"><head><title>x</title></head><body><main><h1>x</h1></main><script>undefinedFunction()</script></body></html>`,
};

let server, browser, at;
before(async () => {
  server = http.createServer((request, response) => {
    const page = PAGES[request.url];
    response.writeHead(page ? 200 : 404, { "content-type": "text/html; charset=utf-8", "content-security-policy": "script-src 'self'" });
    response.end(page ?? "");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  at = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
});
after(async () => { await browser?.close(); server?.close(); });

test("a good page keeps everything", async () => {
  const page = await open(browser, { at });
  const response = await page.goto(`${at}/good`);
  page.faults.length = 0; // the browser asks for /favicon.ico
  assert.deepEqual(await kept(page, response), []);
});

test("a button without a name is found", async () => {
  const page = await open(browser, { at });
  await page.goto(`${at}/unnamed`);
  assert.match((await flaws(page)).join("\n"), /button-name/);
});

test("a page that is too wide is found", async () => {
  const page = await open(browser, { at, width: 390 });
  await page.goto(`${at}/wide`);
  assert.ok((await overflow(page)) > 2000);
});

test("a script that the policy forbids is found", async () => {
  const page = await open(browser, { at });
  await page.goto(`${at}/broken`);
  assert.match(page.faults.join("\n"), /Content Security Policy|script/i);
});

// Noroshi: progressive enhancement only. Every page works without this file.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);

  // Copy buttons, shown only where copying works.
  if (navigator.clipboard) document.documentElement.dataset.clipboard = "";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button || !navigator.clipboard) return;
    navigator.clipboard.writeText($(button.dataset.copy).textContent.trim()).then(() => {
      const text = button.lastChild, before = text.data;
      text.data = button.dataset.copied;
      setTimeout(() => (text.data = before), 2000);
    });
  });

  // Printing.
  document.addEventListener("click", (event) => event.target.closest("[data-print]") && window.print());

  // The mobile menu closes with Escape.
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && $("details.mnav[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
  });

  // The page opens at what is wrong with the form, or what an act has done.
  const first = $("[data-errors]") || $("[data-flash]");
  if (first) first.focus();

  // A form is sent once. The server would answer the second press with the first's result; this keeps it from being pressed.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) return event.preventDefault();
    event.target.dataset.sent = "1";
    setTimeout(() => delete event.target.dataset.sent, 4000);
  });

  // What the server said of each part that is kept up live, before anything here has changed it.
  const plain = (el) => el.outerHTML.replace(/name="_once" value="[^"]*"| open=""| data-cur=""| data-said="[^"]*"/g, "");
  const live = (root) => root.querySelectorAll("[data-live][id]");
  const said = new WeakMap();
  live(document).forEach((el) => said.set(el, plain(el)));

  // What has been typed is not lost by a slip.
  let typed = false;
  document.addEventListener("input", (event) => { if (event.target.closest("form[data-keep]")) typed = true; });
  document.addEventListener("submit", () => (typed = false));
  window.addEventListener("beforeunload", (event) => typed && event.preventDefault());

  // Files and texts that are too large are told before they are sent, and nothing that was typed is lost by them.
  document.addEventListener("change", (event) => {
    const box = event.target, most = Number(box.dataset.most);
    if (!most) return;
    const sizes = box.files ? [...box.files].map((file) => file.size) : [`${new URLSearchParams({ _: box.value })}`.length];
    const fits = sizes.every((size) => size <= (box.dataset.each || most)) && sizes.reduce((all, size) => all + size, 0) <= most;
    box.setCustomValidity(fits ? "" : box.dataset.tooLarge);
    if (!fits) box.reportValidity();
  });

  // A long text says how much of it is left.
  document.addEventListener("input", (event) => {
    const left = event.target.id && $(`[data-left="${CSS.escape(event.target.id)}"]`);
    if (left) left.textContent = `${[...event.target.value].length} / ${left.dataset.max}`;
  });

  // Ticks beside the steps of a countermeasure: a note on this device, kept until somebody signs out.
  let notes = null;
  try { notes = window.localStorage; document.documentElement.dataset.notes = ""; } catch { /* A browser may forbid it. */ }
  const ticks = () => {
    const boxes = [...document.querySelectorAll("[data-tick]")], place = $("[data-ticks]");
    if (!boxes.length || !notes) return;
    const kept = JSON.parse(notes.getItem(`noroshi:${boxes[0].dataset.tick}`) || "[]");
    boxes.forEach((box) => (box.checked = kept.includes(box.id)));
    if (!place) return;
    if (kept.length) place.dataset.said = place.dataset.form.replace("{n}", boxes.filter((box) => box.checked).length).replace("{of}", boxes.length);
    else delete place.dataset.said;
  };
  document.addEventListener("change", (event) => {
    const name = event.target.dataset.tick;
    if (!name) return;
    const on = [...document.querySelectorAll("[data-tick]:checked")].map((box) => box.id);
    notes.setItem(`noroshi:${name}`, JSON.stringify(on));
    ticks();
  });
  document.addEventListener("submit", (event) => {
    if (!notes || !event.target.matches('[action="/sign-out"]')) return;
    Object.keys(notes).filter((key) => key.startsWith("noroshi:")).forEach((key) => notes.removeItem(key));
  });
  ticks();

  // Countdowns go on without a reload.
  const count = () => document.querySelectorAll("[data-until]").forEach((el) => {
    const minutes = Math.floor((+el.dataset.until / 1000 - Date.now()) / 60000) - (+el.dataset.ahead || 0);
    if (!(minutes >= 0)) return;
    const hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    const form = days > 1 ? el.dataset.days : hours ? el.dataset.hours : el.dataset.minutes;
    if (form) el.textContent = form.replace("{d}", days).replace("{h}", hours).replace("{m}", minutes % 60);
  });
  setInterval(count, 20000);

  // Feedback list: J/K move, 1/2/3 answer, Ctrl+Enter sends. Active only while focus is inside the list (WCAG 2.1.4).
  const feedback = () => {
    const list = $("[data-fb]");
    if (!list || list.dataset.ready) return;
    list.dataset.ready = "1";
    const rows = [...list.children], form = list.closest("form"), bar = $("progress", form);
    const go = (n) => {
      const row = rows[Math.max(0, Math.min(rows.length - 1, n))];
      rows.forEach((other) => other.toggleAttribute("data-cur", other === row));
      ($("input:checked", row) || $("input[type=radio]", row)).focus();
    };
    const say = (selector, values) => {
      const el = $(selector, form);
      const text = el && (!values.n && el.dataset.none || el.dataset.form);
      if (el) el.textContent = text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
    };
    const tally = () => {
      const values = { seen: 0, not_seen: 0, unknown: 0 };
      list.querySelectorAll("input[type=radio]:checked").forEach((input) => values[input.value]++);
      values.n = values.seen + values.not_seen + values.unknown;
      values.of = bar.max;
      values.rest = bar.max - values.n;
      bar.value = values.n;
      for (const selector of ["[data-n]", "[data-sum]", "[data-send]"]) say(selector, values);
      const rest = $("[data-rest]", form);
      if (rest) rest.textContent = values.rest ? rest.dataset.form.replace("{rest}", values.rest) : rest.dataset.all;
    };
    list.addEventListener("change", tally);
    list.addEventListener("focusin", (event) =>
      rows.forEach((row) => row.toggleAttribute("data-cur", row.contains(event.target))));
    list.addEventListener("keydown", (event) => {
      const at = rows.findIndex((row) => row.contains(document.activeElement));
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return form.requestSubmit();
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.matches("input:not([type=radio]), select, textarea")) return;
      const key = event.key.toLowerCase();
      if (key === "j") go(at + 1);
      else if (key === "k") go(at - 1);
      else if ("123".includes(key) && at >= 0) {
        const radio = rows[at].querySelectorAll("input[type=radio]")[key - 1];
        radio.checked = true;
        // As if it had been pressed: what is answered is not lost to what comes in meanwhile.
        for (const kind of ["input", "change"]) radio.dispatchEvent(new Event(kind, { bubbles: true }));
        go(at + 1);
      } else return;
      event.preventDefault();
    });
    tally();
  };
  feedback();

  // Live: the server says only that something has changed; the page is read again as oneself, and the fragments marked
  // data-live are put in the place of their predecessors. What somebody is working in is left alone until they leave it.
  if (!document.body.dataset.stream || !window.EventSource) return;
  let waiting = 0, reading = false, again = false;
  const busy = (el) => el.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")
    || $("form[data-keep]", el) && typed;
  const same = (old, now) => (said.get(old) ?? plain(old)) === plain(now);
  const known = (el) => el.id && document.getElementById(el.id);
  const put = (old, now) => {
    const focus = old.contains(document.activeElement) && document.activeElement.id;
    const open = [...old.querySelectorAll("details[open][id]")].map((el) => el.id);
    // Where it is the same element with another content it stays, so that what reads the page aloud hears of the change.
    const bare = (el) => el.cloneNode().outerHTML, stays = bare(old) === bare(now);
    said.set(stays ? old : now, plain(now));
    if (stays) old.replaceChildren(...now.childNodes); else old.replaceWith(document.adoptNode(now));
    open.forEach((id) => { const el = document.getElementById(id); if (el) el.open = true; });
    if (focus) document.getElementById(focus)?.focus();
  };
  // The banner leads to what is to be done on this page; where somebody is still writing on the page that was here before, it
  // leads to the page anew.
  const lead = () => document.querySelectorAll('#emergency a[href^="#"]').forEach((a) => $(a.getAttribute("href")) || (a.href = location.pathname));
  const read = async () => {
    if (reading) { again = true; return; }
    reading = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html", "x-noroshi-live": "1" }, credentials: "same-origin" });
      // Whoever is signed in no longer is shown out, and does not go on looking at what it may not read.
      if (answer.redirected && new URL(answer.url).pathname === "/sign-in") return location.assign(answer.url);
      if (answer.ok && !answer.redirected) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        // A page may have become another: the calm home page that of an emergency.
        const main = $("main"), other = $("main", fresh);
        // Then it is put in its place whole, or left whole while somebody works in it: parts of two pages do not mix.
        const became = main.dataset.page !== other.dataset.page;
        const apart = became ? [...live(main), ...live(other)] : [];
        if (became && busy(main)) again = true;
        else if (became) { put(main, other); document.title = fresh.title; }
        live(document).forEach((old) => {
          if (apart.includes(old)) return;
          const now = fresh.getElementById(old.id);
          if (now && same(old, now)) return;
          if (busy(old)) { again = true; return; }
          if (now) put(old, now); else old.remove();
        });
        // What was not there before comes to stand beside what was.
        live(fresh).forEach((now) => {
          if (apart.includes(now)) return;
          if (document.getElementById(now.id) || now.parentElement.closest("[data-live]")) return;
          const beside = (step) => { for (let el = now[step]; el; el = el[step]) if (known(el)) return known(el); };
          const before = beside("previousElementSibling"), after = before ? null : beside("nextElementSibling");
          if (before) before.after(document.adoptNode(now));
          else if (after) after.before(document.adoptNode(now));
          else known(now.parentElement)?.append(document.adoptNode(now));
        });
        lead();
        count();
        ticks();
        feedback();
      }
    } catch { again = true; } finally { reading = false; }
    if (again) { again = false; soon(5000); }
  };
  const soon = (ms) => { clearTimeout(waiting); waiting = setTimeout(read, ms); };
  const source = new EventSource("/live");
  source.addEventListener("bell", () => soon(120));
  // What changed after this page was drawn and before anybody listened rang for nobody: it is looked at once more.
  source.addEventListener("open", () => soon(800), { once: true });
  source.addEventListener("error", () => source.readyState === EventSource.CLOSED && soon(120));
  document.addEventListener("visibilitychange", () => document.hidden || soon(300));
  addEventListener("pagehide", () => source.close());
})();

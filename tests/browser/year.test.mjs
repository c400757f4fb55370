// The pages of a council that has lived through a year: motions carried, lost and stopped by their proof, cases, reviews, a
// demand that may not be issued, and a charter with a history. Beside a demo council that has (--year).
import { after, before } from "node:test";
import { launch } from "./rig.mjs";
import { DESK, TELEPHONE, everyPage } from "./walk.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

// The office that keeps it all, one of the committee, a member that has been reviewed, and whoever may read nothing of it.
everyPage(() => browser, ["secretariat", "operator"], DESK);
everyPage(() => browser, ["gb", "c2c"], TELEPHONE);

// Runs the script as it is pasted, in a global scope of its own, against the fakes.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";
import { World } from "./fakes.mjs";

/** What pytest has started: the service, the local Google, spreadsheets by name, identity tokens by name. */
export const stage = JSON.parse(process.env.SHEETPLAN_TEST_STAGE ?? "{}");

/** The script in one sheet, opened by one person. */
export class Script {
  /**
   * @param {{sheet?: string, person?: string | null, url?: string | null, printed?: string}} [opened] the address that
   *   the sheet is connected to (null: not yet), and the folder with the printed script
   */
  constructor({ sheet = "q3", person = "ana", url = stage.service, printed = stage.printed } = {}) {
    const read = (/** @type {string} */ name) => readFileSync(join(printed, name), "utf8");
    this.world = new World({
      spreadsheetId: stage.sheets[sheet],
      google: stage.google,
      token: person === null ? null : stage.tokens[person],
      manifest: JSON.parse(read("appsscript.json")),
      files: { "Sidebar.html": read("Sidebar.html") },
    });
    if (url !== null) this.world.documentProperties.setProperty("sheetplan.url", url);
    this.code = read("Code.js");
  }

  /**
   * Calls a function of the script, in a fresh execution as Google does; values travel as JSON.
   * @param {string} name
   * @param {...unknown} values
   * @returns {any}
   */
  call(name, ...values) {
    if (name.endsWith("_")) throw new Error(`${name} is private: Google lets no page and no menu call it.`);
    return this.evaluate(`${name}(...${JSON.stringify(values)})`);
  }

  /** What an expression gives inside the script. @param {string} expression @returns {any} */
  evaluate(expression) {
    const context = vm.createContext({ ...this.world.services });
    vm.runInContext(this.code, context, { filename: "Code.js" });
    const found = vm.runInContext(expression, context);
    return found === undefined ? undefined : JSON.parse(JSON.stringify(found));
  }

  /** A choice in the menu; answers the task that the sidebar was opened with, null where it was not. @param {string} caption */
  choose(caption) {
    this.world.ui.sidebar = null;
    this.world.ui.menus.length = 0;
    this.call("onOpen");
    const item = this.world.ui.menus[0].items.find(([text]) => text === caption);
    if (!item) throw new Error(`There is no ${caption} in the menu.`);
    this.call(item[1]);
    const task = /data-task="([^"]*)"/.exec(this.world.ui.sidebar ?? "");
    return task && JSON.parse(task[1].replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))));
  }

  /** The run once it has ended, asked after as the sidebar does. @param {string} runId */
  finished(runId) {
    for (let looks = 0; looks < 600; looks += 1) {
      const { run, problem } = this.call("sheetplanLook", runId);
      if (problem) throw new Error(JSON.stringify(problem));
      if (!["queued", "running"].includes(run.state)) return run;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
    throw new Error(`${runId} does not end.`);
  }
}

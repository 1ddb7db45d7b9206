// The script against the running service: a person's clicks, and what they are told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { callAndWait } from "./http.mjs";
import { Script, stage } from "./runtime.mjs";

/** @param {string} sheet */
function runIds(sheet) {
  const tab = new Script({ sheet }).world.book.getSheetByName("Runs");
  const [header, ...rows] = tab ? tab.getDataRange().getDisplayValues() : [[]];
  return new Set(rows.map((row) => row[header.indexOf("run_id")]));
}

/** The next read of Google takes a while. @param {number} seconds */
function slowGoogle(seconds) {
  const fault = { kind: "delay", match: "GET .*spreadsheets/", delay_s: seconds, times: 1 };
  const headers = { "Content-Type": "application/json" };
  const url = `${stage.google}/__admin__/faults`;
  assert.equal(callAndWait({ url, method: "post", headers, body: JSON.stringify(fault), follows: true }).status, 200);
}

/** Lets time pass since the last click. @param {Script} script @param {number} ms */
function later(script, ms) {
  const properties = script.world.userProperties;
  const intent = JSON.parse(properties.getProperty("sheetplan.intent") ?? "{}");
  properties.setProperty("sheetplan.intent", JSON.stringify({ ...intent, at: intent.at - ms }));
}

test("opening the sheet shows the menu and asks for no rights", () => {
  const script = new Script();
  script.call("onOpen");
  const [menu] = script.world.ui.menus;
  assert.equal(menu.caption, "Sheetplan");
  assert.deepEqual(menu.items, [
    ["Run ticked scenarios", "sheetplanRunTicked"],
    ["Run this scenario", "sheetplanRunThis"],
    ["Check workbook", "sheetplanCheckWorkbook"],
    ["Explain this row", "sheetplanExplainThis"],
    ["Show last run", "sheetplanShowLastRun"],
    ["Approve this scenario...", "sheetplanApproveThis"],
    ["Set up this sheet", "sheetplanSetUpSheet"],
    ["Connect...", "sheetplanConnectTo"],
  ]);
  assert.equal(script.world.fetcher.calls.length + script.world.scopesRequired, 0);
});

test("ticked scenarios are run and told one by one", () => {
  const script = new Script({ sheet: "run" });
  assert.deepEqual(script.choose("Run ticked scenarios"), { action: "run", scenarios: null });
  assert.equal(script.world.scopesRequired, 1);
  const { run, joined } = script.call("sheetplanStartRun", null, false);
  assert.equal(joined, false);
  assert.equal(run.person, "ana@example.com");
  const ended = script.finished(run.runId);
  assert.equal(ended.state, "succeeded");
  assert.equal(ended.headline, "4 of 4 scenarios solved.");
  assert.deepEqual(ended.scenarios[0], {
    name: "Pure north star",
    status: "optimal",
    words: "Optimal: proven best; 2 selected, 100 of 100 tokens used.",
  });
  assert.match(ended.scenarios[3].words, /^Targets missed: proven as close as possible; .*retention_30d short by/);
  assert.deepEqual(runIds("run"), new Set([run.runId]));
  assert.deepEqual(script.call("sheetplanShowResults", ended.resultsTab), { gone: true });
  assert.equal(script.world.book.activeCell?.sheet.getName(), "Results");
  assert.equal(script.call("sheetplanShowResults", 1).problem.detail, "The tab with the results was deleted.");
});

test("impatient clicks give one run", () => {
  const script = new Script({ sheet: "impatient" });
  slowGoogle(1.5);
  const first = script.call("sheetplanStartRun", null, false);
  const second = script.call("sheetplanStartRun", null, false);
  assert.equal(second.joined, true);
  assert.equal(second.run.runId, first.run.runId);
  later(script, 60_000);
  const third = script.call("sheetplanStartRun", null, false);
  assert.equal(third.run.runId, first.run.runId, "a run that is under way is shown however long it takes");
  script.finished(first.run.runId);
  later(script, -60_000);
  const fourth = script.call("sheetplanStartRun", null, false);
  assert.deepEqual([fourth.joined, fourth.run.runId], [true, first.run.runId], "nor does one that was quick repeat");
  assert.deepEqual(runIds("impatient"), new Set([first.run.runId]));
  const orders = script.world.fetcher.calls.filter((call) => call.method === "post");
  assert.equal(orders.length, 1);
});

test("a new wish gives a new run: run again, another scenario, some time later, after cancelling", () => {
  const script = new Script({ sheet: "wishes" });
  const ids = [script.call("sheetplanStartRun", null, false).run.runId];
  script.finished(ids[0]);
  ids.push(script.call("sheetplanStartRun", null, true).run.runId);
  script.finished(ids[1]);
  ids.push(script.call("sheetplanStartRun", ["Stretch"], false).run.runId);
  script.finished(ids[2]);
  later(script, 11_000);
  slowGoogle(1.0);
  ids.push(script.call("sheetplanStartRun", ["Stretch"], false).run.runId);
  const { run } = script.call("sheetplanCancel", ids[3]);
  assert.deepEqual([run.state, run.headline], ["cancelled", "Cancelled by ana@example.com; nothing was written."]);
  ids.push(script.call("sheetplanStartRun", ["Stretch"], false).run.runId);
  assert.equal(script.finished(ids[4]).headline, "1 of 1 scenario solved.");
  assert.equal(new Set(ids).size, 5);
  assert.equal(runIds("wishes").size, 4);
});

test("an order whose answer was lost is found again under its key", () => {
  const script = new Script({ sheet: "lost" });
  script.world.fetcher.onAnswer = (url) => {
    script.world.fetcher.onAnswer = () => {};
    throw new Error(`Timeout: ${url}`);
  };
  const { problem } = script.call("sheetplanStartRun", null, false);
  assert.equal(problem.title, "The service cannot be reached");
  assert.ok(problem.detail.includes("Timeout: "));
  later(script, 60_000);
  const { run } = script.call("sheetplanStartRun", null, false);
  script.finished(run.runId);
  assert.deepEqual(runIds("lost"), new Set([run.runId]));
  const keys = script.world.fetcher.calls.map((call) => call.headers["Idempotency-Key"]).filter(Boolean);
  assert.equal(keys.length, 2);
  assert.equal(new Set(keys).size, 1);
});

test("where it cannot be known whether the earlier run goes on, no other one is ordered", () => {
  const script = new Script({ sheet: "impatient" });
  slowGoogle(1.5);
  const { run } = script.call("sheetplanStartRun", null, false);
  script.world.fetcher.onAnswer = () => {
    script.world.fetcher.onAnswer = () => {};
    throw new Error("Address unavailable");
  };
  assert.equal(script.call("sheetplanStartRun", null, false).problem.title, "The service cannot be reached");
  assert.equal(script.call("sheetplanStartRun", null, false).run.runId, run.runId);
  assert.equal(script.world.fetcher.calls.filter((call) => call.method === "post").length, 1);
  script.finished(run.runId);
});

test("a click while another one is being worked on is told", () => {
  const script = new Script();
  script.world.lock.isTaken = true;
  const { problem } = script.call("sheetplanStartRun", null, false);
  assert.equal(problem.title, "Your last click is still being processed");
  assert.equal(script.world.fetcher.calls.length, 0);
});

test("the scenario of the active row is run, wherever headers stand and whatever they are called", () => {
  for (const [sheet, tab, cell, scenario] of [
    ["q3", "Scenarios", "C4", "Reachable"],
    ["q3", "Scenarios", "A2", "Pure north star"],
    ["moved", "Scenario config", "B7", "Weighted"],
  ]) {
    const script = new Script({ sheet });
    script.world.select(tab, cell);
    assert.deepEqual(script.choose("Run this scenario"), { action: "run", scenarios: [scenario] }, `${tab}!${cell}`);
  }
  const script = new Script({ sheet: "moved" });
  const { run } = script.call("sheetplanStartRun", ["Weighted"], false);
  assert.deepEqual(
    script.finished(run.runId).scenarios.map((/** @type {any} */ found) => found.name),
    ["Weighted"],
  );
});

test("where no scenario is selected, that is said with what to do", () => {
  for (const [sheet, tab, cell, why] of [
    ["q3", "Initiatives", "A2", "Go to the tab Scenarios, select a cell in the row of the scenario"],
    ["q3", "Scenarios", "A1", "Row 1 is not below the headers."],
    ["q3", "Scenarios", "A40", "Row 40 of the tab Scenarios has no scenario name in its column scenario_name."],
    ["moved", "Scenario config", "A2", "Row 2 is not below the headers."],
    ["headless", "Scenarios", "A2", "There is no column scenario_name in the first 20 rows of the tab Scenarios."],
    ["empty", "Sheet1", "A1", "This sheet has no tab Scenarios."],
  ]) {
    const script = new Script({ sheet });
    script.world.select(tab, cell);
    assert.equal(script.choose("Run this scenario"), null);
    const [told] = script.world.ui.alerts;
    assert.ok(told.startsWith(`No scenario is selected: ${why}`), told);
    assert.equal(script.world.fetcher.calls.length, 0);
  }
});

test("headers are matched as the service matches them", () => {
  const script = new Script();
  const found = script.evaluate(`[${stage.headers.map((/** @type {any} */ [text]) => JSON.stringify(text))}].map(
    (text) => SHEETPLAN_.scenarios.keyHeaders.includes(folded_(text)) ? "key"
      : SHEETPLAN_.scenarios.otherHeaders.includes(folded_(text)) ? "other" : "none")`);
  const expected = stage.headers.map((/** @type {any} */ [, kind]) => kind);
  assert.deepEqual(found, expected);
  assert.deepEqual(new Set(expected), new Set(["key", "other", "none"]));
});

test("the scenario of the active row is approved in the person's own name, with a comment", () => {
  const script = new Script({ sheet: "approve" });
  script.world.select("Scenarios", "A3");
  script.world.ui.answer = null;
  assert.equal(script.choose("Approve this scenario..."), null);
  script.world.ui.answer = " Board of 1 July ";
  const task = script.choose("Approve this scenario...");
  assert.deepEqual(task, { action: "approve", scenario: "Weighted", comment: "Board of 1 July" });
  assert.ok(script.world.ui.questions[0].startsWith("Approve this scenario: You approve what Results shows for Weighted"));
  const early = script.call("sheetplanApprove", task.scenario, task.comment).problem;
  assert.equal(early.title, "This cannot be approved");
  assert.ok(early.detail.endsWith("has no Results yet, so there is nothing to approve. Run again, then approve."));
  script.finished(script.call("sheetplanStartRun", null, false).run.runId);
  assert.deepEqual(script.call("sheetplanApprove", task.scenario, task.comment), {
    approval: { summary: "Weighted is approved by ana@example.com: tab Approved Weighted.", tab: "Approved Weighted" },
  });
  assert.notEqual(script.world.book.getSheetByName("Approved Weighted"), null);
});

/** The question once it has ended. @param {Script} script @param {any} question */
function answered(script, question) {
  while (question.state === "queued" || question.state === "running") question = script.call("sheetplanAnswer", question.questionId).question;
  return question;
}

test("the row of the active cell is explained, and what if it were in", () => {
  const script = new Script({ sheet: "q3" });
  script.world.select("Initiatives", "B3");
  const task = script.choose("Explain this row");
  assert.deepEqual(task, {
    action: "explain", cell: "Initiatives!A3", choices: ["Pure north star", "Weighted", "Reachable", "Stretch"], about: "initiative",
  });
  const why = answered(script, script.call("sheetplanAsk", "explain", "Pure north star", task.cell).question);
  assert.deepEqual([why.state, why.isSelected], ["succeeded", false]);
  assert.deepEqual(why.sentences.slice(1, 2).concat(why.sentences[3]), [
    "B (Loyalty club)", "With it: £40,000 less Gross merchandise value; A would drop out.",
  ]);
  const within = answered(script, script.call("sheetplanAsk", "in", "Pure north star", task.cell).question);
  assert.equal(within.sentences[0], "What if B must be selected");
  assert.ok(within.sentences.includes("Out: A (Faster search)"));
  const without = answered(script, script.call("sheetplanAsk", "out", "Pure north star", "KPIs!A2").question);
  assert.deepEqual([without.state, without.sentences], ["failed", []]);
  assert.equal(without.summary, "KPIs!A2 is not in the list of initiatives. Select a cell of an initiative there.");
  assert.equal(runIds("q3").size, 0);
  const { question } = script.call("sheetplanAsk", "explain", "Weighted", task.cell);
  assert.ok(["cancelled", "succeeded"].includes(script.call("sheetplanCancelQuestion", question.questionId).question.state));
});

test("rows that hold no initiative are told apart", () => {
  const script = new Script({ sheet: "q3" });
  for (const [cell, words] of [
    ["Initiatives!A1", "The row of Initiatives!A1 holds no initiative that can be planned."],
    ["Initiatives!A900", "The row of Initiatives!A900 holds no initiative that can be planned."],
    ["Scenarios!A2", "Scenarios!A2 is not in the list of initiatives. Select a cell of an initiative there."],
    ["Our notes!A2", "Our notes!A2 is not in the list of initiatives. Select a cell of an initiative there."],
  ]) {
    const found = answered(script, script.call("sheetplanAsk", "explain", "Pure north star", cell).question);
    assert.deepEqual([found.state, found.summary], ["failed", words]);
  }
});

test("on the row of a rule, the question is what the plan would be without it", () => {
  const script = new Script({ sheet: "rules" });
  script.world.select("Constraints", "B2");
  const task = script.choose("Explain this row");
  assert.deepEqual([task.cell, task.about], ["Constraints!A2", "rule"]);
  const found = answered(script, script.call("sheetplanAsk", "without", "Pure north star", task.cell).question);
  assert.equal(found.state, "succeeded");
  assert.equal(found.sentences[0], "What if Constraints row 2 is dropped: exclude_initiative, A");
  assert.ok(found.sentences.includes("In: A (Faster search)"), found.sentences.join("\n"));
  assert.equal(runIds("rules").size, 0);
});

test("the next question does not wait for one that its sidebar has left", () => {
  const script = new Script({ sheet: "left" });
  slowGoogle(8);
  const first = script.call("sheetplanAsk", "explain", "Weighted", "Initiatives!A2").question;
  const second = script.call("sheetplanAsk", "explain", "Weighted", "Initiatives!A3").question;
  assert.equal(script.call("sheetplanAnswer", first.questionId).question.state, "cancelled");
  assert.equal(answered(script, second).state, "succeeded");
  assert.equal(script.world.userProperties.getProperty("sheetplan.question"), null);
  const other = script.call("sheetplanAsk", "explain", "Weighted", "Initiatives!A2").question;
  assert.equal(answered(script, other).state, "succeeded");
});

test("where there is nothing to explain, that is said with what to do", () => {
  const script = new Script({ sheet: "empty" });
  script.world.select("Sheet1", "A1");
  assert.equal(script.choose("Explain this row"), null);
  assert.deepEqual(script.world.ui.alerts, ["There is nothing to explain: This sheet has no scenario that can be read. Then choose this again."]);
});

test("a check tells every mistake, and a click on one goes to its cell", () => {
  const script = new Script({ sheet: "broken" });
  assert.deepEqual(script.choose("Check workbook"), { action: "check" });
  const { check } = script.call("sheetplanCheck");
  assert.equal(check.summary, "1 error. 3 of 4 scenarios can run.");
  const [error] = check.issues.filter((/** @type {any} */ issue) => issue.severity === "error");
  assert.deepEqual([error.tab, error.cell], ["Scenarios", "B2"]);
  assert.deepEqual(script.call("sheetplanGoTo", error.tab, error.cell), { gone: true });
  assert.equal(script.world.book.activeCell?.a1, "B2");
  assert.equal(script.world.book.activeCell?.sheet.getName(), "Scenarios");
  assert.equal(script.call("sheetplanGoTo", "Gone", "A1").problem.detail, 'The tab "Gone" no longer exists.');
  assert.equal(runIds("broken").size, 0);
});

test("a sheet is set up after the questions, and only as it was shown", () => {
  const script = new Script({ sheet: "ideas" });
  assert.deepEqual(script.choose("Set up this sheet"), { action: "setup" });
  const blank = { meanings: {}, sizes: {}, worths: {} };
  const first = script.call("sheetplanPropose", blank).proposal;
  assert.deepEqual(first.questions.map((/** @type {any} */ one) => [one.name, one.choices]), [["value", ["Priority"]], ["capacity", []]]);
  assert.deepEqual([first.tab, first.rows, first.headerRow, first.mark], ["Q3 ideas", 2, 1, null]);
  const words = script.call("sheetplanPropose", { ...blank, value: "Priority" }).proposal.questions[0];
  assert.deepEqual([words.name, words.words, words.suggestion], ["worths", ["High", "Low"], "High=8, Low=2"]);
  const answers = { ...blank, value: "Priority", worths: { High: 8, Low: 2 }, capacity: 4 };
  const { proposal } = script.call("sheetplanPropose", answers);
  assert.deepEqual(proposal.tabs.map((/** @type {any} */ tab) => tab.title), ["KPIs", "Scenarios", "Constraints", "Columns"]);
  assert.deepEqual(proposal.tabs[0].lines, ["KPI: Priority points, Level: north_star, Unit: points, Direction: higher"]);
  assert.match(proposal.tabs[1].lines[0], /Run: ticked/);
  const changed = script.call("sheetplanSetUp", { ...answers, capacity: 5 }, proposal.mark).problem;
  assert.match(changed.detail, /^The sheet is no longer as it was when this was proposed\./);
  const done = script.call("sheetplanSetUp", answers, proposal.mark).proposal;
  assert.deepEqual(done.created, ["KPIs", "Scenarios", "Constraints", "Columns"]);
  const { run } = script.call("sheetplanStartRun", null, false);
  assert.equal(script.finished(run.runId).headline, "1 of 1 scenario solved.");
});

test("a sheet without a list says so", () => {
  const { problem } = new Script({ sheet: "empty" }).call("sheetplanPropose", { meanings: {}, sizes: {}, worths: {} });
  assert.equal(problem.title, "The sheet cannot be set up yet");
  assert.match(problem.detail, /^No tab looks like a list of things to do/);
});

test("a workbook with mistakes is run as far as it goes, and told as such", () => {
  const script = new Script({ sheet: "broken" });
  const { run } = script.call("sheetplanStartRun", null, false);
  const ended = script.finished(run.runId);
  assert.equal(ended.state, "failed");
  assert.equal(ended.headline, "3 of 4 scenarios solved.");
  assert.match(ended.scenarios[0].words, /^Invalid: the workbook has errors\. Scenarios!B2: /);
  const unknown = script.call("sheetplanStartRun", ["Purest"], false);
  assert.match(script.finished(unknown.run.runId).headline, /^There is no scenario Purest in the workbook\./);
});

test("the last run is shown, whoever asked for it", () => {
  const script = new Script({ sheet: "last" });
  assert.deepEqual(script.call("sheetplanLastRun"), { run: null, joined: false });
  const { run } = script.call("sheetplanStartRun", ["Stretch"], false);
  script.finished(run.runId);
  const other = new Script({ sheet: "last", person: "ben" });
  assert.deepEqual(other.choose("Show last run"), { action: "last" });
  const last = other.call("sheetplanLastRun").run;
  assert.deepEqual([last.runId, last.person, last.asked], [run.runId, "ana@example.com", ["Stretch"]]);
  const unknown = other.call("sheetplanLook", "20260101T000000Z-00000000").problem;
  assert.equal(unknown.title, "Not found");
});

test("connecting tries the address, and notes it without a slash at the end", () => {
  const script = new Script({ url: null });
  script.world.ui.answer = ` ${stage.service}/ `;
  assert.deepEqual(script.choose("Connect..."), { action: "connect", address: `${stage.service}/` });
  const { connected } = script.call("sheetplanConnect", `${stage.service}/`);
  assert.equal(connected.url, stage.service);
  assert.equal(connected.email, "ana@example.com");
  assert.equal(script.world.documentProperties.getProperty("sheetplan.url"), stage.service);
  script.world.ui.answer = "";
  assert.equal(script.choose("Connect...").address, stage.service, "an empty answer tries the present address again");
  assert.ok(script.world.ui.questions.at(-1)?.includes(`This sheet uses ${stage.service}.`));
  script.world.ui.answer = null;
  assert.equal(script.choose("Connect..."), null);
});

test("an address that cannot be right is refused before anything is sent", () => {
  for (const address of [
    "", "sheetplan.example.com", "http://sheetplan.example.com", "http://localhost.evil.example",
    "https://me:secret@sheetplan.example.com", "https://sheetplan.example.com/?a=b", "javascript:alert(1)",
  ]) {
    const script = new Script({ url: null });
    const { problem } = script.call("sheetplanConnect", address);
    assert.equal(problem.title, "The address is not valid", address);
    assert.equal(script.world.fetcher.calls.length, 0);
    assert.equal(script.world.documentProperties.getProperty("sheetplan.url"), null);
  }
});

test("the identity token goes to no address but sheetplan's", () => {
  for (const [path, title, detail] of [
    ["/page", "This is not sheetplan", "(HTTP 200)."],
    ["/moved", "This is not sheetplan", "(HTTP 302). It redirects to another address, which is not followed."],
    ["/cloud-run", "The service lets nobody in", "answers with HTTP 403 before sheetplan sees the call."],
    ["/down", "The service is down", "reports that the service behind it does not answer."],
  ]) {
    const script = new Script();
    const { problem } = script.call("sheetplanConnect", stage.strangers + path);
    assert.equal(problem.title, title);
    assert.ok(problem.detail.endsWith(detail), problem.detail);
    assert.equal(script.world.fetcher.calls.some((call) => "Authorization" in call.headers), false);
    assert.equal(script.world.documentProperties.getProperty("sheetplan.url"), stage.service, "the old one stays");
  }
});

test("a host that keeps addresses ending in z for itself is no obstacle", () => {
  const script = new Script({ url: null });
  const { problem } = script.call("sheetplanConnect", `${stage.strangers}/cloud`);
  assert.equal(problem.title, "Too many requests");
  assert.equal(problem.detail, "Too many requests in a minute. Try again in 7 s.");
});

test("whoever the service does not know or admit learns what to tell the operator", () => {
  const stranger = new Script({ url: null, person: "otherScript" });
  const { problem: unknown } = stranger.call("sheetplanConnect", stage.service);
  assert.equal(unknown.title, "The service does not accept your identity");
  assert.equal(unknown.detail, "The identity token is not valid: it was made for another service (audience).");
  assert.equal(unknown.forOperator, `[service]\naudience = ["other.apps.googleusercontent.com"]\n\n# I am ana@example.com`);
  const eve = new Script({ person: "eve" });
  for (const [name, ...values] of [["sheetplanStartRun", null, false], ["sheetplanCheck"], ["sheetplanLastRun"]]) {
    const { problem } = eve.call(String(name), ...values);
    assert.equal(problem.title, "You may not run this sheet");
    const address = `https://docs.google.com/spreadsheets/d/${stage.sheets.q3}`;
    assert.equal(problem.forOperator, `[workbooks.NAME]\nlocation = "${address}"\nallowed = ["eve@example.com"]`);
  }
  assert.equal(runIds("q3").size, 0);
});

test("a token that expired, is missing or names nobody is told with its cure", () => {
  const old = new Script({ person: "expired" }).call("sheetplanCheck").problem;
  assert.equal(old.detail, "The identity token is not valid: it has expired.");
  assert.ok(old.advice[0].startsWith("Reload the sheet and try again."));
  const none = new Script({ person: null }).call("sheetplanCheck").problem;
  assert.equal(none.detail, "It gave this script no identity token.");
  const nobody = new Script({ person: "nobody" }).call("sheetplanCheck").problem;
  assert.equal(nobody.detail, "The identity token has no e-mail address.");
  const narrow = new Script();
  narrow.world.situation.manifest.oauthScopes.shift();
  assert.ok(narrow.call("sheetplanCheck").problem.advice[0].includes("it must list openid"));
});

test("a sheet that is not connected, and a service that is down, are told", () => {
  const script = new Script({ url: null });
  assert.deepEqual(script.choose("Check workbook"), { action: "check" });
  assert.equal(script.call("sheetplanCheck").problem.title, "This sheet is not connected yet");
  const { problem } = new Script({ url: stage.nowhere }).call("sheetplanStartRun", null, false);
  assert.equal(problem.title, "The service cannot be reached");
  assert.equal(problem.detail, `${stage.nowhere} gave no answer. Google says: Address unavailable: ${stage.nowhere}/v1/runs`);
});

test("what the service cannot do is told in its own words", () => {
  const gone = new Script({ sheet: "gone" }).call("sheetplanCheck").problem;
  assert.equal(gone.title, "The service cannot read this sheet");
  assert.match(gone.detail, /^There is no spreadsheet at https:\/\/docs\.google\.com/);
  const invalid = new Script().call("sheetplanStartRun", ["x".repeat(300)], false).problem;
  assert.equal(invalid.title, "The service did not understand the request");
  assert.match(invalid.detail, /^body\.scenarios\.0: /);
});

test("an address that was printed into the script is used, and no other can be", () => {
  const script = new Script({ url: null, printed: stage.printedWithAddress });
  assert.equal(script.evaluate("serviceUrl_()"), "https://plan.example.com");
  assert.ok(script.world.situation.manifest.urlFetchWhitelist.includes("https://plan.example.com/"));
  const { problem } = script.call("sheetplanConnect", stage.service);
  assert.equal(problem.title, "The service cannot be reached");
  assert.match(problem.detail, /not allowed by urlFetchWhitelist/);
});

test("nothing secret is kept", () => {
  const script = new Script({ sheet: "run" });
  script.call("sheetplanConnect", stage.service);
  const { run } = script.call("sheetplanStartRun", null, true);
  script.finished(run.runId);
  script.choose("Show last run");
  const kept = [
    ...script.world.documentProperties.values.entries(),
    ...script.world.userProperties.values.entries(),
    script.world.ui.sidebar,
  ].join("\n");
  const [, claims, signature] = stage.tokens.ana.split(".");
  assert.equal(kept.includes(claims) || kept.includes(signature), false);
  assert.deepEqual([...script.world.documentProperties.values.keys()], ["sheetplan.url"]);
});

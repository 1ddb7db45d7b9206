"use strict";
// Asks the same calls as everyone; the identity lives in this tab's memory of the session and goes with it.

const BUSY_MS = 4000;
const IDLE_MS = 15000;
const AFTER_CLICK_MS = 1000;
const LOOKS_AFTER_CLICK = 4;
const byId = (id) => document.getElementById(id);
const encoder = new TextEncoder();
let timer = 0;
let soon = 0;
let isBusy = false;
let pauseMs = 0;

const identity = () => JSON.parse(sessionStorage.getItem("identity") || "null");

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function signed(method, target, body, { secret, person }) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
  const digest = hex(await crypto.subtle.digest("SHA-256", encoder.encode(body)));
  const text = ["sheetplan-1", method, target, timestamp, nonce, person, digest].join("\n");
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  return {
    "X-Sheetplan-Timestamp": timestamp,
    "X-Sheetplan-Nonce": nonce,
    "X-Sheetplan-Person": person,
    "X-Sheetplan-Signature": hex(await crypto.subtle.sign("HMAC", key, encoder.encode(text))),
  };
}

async function call(method, target, document) {
  const who = identity();
  const body = document === undefined ? "" : JSON.stringify(document);
  const proof = who.token ? { Authorization: `Bearer ${who.token}` } : await signed(method, target, body, who);
  const headers = body ? { ...proof, "Content-Type": "application/json" } : proof;
  const answer = await fetch(target, { method, headers, body: body || undefined, cache: "no-store" });
  const found = await answer.json();
  if (!answer.ok) {
    const error = new Error(found.detail);
    error.status = answer.status;
    error.retryMs = 1000 * Number(answer.headers.get("Retry-After") || 0);
    throw error;
  }
  return found;
}

function cell(content, name = "") {
  const made = document.createElement("td");
  made.className = name;
  made.append(content);
  return made;
}

function button(text, label, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", () => act(action));
  return made;
}

function stateOf(run) {
  const made = document.createElement("span");
  made.className = `state ${run.state}`;
  const { scenarios_done: done, scenarios_total: total, phase } = run.progress;
  const further = run.state === "running" ? ` (${total === null ? phase : `${done} of ${total}`})` : "";
  made.textContent = run.state + further;
  return made;
}

const time = (text) => (text ? new Date(text).toLocaleString() : "");

function took(run) {
  if (!run.started_at) return "";
  const end = run.finished_at ? new Date(run.finished_at) : new Date();
  return `${((end - new Date(run.started_at)) / 1000).toFixed(1)} s`;
}

function link(text, address) {
  if (!/^(https?:\/\/|#)/.test(address || "")) return text;
  const made = document.createElement("a");
  made.href = address;
  made.textContent = text;
  made.rel = "noreferrer";
  return made;
}

function workbookRow(workbook) {
  const run = workbook.last_run;
  const row = document.createElement("tr");
  row.dataset.workbook = workbook.name;
  row.append(
    cell(link(workbook.name, workbook.address)),
    cell(run ? stateOf(run) : "never run"),
    cell(run ? time(run.finished_at || run.created_at) : "", "time"),
    cell(run ? took(run) : "", "time"),
    cell(run ? run.summary : "", "outcome"),
    cell(time(workbook.next_run_at), "time"),
    cell(button("Run", `Run ${workbook.name}`, () =>
      call("POST", "/v1/runs", { workbook: workbook.name, trigger: "status page" }))),
  );
  return row;
}

function runRow(run) {
  const row = document.createElement("tr");
  row.dataset.run = run.run_id;
  const open = run.state === "queued" || run.state === "running";
  row.append(
    cell(link(run.run_id, `#${run.run_id}`), "time"),
    cell(run.workbook),
    cell(stateOf(run)),
    cell([run.person, run.trigger].filter(Boolean).join(", ")),
    cell(run.times > 1 ? `${time(run.created_at)} (${run.times} times since ${time(run.since)})` : time(run.created_at)),
    cell(took(run), "time"),
    cell(run.summary, "outcome"),
    cell(open ? button("Cancel", `Cancel ${run.run_id}`, () => call("POST", `/v1/runs/${run.run_id}/cancel`)) : ""),
  );
  return row;
}

function fill(id, rows, empty) {
  const none = document.createElement("tr");
  none.append(cell(empty));
  byId(id).replaceChildren(...(rows.length > 0 ? rows : [none]));
}

function rowOf(...cells) {
  const row = document.createElement("tr");
  row.append(...cells);
  return row;
}

function lines(summary, changes) {
  byId("run-difference").textContent = summary;
  byId("run-changes").replaceChildren(...changes.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));
}

function showRun(run) {
  byId("run").dataset.run = run.run_id;
  byId("run-title").replaceChildren(run.workbook, ": ", stateOf(run));
  const asked = `requested by ${[run.person, run.trigger].filter(Boolean).join(", ")}`;
  const facts = [`Run ${run.run_id}`, asked, time(run.created_at), took(run) && `took ${took(run)}`];
  byId("run-facts").replaceChildren(facts.filter(Boolean).join("; "), ". ", link("Open Results", run.results_url || ""));
  if (!run.results_url) byId("run-facts").lastChild.remove();
  byId("run-summary").textContent = run.summary;
  const scenarios = (run.outcome || {}).scenarios || [];
  fill("run-scenarios", scenarios.map((one) => rowOf(cell(one.scenario), cell(one.summary, "outcome"))), "None was run.");
  const place = (issue) => (issue.cell ? `${issue.tab}!${issue.cell}` : issue.tab || "");
  fill("run-issues", run.issues.map((issue) => rowOf(
    cell(issue.severity, issue.severity), cell(place(issue), "time"), cell(issue.message, "outcome"))), "None.");
}

// A run that has ended stays as it is, and so does its difference to the one before.
async function lookAtRun(runId) {
  if (byId("run").dataset.run === runId && byId("run").dataset.ended) return false;
  byId("run").dataset.ended = "";
  const run = await call("GET", `/v1/runs/${runId}`);
  showRun(run);
  if (run.state === "queued" || run.state === "running") {
    lines("The run has not ended yet.", []);
    return true;
  }
  const { summary, inputs, scenarios } = await call("GET", `/v1/runs/${runId}/difference`);
  lines(summary, [...inputs, ...scenarios.flatMap((one) => one.lines.map((line) => `${one.scenario}: ${line}`))]);
  byId("run").dataset.ended = "yes";
  return false;
}

const chosenRun = () => (/^#[0-9TZa-f-]{1,40}$/.test(location.hash) ? location.hash.slice(1) : null);

function tell(error) {
  byId("problem").textContent = error ? error.message : "";
  byId("problem").hidden = !error;
}

// Often after a click, less often while something runs, seldom otherwise, never in a tab that nobody sees.
function delay() {
  if (pauseMs > 0) return pauseMs;
  if (soon > 0) {
    soon -= 1;
    return AFTER_CLICK_MS;
  }
  return isBusy ? BUSY_MS : IDLE_MS;
}

async function look() {
  clearTimeout(timer);
  const who = identity();
  byId("sign-in").hidden = who !== null;
  const runId = chosenRun();
  byId("leave").hidden = who === null;
  byId("board").hidden = who === null || runId !== null;
  byId("run").hidden = who === null || runId === null;
  byId("who").textContent = who ? who.person : "";
  if (who === null) return;
  try {
    if (runId !== null) {
      isBusy = await lookAtRun(runId);
    } else {
      const calls = ["/v1/workbooks", "/v1/runs?limit=20&folded=true"];
      const [{ workbooks }, { runs }] = await Promise.all(calls.map((target) => call("GET", target)));
      byId("workbooks").replaceChildren(...workbooks.map(workbookRow));
      byId("runs").replaceChildren(...runs.map(runRow));
      isBusy = runs.some((run) => run.state === "queued" || run.state === "running");
    }
    pauseMs = 0;
    tell(null);
  } catch (error) {
    if (error.status === 401) {
      sessionStorage.removeItem("identity");
      await look();
    }
    tell(error);
    if (error.status === 401) return;
    pauseMs = error.retryMs;
  }
  if (!document.hidden) timer = setTimeout(look, delay());
}

async function act(action) {
  try {
    await action();
    soon = LOOKS_AFTER_CLICK;
    await look();
  } catch (error) {
    tell(error);
  }
}

byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const [token, secret, person] = ["token", "secret", "person"].map((id) => byId(id).value.trim());
  for (const id of ["token", "secret"]) byId(id).value = "";
  sessionStorage.setItem("identity", JSON.stringify({ token, secret, person }));
  look();
});

byId("leave").addEventListener("click", () => {
  sessionStorage.removeItem("identity");
  // Nothing that this person saw stays for the next one.
  location.hash = "";
  location.reload();
});

window.addEventListener("hashchange", look);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look();
});

look();

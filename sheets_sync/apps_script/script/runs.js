// What the sidebar calls. Google gives each call to the service about a minute, so a run is started, then asked after.

/** Clicks within this time after one that was answered are the same wish, even where the run has ended meanwhile. */
const IMPATIENCE_MS_ = 10 * 1000;
/** An order that was never answered is repeated under its old key for this long: the service may have it. */
const UNANSWERED_MS_ = 10 * 60 * 1000;
const INTENT_PROPERTY_ = "sheetplan.intent";

/**
 * A run as the sidebar shows it.
 * @typedef {{runId: string, state: string, phase: string, done: number, total: number | null, headline: string,
 *   asked: string[] | null, notices: string[], person: string, trigger: string, askedAt: string,
 *   resultsTab: number | null, issues: Issue[], scenarios: {name: string, status: string, words: string}[]}} RunView
 * @typedef {{severity: string, tab: string | null, cell: string | null, message: string}} Issue
 */

/**
 * Sidebar: starts a run, or finds the one that an earlier click started.
 *
 * A click is a wish for one run. Whoever clicks again while that run is under way, or a moment later, sees that run;
 * `again` says that a new one is meant.
 * @param {string[] | null} scenarios
 * @param {boolean} again
 */
function sheetplanStartRun(scenarios, again) {
  return told_(() => oneAtATime_(() => startRun_(scenarios, again)));
}

/**
 * @param {string[] | null} scenarios
 * @param {boolean} again
 * @returns {{run: RunView, joined: boolean}}
 */
function startRun_(scenarios, again) {
  const wish = JSON.stringify([serviceUrl_(), workbook_(), scenarios]);
  const earlier = lastIntent_(wish);
  if (earlier && earlier.runId && !again) {
    const run = earlierRun_(earlier.runId);
    const isOpen = run !== null && (run.state === "queued" || run.state === "running");
    const isFresh = run !== null && run.state !== "cancelled" && Date.now() - earlier.at < IMPATIENCE_MS_;
    if (run !== null && (isOpen || isFresh)) return { run, joined: true };
  }
  const isUnanswered = earlier !== null && !earlier.runId && Date.now() - earlier.at < UNANSWERED_MS_;
  const key = earlier !== null && isUnanswered ? earlier.key : Utilities.getUuid();
  // Noted before it is sent: should the answer get lost, the next click asks under the same key and finds the run.
  noteIntent_({ wish, key, at: Date.now(), runId: null });
  const order = { workbook: workbook_(), trigger: "menu", ...(scenarios ? { scenarios } : {}) };
  const accepted = callService_("post", "/v1/runs", order, key);
  noteIntent_({ wish, key, at: Date.now(), runId: accepted.run_id });
  return { run: run_(accepted.run_id), joined: false };
}

/**
 * Sidebar: how far a run is.
 * @param {string} runId
 */
function sheetplanLook(runId) {
  return told_(() => ({ run: run_(runId), joined: false }));
}

/**
 * Sidebar: cancels a run; it ends as it would have where it had begun to write.
 * @param {string} runId
 */
function sheetplanCancel(runId) {
  return told_(() => ({
    run: view_(callService_("post", `/v1/runs/${encodeURIComponent(runId)}/cancel`)),
    joined: false,
  }));
}

/** Sidebar: the newest run of this sheet, whatever started it; null where there is none. */
function sheetplanLastRun() {
  return told_(() => {
    const { runs } = callService_("get", `/v1/runs?limit=1&workbook=${encodeURIComponent(workbook_())}`);
    return { run: runs.length ? run_(runs[0].run_id) : null, joined: false };
  });
}

/** Sidebar: every mistake in the workbook; nothing is written. */
function sheetplanCheck() {
  return told_(() => {
    const found = callService_("post", "/v1/checks", { workbook: workbook_() });
    return { check: { summary: found.summary, errors: found.errors, issues: issues_(found.issues) } };
  });
}

/**
 * Sidebar: selects the cell that an issue is about.
 * @param {string} tab
 * @param {string | null} cell
 */
function sheetplanGoTo(tab, cell) {
  return told_(() => {
    const sheet = SpreadsheetApp.getActive().getSheetByName(tab);
    if (sheet === null) {
      throw new ProblemError_("The tab does not exist", `The tab "${tab}" no longer exists.`, ["Check the workbook again."]);
    }
    sheet.getRange(cell || "A1").activate();
    return { gone: true };
  });
}

/**
 * Sidebar: opens the tab that a run was written to, whatever people call it.
 * @param {number} id
 */
function sheetplanShowResults(id) {
  return told_(() => {
    const sheet = SpreadsheetApp.getActive()
      .getSheets()
      .find((found) => found.getSheetId() === id);
    if (!sheet) {
      throw new ProblemError_("The tab does not exist", "The tab with the results was deleted.", ["Run again."]);
    }
    sheet.getRange("A1").activate();
    return { gone: true };
  });
}

/**
 * The id of the tab that a link leads to; null for a link to the whole sheet, and for none.
 * @param {string | null} url
 */
function resultsTab_(url) {
  const found = /#gid=(\d+)$/.exec(url || "");
  return found && Number(found[1]);
}

/** @param {string} runId */
function run_(runId) {
  return view_(callService_("get", `/v1/runs/${encodeURIComponent(runId)}`));
}

/**
 * The run of an earlier click; null where the service has forgotten it. Where that cannot be known now, it is an error: a
 * second run beside one that may be under way is not what a second click means.
 * @param {string} runId
 */
function earlierRun_(runId) {
  try {
    return run_(runId);
  } catch (error) {
    if (error instanceof NotThereError_) return null;
    throw error;
  }
}

/**
 * @param {any} document
 * @returns {RunView}
 */
function view_(document) {
  const scenarios = document.outcome ? document.outcome.scenarios : [];
  return {
    runId: document.run_id,
    state: document.state,
    phase: document.progress.phase,
    done: document.progress.scenarios_done,
    total: document.progress.scenarios_total,
    headline: headline_(document),
    asked: document.scenarios,
    notices: document.outcome ? document.outcome.notices : [],
    person: document.person,
    trigger: document.trigger,
    askedAt: document.created_at,
    resultsTab: resultsTab_(document.results_url),
    issues: issues_(document.issues),
    scenarios: scenarios.map((/** @type {any} */ found) => ({
      name: found.scenario,
      status: found.status,
      words: found.summary,
    })),
  };
}

/**
 * The outcome in a sentence. Where scenarios are listed one by one, the count is enough.
 * @param {any} document
 */
function headline_(document) {
  const scenarios = document.outcome ? document.outcome.scenarios : [];
  if (!scenarios.length) return document.summary;
  const solved = scenarios.filter((/** @type {any} */ found) =>
    ["optimal", "feasible", "targets_missed"].includes(found.status),
  );
  return `${solved.length} of ${scenarios.length} scenario${scenarios.length === 1 ? "" : "s"} solved.`;
}

/**
 * @param {any[]} issues
 * @returns {Issue[]}
 */
function issues_(issues) {
  return issues.map(({ severity, tab, cell, message }) => ({ severity, tab, cell, message }));
}

/**
 * The same person's clicks one after the other, so that the second finds what the first has noted.
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
function oneAtATime_(work) {
  const lock = LockService.getUserLock();
  if (!lock.tryLock(60 * 1000)) {
    throw new ProblemError_("Your last click is still being processed", "It has already taken a minute.", [
      "Choose Sheetplan > Show last run.",
    ]);
  }
  try {
    return work();
  } finally {
    lock.releaseLock();
  }
}

/**
 * What this person last asked for.
 * @typedef {{wish: string, key: string, at: number, runId: string | null}} Intent
 */

/**
 * @param {string} wish
 * @returns {Intent | null}
 */
function lastIntent_(wish) {
  const noted = PropertiesService.getUserProperties().getProperty(INTENT_PROPERTY_);
  /** @type {Intent | null} */
  const intent = noted ? JSON.parse(noted) : null;
  return intent !== null && intent.wish === wish ? intent : null;
}

/** @param {Intent} intent */
function noteIntent_(intent) {
  PropertiesService.getUserProperties().setProperty(INTENT_PROPERTY_, JSON.stringify(intent));
}

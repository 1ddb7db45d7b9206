// Questions about the row of the active cell: why its initiative is in or out, and what the opposite would bring; or what
// the plan would be without its rule.

/** The question that this person asked last, while it may be under way. */
const QUESTION_PROPERTY_ = "sheetplan.question";

/**
 * A question as the sidebar shows it; `isSelected` is null where the answer does not say.
 * @typedef {{questionId: string, state: string, phase: string, done: number, total: number | null, summary: string,
 *   sentences: string[], isSelected: boolean | null}} QuestionView
 */

/** The names of the scenarios, as the tab that holds them lists them. */
function scenarioNames_() {
  const tab = scenariosTab_();
  const rows = tab === null ? [] : tab.getDataRange().getDisplayValues();
  const header = headerRow_(rows);
  if (header === null) return [];
  const names = rows.slice(header.row).map((cells) => cleaned_(cells[header.column - 1]));
  return names.filter((name) => name && !/[\u0000-\u001f]/.test(name));
}

/** Whether a tab holds rules or targets. @param {string} title */
function holdsRules_(title) {
  return SHEETPLAN_.ruleTabs.includes(folded_(title));
}

/**
 * Sidebar: asks why the initiative of a cell's row is in or out of a scenario, or what would be if it were in, or out, or
 * without the rule of the cell's row.
 * @param {"explain" | "in" | "out" | "without"} what
 * @param {string} scenario
 * @param {string} cell
 */
function sheetplanAsk(what, scenario, cell) {
  const asked = {
    explain: { kind: "explain", initiative: cell },
    in: { kind: "what-if", force_in: [cell] },
    out: { kind: "what-if", leave_out: [cell] },
    without: { kind: "what-if", dropped: [cell] },
  }[what];
  return told_(() => {
    leaveLastQuestion_();
    const order = { workbook: workbook_(), trigger: "menu", scenario, ...asked };
    const accepted = callService_("post", "/v1/questions", order, Utilities.getUuid());
    PropertiesService.getUserProperties().setProperty(QUESTION_PROPERTY_, lastQuestion_(accepted.question_id));
    return { question: question_(accepted.question_id) };
  });
}

/**
 * What is noted of a question: whose answer it is, so that one about another sheet is left alone.
 * @param {string} questionId
 */
function lastQuestion_(questionId) {
  return JSON.stringify([serviceUrl_(), workbook_(), questionId]);
}

/**
 * Cancels this person's last question about this sheet, if it may be under way: the sidebar that waited for it has given
 * way to another, and the next question would have to wait for it too.
 */
function leaveLastQuestion_() {
  const properties = PropertiesService.getUserProperties();
  const noted = properties.getProperty(QUESTION_PROPERTY_);
  if (noted === null) return;
  const [, , questionId] = JSON.parse(noted);
  if (noted !== lastQuestion_(questionId)) return;
  properties.deleteProperty(QUESTION_PROPERTY_);
  try {
    callService_("post", `/v1/questions/${encodeURIComponent(questionId)}/cancel`);
  } catch (error) {
    // Whatever is wrong with it is no reason to answer nothing.
    if (!(error instanceof ProblemError_)) throw error;
  }
}

/**
 * Sidebar: how far a question is, and its answer.
 * @param {string} questionId
 */
function sheetplanAnswer(questionId) {
  return told_(() => ({ question: question_(questionId) }));
}

/**
 * Sidebar: nobody waits for the answer any more.
 * @param {string} questionId
 */
function sheetplanCancelQuestion(questionId) {
  return told_(() => ({
    question: questionView_(callService_("post", `/v1/questions/${encodeURIComponent(questionId)}/cancel`)),
  }));
}

/** @param {string} questionId */
function question_(questionId) {
  const question = questionView_(callService_("get", `/v1/questions/${encodeURIComponent(questionId)}`));
  const properties = PropertiesService.getUserProperties();
  const isOpen = question.state === "queued" || question.state === "running";
  if (!isOpen && properties.getProperty(QUESTION_PROPERTY_) === lastQuestion_(questionId)) {
    properties.deleteProperty(QUESTION_PROPERTY_);
  }
  return question;
}

/**
 * @param {any} document
 * @returns {QuestionView}
 */
function questionView_(document) {
  const scenarios = (document.numbers && document.numbers.scenarios) || [];
  const initiatives = scenarios.length ? scenarios[0].initiatives : [];
  return {
    questionId: document.question_id,
    state: document.state,
    phase: document.progress.phase,
    done: document.progress.scenarios_done,
    total: document.progress.scenarios_total,
    summary: document.summary,
    sentences: document.sentences,
    isSelected: initiatives.length === 1 ? initiatives[0].selected : null,
  };
}

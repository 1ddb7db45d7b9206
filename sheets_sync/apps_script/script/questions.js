// Questions about the row of the active cell: why its initiative is in or out, and what the opposite would bring.

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

/**
 * Sidebar: asks why the initiative of a cell's row is in or out of a scenario, or what would be if it were in, or out.
 * @param {"explain" | "in" | "out"} what
 * @param {string} scenario
 * @param {string} cell
 */
function sheetplanAsk(what, scenario, cell) {
  const asked = {
    explain: { kind: "explain", initiative: cell },
    in: { kind: "what-if", force_in: [cell] },
    out: { kind: "what-if", leave_out: [cell] },
  }[what];
  return told_(() => {
    const order = { workbook: workbook_(), trigger: "menu", scenario, ...asked };
    const accepted = callService_("post", "/v1/questions", order, Utilities.getUuid());
    return { question: question_(accepted.question_id) };
  });
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
  return questionView_(callService_("get", `/v1/questions/${encodeURIComponent(questionId)}`));
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

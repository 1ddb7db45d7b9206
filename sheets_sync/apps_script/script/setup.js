// Setting up a sheet around its list: the service proposes, the person answers and agrees, the service writes.

/**
 * What the person has said so far: which tab has the list, what headers mean, the value, the capacity, words and numbers.
 * @typedef {{tab?: string, value?: string, capacity?: number, meanings: Record<string, string>,
 *   sizes: Record<string, number>, worths: Record<string, number>}} Answers
 * @typedef {{name: string, text: string, choices: string[], words: string[], suggestion: string}} Question
 * @typedef {{tab: string, rows: number, headerRow: number, columns: {header: string, field: string | null,
 *   examples: string[]}[], questions: Question[], notes: string[], tabs: {title: string, lines: string[]}[],
 *   issues: string[], mark: string | null, created: string[]}} ProposalView
 */

/**
 * Sidebar: what each column of the list means, what has to be asked, and which tabs would be added; nothing is written.
 * @param {Answers} answers
 */
function sheetplanPropose(answers) {
  return told_(() => ({ proposal: proposal_(adoption_(answers)) }));
}

/**
 * Sidebar: adds the tabs of a proposal that was shown, if it would still be the same.
 * @param {Answers} answers
 * @param {string} mark
 */
function sheetplanSetUp(answers, mark) {
  return told_(() => oneAtATime_(() => ({ proposal: proposal_(adoption_({ ...answers, confirm: mark })) })));
}

/** Sidebar: the tab that is open. */
function sheetplanOpenTab() {
  return told_(() => {
    const cell = SpreadsheetApp.getCurrentCell();
    return { tab: cell === null ? "" : cell.getSheet().getName() };
  });
}

/** @param {object} more */
function adoption_(more) {
  return callService_("post", "/v1/adoptions", { workbook: workbook_(), ...more });
}

/**
 * @param {any} document
 * @returns {ProposalView}
 */
function proposal_(document) {
  return {
    tab: document.tab,
    rows: document.rows,
    headerRow: document.header_row,
    columns: document.columns.map((/** @type {any} */ column) => ({
      header: column.header,
      field: column.field,
      examples: column.examples,
    })),
    questions: document.questions.map((/** @type {any} */ question) => ({
      name: question.name,
      text: question.text,
      choices: question.choices,
      words: question.words,
      suggestion: question.suggestion,
    })),
    notes: document.notes,
    tabs: document.tabs.map((/** @type {any} */ tab) => ({ title: tab.title, lines: lines_(tab) })),
    issues: document.issues,
    mark: document.mark,
    created: document.created,
  };
}

/**
 * The rows of a new tab, each as header and value.
 * @param {{headers: string[], rows: (string | number | boolean | null)[][]}} tab
 */
function lines_(tab) {
  return tab.rows.map((row) =>
    row
      .map((value, at) => (value === null ? "" : `${tab.headers[at]}: ${value === true ? "ticked" : value}`))
      .filter((text) => text)
      .join(", "),
  );
}

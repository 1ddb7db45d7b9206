// Which scenario the active cell is on: tabs and headers are matched by name, as the service does it.

/** Invisible characters, and what may stand between the words of a header. */
const INVISIBLE_ = new RegExp(SHEETPLAN_.invisible, "gu");
const SEPARATORS_ = new RegExp(SHEETPLAN_.separators, "g");

/**
 * The scenario of the active cell's row; else why there is none, in words.
 * @returns {{scenario: string, why: null} | {scenario: null, why: string}}
 */
function scenarioOfActiveCell_() {
  const tab = scenariosTab_();
  const { name, keyColumn } = SHEETPLAN_.scenarios;
  if (tab === null) return none_(`This sheet has no tab ${name}. sheetplan init creates it.`);
  const title = tab.getName();
  const cell = SpreadsheetApp.getCurrentCell();
  if (cell === null || cell.getSheet().getSheetId() !== tab.getSheetId()) {
    return none_(`Go to the tab ${title}, select a cell in the row of the scenario, and choose this again.`);
  }
  const rows = tab.getDataRange().getDisplayValues();
  const header = headerRow_(rows);
  if (header === null) {
    const within = `the first ${SHEETPLAN_.headerSearchRows} rows of the tab ${title}`;
    return none_(`There is no column ${keyColumn} in ${within}. Choose Sheetplan > Check workbook.`);
  }
  const row = cell.getRow();
  if (row <= header.row) return none_(`Row ${row} is not below the headers. Select a cell in the row of a scenario.`);
  const scenario = row <= rows.length ? cleaned_(rows[row - 1][header.column - 1]) : "";
  if (!scenario) return none_(`Row ${row} of the tab ${title} has no scenario name in its column ${header.text}.`);
  if (/[\u0000-\u001f]/.test(scenario)) {
    return none_(`The scenario's name in row ${row} holds a line break. Remove it, and choose this again.`);
  }
  return { scenario, why: null };
}

/**
 * @param {string} why
 * @returns {{scenario: null, why: string}}
 */
function none_(why) {
  return { scenario: null, why };
}

/** The tab that holds the scenarios: under its own name, else the first under an alias; null where there is none. */
function scenariosTab_() {
  const { name, tabs } = SHEETPLAN_.scenarios;
  const found = SpreadsheetApp.getActive()
    .getSheets()
    .filter((sheet) => tabs.includes(folded_(sheet.getName())));
  return found.find((sheet) => folded_(sheet.getName()) === folded_(name)) || found[0] || null;
}

/**
 * The header row and the column of scenarios' names, both counted from 1: the first row that holds that column and
 * another of sheetplan's, else the first that holds it alone (it may be a title).
 * @param {string[][]} rows
 * @returns {{row: number, column: number, text: string} | null}
 */
function headerRow_(rows) {
  const { keyColumn, keyHeaders, otherHeaders } = SHEETPLAN_.scenarios;
  let lone = null;
  for (const [at, cells] of rows.slice(0, SHEETPLAN_.headerSearchRows).entries()) {
    const headers = cells.map(folded_);
    const columns = [...headers.keys()].filter((column) => keyHeaders.includes(headers[column]));
    if (!columns.length) continue;
    // The column's own name goes before aliases of it.
    const named = columns.filter((column) => headers[column] === folded_(keyColumn));
    const column = named.length === 1 ? named[0] : columns[0];
    const found = { row: at + 1, column: column + 1, text: cleaned_(cells[column]) };
    if (headers.some((header) => otherHeaders.includes(header))) return found;
    lone = lone || found;
  }
  return lone;
}

/**
 * A text as people see it.
 * @param {string} text
 */
function cleaned_(text) {
  return text.replace(INVISIBLE_, "").replace(/\u00a0/g, " ").normalize("NFC").trim();
}

/**
 * What two spellings of one title or header have in common.
 * @param {string} text
 */
function folded_(text) {
  // Upper case first: it takes letters such as the German sharp s apart as the service does.
  return cleaned_(text).toUpperCase().toLowerCase().normalize("NFC").replace(SEPARATORS_, "");
}

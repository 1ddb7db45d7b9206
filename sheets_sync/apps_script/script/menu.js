// The menu. Each entry opens the sidebar with a task; the sidebar then does it, so that a click shows something at once.

/**
 * What the sidebar is opened for.
 * @typedef {{action: "run", scenarios: string[] | null} | {action: "check"} | {action: "last"} | {action: "setup"}
 *   | {action: "approve", scenario: string, comment: string} | {action: "connect", address: string}
 *   | {action: "explain", cell: string, choices: string[], about: "initiative" | "rule"}} Task
 */

/** Adds the menu when the sheet is opened. Google runs this without asking for rights, so it may do nothing else. */
function onOpen() {
  sheetplanMenu();
}

/** The menu alone, for a script that has an onOpen of its own: call this there. */
function sheetplanMenu() {
  SpreadsheetApp.getUi()
    .createMenu("Sheetplan")
    .addItem("Run ticked scenarios", "sheetplanRunTicked")
    .addItem("Run this scenario", "sheetplanRunThis")
    .addItem("Check workbook", "sheetplanCheckWorkbook")
    .addItem("Explain this row", "sheetplanExplainThis")
    .addSeparator()
    .addItem("Show last run", "sheetplanShowLastRun")
    .addItem("Approve this scenario...", "sheetplanApproveThis")
    .addItem("Set up this sheet", "sheetplanSetUpSheet")
    .addItem("Connect...", "sheetplanConnectTo")
    .addToUi();
}

/** Menu: runs every ticked scenario. */
function sheetplanRunTicked() {
  openSidebar_({ action: "run", scenarios: null });
}

/** Menu: runs the scenario of the row that the active cell is in, ticked or not. */
function sheetplanRunThis() {
  const found = scenarioOfActiveCell_();
  if (found.scenario === null) {
    const ui = SpreadsheetApp.getUi();
    ui.alert("No scenario is selected", found.why, ui.ButtonSet.OK);
    return;
  }
  openSidebar_({ action: "run", scenarios: [found.scenario] });
}

/** Menu: reports every mistake, writes nothing. */
function sheetplanCheckWorkbook() {
  openSidebar_({ action: "check" });
}

/** Menu: explains why the initiative of the active cell's row is in or out, or what its rule costs; writes nothing. */
function sheetplanExplainThis() {
  const ui = SpreadsheetApp.getUi();
  const cell = SpreadsheetApp.getCurrentCell();
  const choices = scenarioNames_();
  if (cell === null || !choices.length) {
    const why = cell === null ? "Select a cell in the row of an initiative or of a rule." : "This sheet has no scenario that can be read.";
    ui.alert("There is nothing to explain", `${why} Then choose this again.`, ui.ButtonSet.OK);
    return;
  }
  const title = cell.getSheet().getName();
  const about = holdsRules_(title) ? "rule" : "initiative";
  openSidebar_({ action: "explain", cell: `${title}!A${cell.getRow()}`, choices, about });
}

/** Menu: shows how the newest run of this sheet ended, whoever asked for it. */
function sheetplanShowLastRun() {
  openSidebar_({ action: "last" });
}

/** Menu: proposes the tabs that make a list a plan, and adds them once they are agreed. */
function sheetplanSetUpSheet() {
  openSidebar_({ action: "setup" });
}

/** Menu: asks for a comment, and approves the scenario of the row that the active cell is in. */
function sheetplanApproveThis() {
  const ui = SpreadsheetApp.getUi();
  const found = scenarioOfActiveCell_();
  if (found.scenario === null) {
    ui.alert("No scenario is selected", found.why, ui.ButtonSet.OK);
    return;
  }
  const question = `You approve what Results shows for ${found.scenario}, in your own name. A comment, if you like:`;
  const answer = ui.prompt("Approve this scenario", question, ui.ButtonSet.OK_CANCEL);
  if (answer.getSelectedButton() === ui.Button.OK) {
    openSidebar_({ action: "approve", scenario: found.scenario, comment: answer.getResponseText().trim() });
  }
}

/** Menu: asks for the service's address and tries it. */
function sheetplanConnectTo() {
  const ui = SpreadsheetApp.getUi();
  const now = serviceUrl_();
  const question = now
    ? `This sheet uses ${now}. Leave the field empty to try that again, or enter another address.`
    : "The address of your team's sheetplan service, such as https://sheetplan.example.com";
  const answer = ui.prompt("Connect to sheetplan", question, ui.ButtonSet.OK_CANCEL);
  if (answer.getSelectedButton() === ui.Button.OK) {
    openSidebar_({ action: "connect", address: answer.getResponseText().trim() || now });
  }
}

/** @param {Task} task */
function openSidebar_(task) {
  // Whoever allowed only some of the rights is asked for the others now, and not met with errors later.
  ScriptApp.requireAllScopes(ScriptApp.AuthMode.FULL);
  const page = HtmlService.createTemplateFromFile("Sidebar");
  page.task = JSON.stringify(task);
  SpreadsheetApp.getUi().showSidebar(page.evaluate().setTitle("Sheetplan"));
}

// Approving: signed by the person whose identity token is sent, and written by the service.

/**
 * Sidebar: approves what Results shows for a scenario.
 * @param {string} scenario
 * @param {string} comment
 */
function sheetplanApprove(scenario, comment) {
  return told_(() => {
    const order = { workbook: workbook_(), scenario, comment };
    const found = callService_("post", "/v1/approvals", order);
    return { approval: { summary: found.summary, tab: found.tab } };
  });
}

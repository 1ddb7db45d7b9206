// Connecting a sheet: the address is noted once sheetplan was found there, and whether it lets this person in is reported.

/**
 * Sidebar: tries an address, and notes it in the sheet where sheetplan answers.
 * @param {string} address
 */
function sheetplanConnect(address) {
  return told_(() => {
    const url = checkedUrl_(address);
    // The first calls carry no identity: it goes to nobody who does not answer as sheetplan does.
    const stranger = strangerAt_(url);
    if (stranger !== null) throw foreign_(url, stranger);
    const properties = PropertiesService.getDocumentProperties();
    // The address that was printed into the script needs no note, which would outlive the next printing.
    if (url === SHEETPLAN_.url) properties.deleteProperty(URL_PROPERTY_);
    else properties.setProperty(URL_PROPERTY_, url);
    const who = identity_();
    const { runs } = callAt_(url, "get", `/v1/runs?limit=1&workbook=${encodeURIComponent(workbook_())}`);
    return { connected: { url, email: who.email, hasRuns: runs.length > 0 } };
  });
}

/**
 * The address as it is noted.
 * @param {string} address
 */
function checkedUrl_(address) {
  const parts = /^(https?):\/\/([^\s/?#@]+)(\/[^\s?#]*)?$/i.exec(address);
  const isLocal = parts !== null && /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(parts[2]);
  if (parts === null || (parts[1].toLowerCase() !== "https" && !isLocal)) {
    const shown = address ? `"${address}" is not a valid address.` : "No address was entered.";
    throw new ProblemError_("The address is not valid", shown, [
      "It must begin with https:// and contain no password, question mark or space, for example https://sheetplan.example.com",
      "Choose Sheetplan > Connect... and enter the address from your operator.",
    ]);
  }
  return address.replace(/\/+$/, "");
}

/**
 * The HTTP status of whatever is there instead of sheetplan; null where sheetplan is. Some hosts keep addresses that end
 * in z for themselves, so the service's description of itself counts too.
 * @param {string} url
 */
function strangerAt_(url) {
  const health = fetch_(url, "/healthz", {});
  const said = parsed_(health.getContentText());
  if (health.getResponseCode() === 200 && said && said.status === "ok" && said.checks) return null;
  const description = parsed_(fetch_(url, "/openapi.json", {}).getContentText());
  return description && description.info && description.info.title === "sheetplan" ? null : health.getResponseCode();
}

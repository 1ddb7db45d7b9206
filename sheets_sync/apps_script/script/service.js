// Calls of the service, in the name of whoever clicked, and what goes wrong with them, in words.

const URL_PROPERTY_ = "sheetplan.url";

/**
 * What went wrong, for people: what, why, what to do, and what to send to whoever runs the service.
 * @typedef {{title: string, detail: string, advice: string[], forOperator: string}} Problem
 */

/** An expected problem, thrown to whichever function the sidebar called. */
class ProblemError_ extends Error {
  /**
   * @param {string} title
   * @param {string} detail
   * @param {string[]} [advice]
   * @param {string} [forOperator]
   */
  constructor(title, detail, advice = [], forOperator = "") {
    super(`${title}: ${detail}`);
    /** @type {Problem} */
    this.problem = { title, detail, advice, forOperator };
  }
}

/** The service answers, and does not know what it was asked for (any more). */
class NotThereError_ extends ProblemError_ {}

/**
 * What a function of the sidebar answers: its result, or the problem.
 * @template T
 * @param {() => T} work
 * @returns {T | {problem: Problem}}
 */
function told_(work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProblemError_) return { problem: error.problem };
    throw error;
  }
}

/** The service's address without a slash at its end; empty where the sheet is not connected. */
function serviceUrl_() {
  return PropertiesService.getDocumentProperties().getProperty(URL_PROPERTY_) || SHEETPLAN_.url;
}

/** This spreadsheet's id: the only workbook that the script ever asks for. */
function workbook_() {
  return SpreadsheetApp.getActive().getId();
}

/**
 * Who clicked, as Google signs it; the token goes to the service and nowhere else.
 * @returns {{token: string, email: string, audience: string}}
 */
function identity_() {
  const missing = [
    "In the script editor, compare appsscript.json with what sheetplan apps-script prints: it must list openid and " +
      "userinfo.email.",
    "Then reload the sheet, choose the menu again, and grant every permission that Google asks for.",
    "If you are signed in to several Google accounts, open the sheet in a private window with the one that may edit it.",
  ];
  const token = ScriptApp.getIdentityToken();
  if (!token) {
    throw new ProblemError_("Google does not identify you", "It gave this script no identity token.", missing);
  }
  const part = token.split(".")[1];
  const bytes = Utilities.base64DecodeWebSafe(part + "=".repeat((4 - (part.length % 4)) % 4));
  const claims = JSON.parse(Utilities.newBlob(bytes).getDataAsString());
  if (!claims.email) {
    throw new ProblemError_("Google does not identify you", "The identity token has no e-mail address.", missing);
  }
  return { token, email: claims.email, audience: claims.aud };
}

/**
 * One call of the connected service; answers its JSON document.
 * @param {"get" | "post"} method
 * @param {string} path
 * @param {object} [body]
 * @param {string} [idempotencyKey]
 */
function callService_(method, path, body, idempotencyKey) {
  const url = serviceUrl_();
  if (!url) {
    throw new ProblemError_("This sheet is not connected yet", "The script does not know where sheetplan runs.", [
      "Choose Sheetplan > Connect... and enter the address from your operator.",
    ]);
  }
  return callAt_(url, method, path, body, idempotencyKey);
}

/**
 * @param {string} url
 * @param {"get" | "post"} method
 * @param {string} path
 * @param {object} [body]
 * @param {string} [idempotencyKey]
 */
function callAt_(url, method, path, body, idempotencyKey) {
  const who = identity_();
  /** @type {Record<string, string>} */
  const headers = { Authorization: `Bearer ${who.token}` };
  if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
  const answer = fetch_(url, path, {
    method,
    headers,
    ...(body ? { contentType: "application/json", payload: JSON.stringify(body) } : {}),
  });
  const status = answer.getResponseCode();
  const document = parsed_(answer.getContentText());
  if (status >= 200 && status < 300 && document) return document;
  throw refusal_(url, status, document, who);
}

/**
 * @param {string} url
 * @param {string} path
 * @param {GoogleAppsScript.URL_Fetch.URLFetchRequestOptions} options
 */
function fetch_(url, path, options) {
  try {
    // Redirects are not followed: the identity token must not travel to an address that nobody entered.
    return UrlFetchApp.fetch(url + path, { ...options, muteHttpExceptions: true, followRedirects: false });
  } catch (error) {
    const message = /** @type {{message?: string}} */ (error).message || String(error);
    throw new ProblemError_("The service cannot be reached", `${url} gave no answer. Google says: ${message}`, [
      "Try again in a minute. If that does not help, ask your operator whether the service is running.",
      "Google calls it from its own network, so it cannot reach an address on your machine or office network.",
      "If Google says that the address is not allowed, add it to urlFetchWhitelist in appsscript.json.",
    ]);
  }
}

/**
 * The JSON object in a text; null for anything else.
 * @param {string} text
 * @returns {any}
 */
function parsed_(text) {
  try {
    const found = JSON.parse(text);
    return found !== null && typeof found === "object" ? found : null;
  } catch {
    return null;
  }
}

/**
 * Why the service did not do it.
 * @param {string} url
 * @param {number} status
 * @param {any} document
 * @param {{email: string, audience: string}} who
 */
function refusal_(url, status, document, who) {
  if (!document || typeof document.detail !== "string") return foreign_(url, status);
  const detail = document.detail;
  if (status === 401) {
    const advice = detail.includes("audience")
      ? [
          "The service does not know this script yet: each script has a client id of its own, also in a copied sheet. " +
            "Send your operator the lines below.",
        ]
      : ["Reload the sheet and try again. If it happens again, send your operator the lines below."];
    const lines = `[service]\naudience = ["${who.audience}"]\n\n# I am ${who.email}`;
    return new ProblemError_("The service does not accept your identity", detail, advice, lines);
  }
  if (status === 403) {
    const address = `https://docs.google.com/spreadsheets/d/${workbook_()}`;
    return new ProblemError_(
      "You may not run this sheet",
      detail,
      ["Send your operator the lines below. The sheet must also be shared with the service's account, as Editor."],
      `[workbooks.NAME]\nlocation = "${address}"\nallowed = ["${who.email}"]`,
    );
  }
  if (document.type === "urn:sheetplan:problem:not-adoptable") {
    return new ProblemError_("The sheet cannot be set up yet", detail, ["Change that in the sheet, and try again."]);
  }
  if (String(document.type).endsWith(":not-approvable")) {
    return new ProblemError_("This cannot be approved", detail, []);
  }
  /** @type {Record<number, [string, string]>} */
  const words = {
    404: ["Not found", "Old runs are deleted after some time; see the tab Runs."],
    409: ["Not possible at the moment", "Try again in a minute."],
    413: ["The request is too large", "Run fewer scenarios at once."],
    422: ["The service did not understand the request", "If it happens again, tell your operator."],
    424: ["The service cannot read this sheet", "Share it with the service's account, as Editor."],
    429: ["Too many requests", "Wait a minute."],
    503: ["The service is busy", "Try again in a minute."],
  };
  const [title, advice] = words[status] || ["The service failed", "Tell your operator; the service's log has details."];
  return status === 404 ? new NotThereError_(title, detail, [advice]) : new ProblemError_(title, detail, [advice]);
}

/**
 * Something answered that does not speak as the service does.
 * @param {string} url
 * @param {number} status
 */
function foreign_(url, status) {
  if (status === 502 || status === 503 || status === 504) {
    return new ProblemError_("The service is down", `${url} reports that the service behind it does not answer.`, [
      "Try again in a minute. If that does not help, tell your operator.",
    ]);
  }
  if (status === 401 || status === 403) {
    return new ProblemError_("The service lets nobody in", `${url} answers with HTTP ${status} before sheetplan sees the call.`, [
      "If the service runs on Cloud Run, your operator must allow unauthenticated invocations: sheetplan itself checks who " +
        "calls.",
      "If it is behind a sign-in page or a firewall, your operator must let Google's network through to it.",
    ]);
  }
  const moved = status >= 300 && status < 400 ? " It redirects to another address, which is not followed." : "";
  return new ProblemError_(
    "This is not sheetplan",
    `Something else answers at ${url} (HTTP ${status}).${moved}`,
    ["Compare the address with the one from your operator: Sheetplan > Connect..."],
  );
}

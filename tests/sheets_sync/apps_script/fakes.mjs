// Google's services as the script sees them, faked at their public surface: tsc compares each with Google's own types.
// What leaves Google is real: UrlFetchApp makes HTTP calls, and the sheet's cells are those of the local Google.

import { randomUUID } from "node:crypto";
import { callAndWait } from "./http.mjs";

/**
 * One person at one spreadsheet.
 * @typedef {{spreadsheetId: string, google: string, token: string | null, manifest: any,
 *   files: Record<string, string>}} Situation
 */

/**
 * A fake where Google's type has more than the script uses; using more fails when it is called.
 * @template T
 * @param {unknown} fake
 * @returns {T}
 */
const as = (fake) => /** @type {T} */ (fake);

/** @implements {Pick<GoogleAppsScript.Properties.Properties, "getProperty" | "setProperty" | "deleteProperty">} */
class Properties {
  /** @type {Map<string, string>} */
  values = new Map();

  /** @param {string} key */
  getProperty(key) {
    return this.values.get(key) ?? null;
  }

  /** @param {string} key @param {string} value @returns {GoogleAppsScript.Properties.Properties} */
  setProperty(key, value) {
    this.values.set(key, value);
    return as(this);
  }

  /** @param {string} key @returns {GoogleAppsScript.Properties.Properties} */
  deleteProperty(key) {
    this.values.delete(key);
    return as(this);
  }
}

/** @implements {Pick<GoogleAppsScript.Lock.Lock, "tryLock" | "releaseLock">} */
class Lock {
  isHeld = false;
  /** Whether another execution of the same person holds it. */
  isTaken = false;

  /** @param {number} _timeoutMs */
  tryLock(_timeoutMs) {
    if (this.isTaken) return false;
    this.isHeld = true;
    return true;
  }

  releaseLock() {
    this.isHeld = false;
  }
}

/** @implements {Pick<GoogleAppsScript.Spreadsheet.Range, "getDisplayValues" | "getRow" | "getSheet" | "activate">} */
class Range {
  /** @param {Sheet} sheet @param {string} a1 */
  constructor(sheet, a1) {
    this.sheet = sheet;
    this.a1 = a1;
  }

  getDisplayValues() {
    return this.sheet.rows();
  }

  getRow() {
    return Number(/\d+/.exec(this.a1)?.[0]);
  }

  /** @returns {GoogleAppsScript.Spreadsheet.Sheet} */
  getSheet() {
    return as(this.sheet);
  }

  /** @returns {GoogleAppsScript.Spreadsheet.Range} */
  activate() {
    this.sheet.book.activeCell = this;
    return as(this);
  }
}

/** @implements {Pick<GoogleAppsScript.Spreadsheet.Sheet, "getName" | "getSheetId" | "getDataRange" | "getRange">} */
class Sheet {
  /** @param {Spreadsheet} book @param {any} stored */
  constructor(book, stored) {
    this.book = book;
    this.stored = stored;
  }

  getName() {
    return this.stored.properties.title;
  }

  getSheetId() {
    return this.stored.properties.sheetId;
  }

  /** @returns {GoogleAppsScript.Spreadsheet.Range} */
  getDataRange() {
    return as(new Range(this, "A1"));
  }

  /** @param {string | number} a1 @returns {GoogleAppsScript.Spreadsheet.Range} */
  getRange(a1) {
    return as(new Range(this, String(a1)));
  }

  /** The cells as shown, as far as any holds something, each row as wide as the widest. */
  rows() {
    /** @type {any[]} */
    const stored = this.stored.data?.[0]?.rowData ?? [];
    const shown = stored.map((row) => (row.values ?? []).map((/** @type {any} */ cell) => cell.formattedValue ?? ""));
    const width = Math.max(1, ...shown.map((row) => row.findLastIndex((/** @type {string} */ text) => text) + 1));
    const height = Math.max(1, shown.findLastIndex((row) => row.some(Boolean)) + 1);
    const blank = Array(width).fill("");
    return Array.from({ length: height }, (_, at) => [...(shown[at] ?? []), ...blank].slice(0, width));
  }
}

/** @implements {Pick<GoogleAppsScript.Spreadsheet.Spreadsheet, "getId" | "getSheets" | "getSheetByName">} */
class Spreadsheet {
  /** @type {Range | null} */
  activeCell = null;

  /** @param {Situation} situation */
  constructor(situation) {
    this.situation = situation;
  }

  getId() {
    return this.situation.spreadsheetId;
  }

  /** @returns {GoogleAppsScript.Spreadsheet.Sheet[]} */
  getSheets() {
    const url = `${this.situation.google}/__admin__/workbooks/${this.getId()}`;
    const stored = JSON.parse(callAndWait({ url, method: "get", headers: {}, follows: true }).text);
    return stored.sheets.map((/** @type {any} */ sheet) => as(new Sheet(this, sheet)));
  }

  /** @param {string} name @returns {GoogleAppsScript.Spreadsheet.Sheet | null} */
  getSheetByName(name) {
    return this.getSheets().find((sheet) => sheet.getName() === name) ?? null;
  }
}

const ButtonSet = /** @type {const} */ ({ OK: "OK", OK_CANCEL: "OK_CANCEL" });
const Button = /** @type {const} */ ({ OK: "OK", CANCEL: "CANCEL" });

/** @implements {Pick<GoogleAppsScript.Base.Menu, "addItem" | "addSeparator" | "addToUi">} */
class Menu {
  /** @type {[string, string][]} */
  items = [];

  /** @param {Ui} ui @param {string} caption */
  constructor(ui, caption) {
    this.ui = ui;
    this.caption = caption;
  }

  /** @param {string} caption @param {string} functionName @returns {GoogleAppsScript.Base.Menu} */
  addItem(caption, functionName) {
    this.items.push([caption, functionName]);
    return as(this);
  }

  /** @returns {GoogleAppsScript.Base.Menu} */
  addSeparator() {
    return as(this);
  }

  addToUi() {
    this.ui.menus.push(this);
  }
}

/** @implements {Pick<GoogleAppsScript.Base.Ui, "alert" | "prompt" | "createMenu" | "showSidebar">} */
class Ui {
  ButtonSet = ButtonSet;
  Button = Button;
  /** @type {Menu[]} */
  menus = [];
  /** What people were told. @type {string[]} */
  alerts = [];
  /** What people were asked. @type {string[]} */
  questions = [];
  /** What they answer; null presses Cancel. @type {string | null} */
  answer = null;
  /** The page of the sidebar. @type {string | null} */
  sidebar = null;

  /** @param {string} title @param {unknown} [text] @returns {GoogleAppsScript.Base.Button} */
  alert(title, text) {
    this.alerts.push(`${title}: ${text}`);
    return as(Button.OK);
  }

  /** @param {string} title @param {unknown} [text] @returns {GoogleAppsScript.Base.PromptResponse} */
  prompt(title, text) {
    this.questions.push(`${title}: ${text}`);
    const answer = this.answer;
    return as({
      getSelectedButton: () => (answer === null ? Button.CANCEL : Button.OK),
      getResponseText: () => answer ?? "",
    });
  }

  /** @param {string} caption @returns {GoogleAppsScript.Base.Menu} */
  createMenu(caption) {
    return as(new Menu(this, caption));
  }

  /** @param {GoogleAppsScript.HTML.HtmlOutput} page */
  showSidebar(page) {
    this.sidebar = page.getContent();
  }
}

/** A page: each `<?= name ?>` in it is replaced by the property of that name, as text of HTML. */
class Template {
  /** @param {string} text */
  constructor(text) {
    /** @type {() => unknown} */
    this.evaluate = () => {
      const values = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this));
      const page = text.replace(/<\?=\s*(\w+)\s*\?>/g, (_, name) => escaped(String(values[name])));
      const output = { getContent: () => page, setTitle: () => output };
      return output;
    };
  }
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** @implements {Pick<GoogleAppsScript.URL_Fetch.UrlFetchApp, "fetch">} */
class UrlFetchApp {
  /** Every call that the script made. @type {{url: string, method: string, headers: Record<string, string>}[]} */
  calls = [];
  /** Called after each call was made, before its answer is seen. @type {(url: string) => void} */
  onAnswer = () => {};

  /** @param {World} world */
  constructor(world) {
    this.world = world;
  }

  /**
   * @param {string} url
   * @param {GoogleAppsScript.URL_Fetch.URLFetchRequestOptions} options
   * @returns {GoogleAppsScript.URL_Fetch.HTTPResponse}
   */
  fetch(url, options = {}) {
    const allowed = this.world.situation.manifest.urlFetchWhitelist;
    if (allowed && !allowed.some((/** @type {string} */ prefix) => url.startsWith(prefix))) {
      throw new Error(`The URL ${url} is not allowed by urlFetchWhitelist.`);
    }
    const type = options.contentType ?? "application/x-www-form-urlencoded";
    const headers = { ...(options.payload ? { "Content-Type": type } : {}), .../** @type {any} */ (options.headers) };
    const method = String(options.method ?? "get");
    this.calls.push({ url, method, headers });
    if (method === "post" && url.endsWith("/v1/runs") && !this.world.lock.isHeld) {
      throw new Error("An order was sent without holding the lock.");
    }
    const answer = callAndWait({
      url,
      method,
      headers,
      body: options.payload === undefined ? undefined : String(options.payload),
      follows: options.followRedirects ?? true,
    });
    this.onAnswer(url);
    if (!options.muteHttpExceptions && answer.status >= 400) throw new Error(`Request failed for ${url}`);
    return as({ getResponseCode: () => answer.status, getContentText: () => answer.text });
  }
}

/** All services, in the state of one person at one sheet; `services` is what the script's global names mean. */
export class World {
  /** @param {Situation} situation */
  constructor(situation) {
    this.situation = situation;
    this.ui = new Ui();
    this.book = new Spreadsheet(situation);
    this.documentProperties = new Properties();
    this.userProperties = new Properties();
    this.lock = new Lock();
    this.fetcher = new UrlFetchApp(this);
    /** Which rights were asked for before anything else. */
    this.scopesRequired = 0;
    this.services = this.#services();
  }

  /** A tab of the sheet as it is now. @param {string} tab @param {string} a1 */
  select(tab, a1) {
    this.book.getSheetByName(tab)?.getRange(a1).activate();
  }

  #services() {
    const world = this;
    /** @type {Pick<GoogleAppsScript.Spreadsheet.SpreadsheetApp, "getActive" | "getCurrentCell" | "getUi">} */
    const SpreadsheetApp = {
      getActive: () => as(world.book),
      getCurrentCell: () => as(world.book.activeCell),
      getUi: () => as(world.ui),
    };
    /** @type {Pick<GoogleAppsScript.Properties.PropertiesService, "getDocumentProperties" | "getUserProperties">} */
    const PropertiesService = {
      getDocumentProperties: () => as(world.documentProperties),
      getUserProperties: () => as(world.userProperties),
    };
    /** @type {Pick<GoogleAppsScript.Lock.LockService, "getUserLock">} */
    const LockService = { getUserLock: () => as(world.lock) };
    /** @type {Pick<GoogleAppsScript.Script.ScriptApp, "getIdentityToken" | "requireAllScopes" | "AuthMode">} */
    const ScriptApp = {
      AuthMode: as({ FULL: "FULL" }),
      // Google gives a token only where the scope openid was granted; its type says otherwise.
      getIdentityToken: () =>
        as(world.situation.manifest.oauthScopes.includes("openid") ? world.situation.token : null),
      requireAllScopes: () => {
        world.scopesRequired += 1;
      },
    };
    /** @type {Pick<GoogleAppsScript.Utilities.Utilities, "base64DecodeWebSafe" | "newBlob" | "getUuid">} */
    const Utilities = {
      base64DecodeWebSafe: (text) => {
        if (text.length % 4) throw new Error("Could not decode string.");
        return [...Buffer.from(text, "base64url")];
      },
      newBlob: (/** @type {any} */ bytes) => as({ getDataAsString: () => Buffer.from(bytes).toString("utf8") }),
      getUuid: () => randomUUID(),
    };
    /** @type {Pick<GoogleAppsScript.HTML.HtmlService, "createTemplateFromFile">} */
    const HtmlService = {
      createTemplateFromFile: (name) => as(new Template(world.situation.files[`${name}.html`])),
    };
    return {
      SpreadsheetApp,
      PropertiesService,
      LockService,
      ScriptApp,
      Utilities,
      HtmlService,
      UrlFetchApp: this.fetcher,
    };
  }
}

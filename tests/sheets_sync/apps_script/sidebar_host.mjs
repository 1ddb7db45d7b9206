// The sidebar in a browser: serves its page as the menu opens it, and passes calls of google.script.run to the script.
// GET /?sheet=NAME&choose=CAPTION[&cell=TAB!A1][&answer=TEXT] is a choice in the menu; POST /call is a call of the page.

import { createServer } from "node:http";
import { Script } from "./runtime.mjs";

/** One script for each sheet, as one person has it open. @type {Map<string, Script>} */
const scripts = new Map();

/** google.script.run at its public surface, inside the page. */
const RUN = `<script>
  "use strict";
  const google = { script: { run: runner({}) } };
  function runner(handlers) {
    const named = {
      withSuccessHandler: (handler) => runner({ ...handlers, success: handler }),
      withFailureHandler: (handler) => runner({ ...handlers, failure: handler }),
    };
    return new Proxy(named, {
      get: (target, name) => target[name] || ((...values) => {
        fetch("/call" + location.search, { method: "POST", body: JSON.stringify({ name, values }) })
          .then((answer) => answer.json())
          .then(({ found, error }) => error ? handlers.failure(new Error(error)) : handlers.success(found));
      }),
    });
  }
</script>`;

const server = createServer(async (request, answer) => {
  const { pathname, searchParams: asked } = new URL(request.url ?? "/", "http://127.0.0.1");
  if (pathname === "/" || pathname === "/call") {
    const sheet = asked.get("sheet") ?? "";
    const script = scripts.get(sheet) ?? new Script({ sheet });
    scripts.set(sheet, script);
    if (pathname === "/") {
      answer.setHeader("Content-Type", "text/html; charset=utf-8");
      answer.end(chosen(script, asked));
    } else {
      answer.end(JSON.stringify(called(script, await textOf(request))));
    }
    return;
  }
  if (pathname === "/cell") {
    const cell = scripts.get(asked.get("sheet") ?? "")?.world.book.activeCell;
    answer.end(cell ? `${cell.sheet.getName()}!${cell.a1}` : "");
    return;
  }
  answer.writeHead(204).end();
});

/** @param {Script} script @param {URLSearchParams} asked */
function chosen(script, asked) {
  const [tab, cell] = (asked.get("cell") ?? "").split("!");
  if (cell) script.world.select(tab, cell);
  script.world.ui.answer = asked.get("answer");
  script.choose(asked.get("choose") ?? "");
  return (script.world.ui.sidebar ?? "").replace("<head>", `<head>${RUN}`);
}

/** @param {Script} script @param {string} body */
function called(script, body) {
  const { name, values } = JSON.parse(body);
  try {
    return { found: script.call(name, ...values) };
  } catch (error) {
    return { error: /** @type {Error} */ (error).message };
  }
}

/** @param {import("node:http").IncomingMessage} request */
async function textOf(request) {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return text;
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address === "object") console.log(`http://127.0.0.1:${address.port}`);
});

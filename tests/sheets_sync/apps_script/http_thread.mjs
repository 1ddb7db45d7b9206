// The thread of http.mjs.

import { workerData } from "node:worker_threads";

/** A call of UrlFetchApp ends after a minute. */
const PATIENCE_MS = 60_000;
const { bell, port } = workerData;

port.on("message", async (/** @type {import("./http.mjs").Call} */ call) => {
  port.postMessage(await answerOf(call));
  Atomics.store(bell, 0, 1);
  Atomics.notify(bell, 0);
});

/** @param {import("./http.mjs").Call} call */
async function answerOf(call) {
  try {
    const answer = await fetch(call.url, {
      method: call.method,
      headers: call.headers,
      body: call.body,
      redirect: call.follows ? "follow" : "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
  } catch (error) {
    const cause = /** @type {any} */ (error).cause;
    const kind = cause?.code === "ENOTFOUND" ? "DNS error" : "Address unavailable";
    return { error: `${/** @type {any} */ (error).name === "TimeoutError" ? "Timeout" : kind}: ${call.url}` };
  }
}

// HTTP calls that block, as those of UrlFetchApp do: a thread makes them while the caller waits.

import { MessageChannel, Worker, receiveMessageOnPort } from "node:worker_threads";

/**
 * @typedef {{url: string, method: string, headers: Record<string, string>, body?: string, follows: boolean}} Call
 * @typedef {{status: number, headers: Record<string, string>, text: string}} Answer
 */

const bell = new Int32Array(new SharedArrayBuffer(4));
const { port1: near, port2: far } = new MessageChannel();
const thread = new Worker(new URL("./http_thread.mjs", import.meta.url), {
  workerData: { bell, port: far },
  transferList: [far],
});
thread.unref();

/**
 * One call, with an answer of any status.
 * @param {Call} call
 * @returns {Answer}
 * @throws {Error} with Google's words where there is none
 */
export function callAndWait(call) {
  Atomics.store(bell, 0, 0);
  near.postMessage(call);
  Atomics.wait(bell, 0, 0);
  const received = receiveMessageOnPort(near);
  if (!received) throw new Error("The thread that makes calls has ended.");
  if (received.message.error) throw new Error(received.message.error);
  return received.message;
}

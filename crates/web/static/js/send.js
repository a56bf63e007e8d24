// Sends a recording and brings back what the server made of it. A busy server is waited for.

import { pause } from "./dom.js";
import { network } from "./network.js";

/** Times that a busy server is asked again before the learner has to. */
const PATIENCE = 8;

/** The server, or the way to it, failed; the recording is still here. */
export class SendingFailed extends Error {}

/**
 * @typedef {object} Answer
 * @property {boolean} ok there is a result, good or bad
 * @property {string} html a part of the page
 */

/**
 * @param {HTMLFormElement} form
 * @param {Blob} recording
 * @param {AbortSignal} signal
 * @param {() => void} onBusy called each time the server is too busy
 * @returns {Promise<Answer>}
 */
export async function send(form, recording, signal, onBusy) {
  const body = new FormData(form);
  body.set("recording", recording, recording instanceof File ? recording.name : "recording");
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetch(form.action, { method: "POST", body, headers: { "X-Partial": "1", "X-Network": network() }, signal }).catch(
      (error) => {
        if (signal.aborted) throw error;
        throw new SendingFailed();
      },
    );
    if (response.status !== 503) {
      return { ok: response.ok, html: await response.text() };
    }
    if (attempt === PATIENCE) return { ok: false, html: await response.text() };
    onBusy();
    const seconds = Number(response.headers.get("Retry-After")) || 2;
    // Spread out, so that a whole class does not come back at the same moment.
    await pause(seconds * 1000 * (0.75 + Math.random() / 2), signal);
  }
}

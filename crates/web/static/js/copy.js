// The page of a copy that is being made: tells how far it has come, without being asked again.

import { fragment, rest } from "./dom.js";

/** The server holds an answer for ten seconds at most; after this it is not coming. */
const PATIENCE_MS = 20_000;
/** Never more often than this, even if the server does not hold the request. */
const LEAST_MS = 1000;

/** @param {HTMLElement} root */
export async function followCopy(root) {
  for (let failures = 0; failures < 30; ) {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      const response = await fetch(root.dataset.copy ?? "", { headers: { "X-Partial": "1" }, signal });
      if (response.ok) root.replaceChildren(fragment(await response.text()));
      if (response.ok ? !response.headers.has("x-waiting") : response.status < 500) return;
      failures = response.ok ? 0 : failures + 1;
    } catch {
      failures += 1;
    }
    await rest(LEAST_MS + failures * 1000, new AbortController().signal);
  }
}

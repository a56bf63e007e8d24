// What is known of the network, and how sparing the person wants to be with it. Few browsers tell the kind of network:
// Chrome on Android does, Safari and Firefox do not.

/**
 * The Network Information API, as far as it is used here (WICG).
 * @typedef {EventTarget & { type?: string, saveData?: boolean }} Connection
 */

/** @returns {Connection | undefined} */
function connection() {
  return /** @type {{ connection?: Connection }} */ (globalThis.navigator ?? {}).connection;
}

/** What the page says of the person's choices; a page without any is as the device is set. */
const chosen = () => globalThis.document?.documentElement.dataset ?? {};

/**
 * The kind of network, as the server counts it.
 * @returns {"wifi" | "cellular" | "other" | "unknown"}
 */
export function network() {
  const type = connection()?.type;
  if (type === "wifi" || type === "cellular") return type;
  return type === undefined || type === "unknown" || type === "none" ? "unknown" : "other";
}

/** Whether this browser tells its network at all. */
export function tellsNetwork() {
  return connection()?.type !== undefined;
}

/** Whether sound waits until it is tapped, and recordings are made small. */
export function saving() {
  switch (chosen().saver) {
    case "always":
      return true;
    case "never":
      return false;
    case "mobile":
      return ["cellular", "unknown"].includes(network());
    default:
      return (connection()?.saveData ?? false) || matches("(prefers-reduced-data: reduce)");
  }
}

/** @param {string} query */
function matches(query) {
  return globalThis.matchMedia?.(query).matches ?? false;
}

/** Whether recordings wait for Wi-Fi now. Where the browser does not tell its network, nothing waits. */
export function waitsForWifi() {
  return chosen().wifi !== undefined && network() === "cellular";
}

/** Whether nothing may play by itself. */
export function quiet() {
  return chosen().quiet !== undefined;
}

/** @param {() => void} act called when the network may be another */
export function onNetworkChange(act) {
  connection()?.addEventListener?.("change", act);
}

// Messages that the browser shows also when no page of ours is open: switched on and off for this browser.

import { need } from "./dom.js";
import { tell } from "./push_address.js";

/** @typedef {"on" | "cannot" | "denied" | "failed"} Said */

/** @param {HTMLElement} root */
export async function startPush(root) {
  const start = need(root, "[data-push-start]", HTMLButtonElement);
  const stop = need(root, "[data-push-stop]", HTMLFormElement);
  /** @param {Said | undefined} said */
  const say = (said) => {
    for (const line of root.querySelectorAll("[data-push-said]")) {
      if (line instanceof HTMLElement) line.hidden = line.dataset.pushSaid !== said;
    }
    start.hidden = said === "on" || said === "cannot" || said === "denied";
    stop.hidden = said !== "on";
  };
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return say("cannot");
  const worker = await navigator.serviceWorker.ready;
  const known = await worker.pushManager.getSubscription();
  // What was switched off in the browser itself is off, whatever we were told before.
  const on = "on" in root.dataset && known !== null && Notification.permission === "granted";
  say(on ? "on" : Notification.permission === "denied" ? "denied" : undefined);
  start.addEventListener("click", async () => {
    start.disabled = true;
    try {
      say((await Notification.requestPermission()) === "granted" ? await subscribe(worker, root.dataset.push ?? "") : "denied");
    } catch {
      say("failed");
    } finally {
      start.disabled = false;
    }
  });
  stop.addEventListener("submit", (event) => {
    event.preventDefault();
    // Even where the browser cannot forget it, the server does.
    void worker.pushManager
      .getSubscription()
      .then((kept) => kept?.unsubscribe())
      .catch(() => {})
      .then(() => stop.submit());
  });
}

/**
 * Has the browser make an address, and tells the server of it.
 * @param {ServiceWorkerRegistration} worker
 * @param {string} key By which the browser knows who may send there.
 * @returns {Promise<Said>}
 */
async function subscribe(worker, key) {
  // An address made for another key is of no use.
  await (await worker.pushManager.getSubscription())?.unsubscribe();
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  return (await tell(made)) ? "on" : "failed";
}

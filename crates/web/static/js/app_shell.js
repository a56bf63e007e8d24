// Lets the browser keep our own files, and a page for when there is no network. Only for who has an account here: visitors
// leave nothing behind.

/** Starts it; where it cannot be, everything works as before. */
export function keepShell() {
  if (!("serviceWorker" in navigator) || !document.querySelector(".me")) return;
  navigator.serviceWorker.register("/service-worker.js").catch(() => {});
}

// Small controls that stand on many pages: players, the menu, the field that shows a password.

import { fill } from "./sound.js";

/** One button instead of the browser's player; only one recording is heard at a time. */
export function watchPlayers() {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-listen]") : null;
    const audio = button?.parentElement?.querySelector("audio");
    if (!button || !audio) return;
    if (audio.paused) {
      for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
      void fill(audio).then(() => audio.play()).catch(() => undefined);
    } else {
      audio.pause();
      audio.currentTime = 0;
    }
  });
  for (const kind of ["play", "pause", "ended"]) {
    // These do not bubble, but they can be caught on their way down.
    document.addEventListener(kind, ({ target }) => {
      const button = target instanceof Element ? target.parentElement?.querySelector("[data-listen]") : null;
      button?.setAttribute("aria-pressed", String(kind === "play"));
    }, true);
  }
}

/** The menu closes when one looks elsewhere. */
export function watchMenus() {
  const open = () => [...document.querySelectorAll("details[data-menu][open]")];
  document.addEventListener("click", ({ target }) => {
    for (const menu of open()) if (target instanceof Node && !menu.contains(target)) menu.removeAttribute("open");
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const menu of open()) {
      menu.removeAttribute("open");
      menu.querySelector("summary")?.focus();
    }
  });
}

/** Shows what is typed as a password, and hides it again before it is sent. */
export function watchPasswords() {
  for (const button of document.querySelectorAll("[data-show]")) {
    const field = document.getElementById(button.getAttribute("data-show") ?? "");
    if (!(field instanceof HTMLInputElement)) continue;
    const show = (/** @type {boolean} */ shown) => {
      field.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
    };
    button.addEventListener("click", () => show(field.type === "password"));
    field.form?.addEventListener("submit", () => show(false));
  }
}

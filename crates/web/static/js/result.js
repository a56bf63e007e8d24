// The result: a word is tapped, its sounds are shown and one's own voice is heard.

import { say } from "./voices.js";

/** @typedef {import("./voices.js").Playback} Playback */

/**
 * Brings a result to life.
 * @param {HTMLElement} slot
 * @param {Playback | undefined} playback
 * @param {() => void} again
 */
export function enliven(slot, playback, again) {
  for (const button of slot.querySelectorAll("[data-play]")) {
    if (button instanceof HTMLElement) {
      button.hidden = !playback;
      button.addEventListener("click", () => void playback?.play(Number(button.dataset.start), Number(button.dataset.end)));
    }
  }
  for (const button of slot.querySelectorAll("[data-say]")) {
    button.addEventListener("click", () => say(button.getAttribute("data-say") ?? ""));
  }
  slot.querySelector("[data-again]")?.addEventListener("click", again);
  const words = [...slot.querySelectorAll("[data-word]")];
  for (const word of words) {
    const detail = slot.querySelector(`#word-${word.getAttribute("data-word")}`);
    if (!(word instanceof HTMLElement) || !(detail instanceof HTMLElement)) continue;
    word.setAttribute("role", "button");
    word.setAttribute("aria-controls", detail.id);
    word.setAttribute("aria-expanded", "false");
    const choose = () => {
      for (const other of words) other.setAttribute("aria-expanded", String(other === word));
      for (const other of slot.querySelectorAll(".detail")) other.toggleAttribute("data-shown", other === detail);
      const button = detail.querySelector("[data-play]");
      if (button instanceof HTMLElement) {
        void playback?.play(Number(button.dataset.start), Number(button.dataset.end));
      }
    };
    word.addEventListener("click", (event) => {
      event.preventDefault();
      choose();
    });
    word.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault();
        choose();
      }
    });
  }
}

// The result: a word is tapped, its sounds are shown and one's own voice is heard.

import { say } from "./voices.js";

/** @typedef {import("./voices.js").Playback} Playback */
/** @typedef {(number: number, text: string) => Promise<boolean | undefined>} SayWord */

/**
 * Brings a result to life.
 * @param {HTMLElement} slot
 * @param {Playback | undefined} playback
 * @param {() => void} again
 * @param {SayWord} [sayWord] plays a word of the course audio
 */
export function enliven(slot, playback, again, sayWord) {
  const mine = (/** @type {Element | null} */ button) => {
    if (button instanceof HTMLElement) void playback?.play(Number(button.dataset.start), Number(button.dataset.end));
  };
  // The model, then oneself: the ear compares best what it hears one after the other.
  const pair = async (/** @type {HTMLElement} */ button) => {
    const heard = await sayWord?.(Number(button.dataset.pair), button.dataset.wordText ?? "");
    if (heard !== false) mine(button.parentElement?.querySelector("[data-play]") ?? null);
  };
  for (const button of slot.querySelectorAll("[data-play]")) {
    button.toggleAttribute("hidden", !playback);
    button.addEventListener("click", () => mine(button));
  }
  for (const button of slot.querySelectorAll("[data-pair]")) {
    button.toggleAttribute("hidden", !playback || !sayWord);
    button.addEventListener("click", () => void (button instanceof HTMLElement && pair(button)));
  }
  for (const button of slot.querySelectorAll("[data-say]")) {
    button.addEventListener("click", () => void say(button.getAttribute("data-say") ?? ""));
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
      const both = detail.querySelector("[data-pair]:not([hidden])");
      if (both instanceof HTMLElement) void pair(both);
      else mine(detail.querySelector("[data-play]"));
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

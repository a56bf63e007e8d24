// The keys of the review. Single keys work only outside of fields, and can be switched off (WCAG 2.1.4).

import { need } from "./dom.js";

/** @typedef {import("./review.js").Review} Review */

/**
 * Listens to the keyboard.
 * @param {Review} review
 */
export function readKeys(review) {
  const dialog = need(review.root, "[data-keys-dialog]", HTMLDialogElement);
  const on = need(review.root, "[data-keys-on]", HTMLInputElement);
  document.addEventListener("keydown", (event) => {
    if (dialog.open || event.isComposing) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (target.matches("textarea, input, select")) return inField(review, event, target);
    if (!on.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    // A focused button or link keeps its own keys.
    if ([" ", "Enter"].includes(event.key) && target.closest("a, button, summary")) return;
    const done = review.part && review.bank().contains(target) ? inBank(review, event.key) : false;
    if (done || act(review, event.key)) event.preventDefault();
  });
}

/**
 * @param {Review} review
 * @param {KeyboardEvent} event
 * @param {HTMLElement} field
 */
function inField(review, event, field) {
  if (event.key === "Escape") {
    field.blur();
    review.slot.querySelector("h1")?.focus();
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    review.decide("accepted");
  }
}

/**
 * Among the phrases a digit is a phrase; says whether the key was meant for them.
 * @param {Review} review
 * @param {string} key
 */
function inBank(review, key) {
  if (/^[1-9]$/.test(key)) review.phraseOf(key);
  else if (key === "Escape" || key === "/") review.closeBank();
  else return false;
  return true;
}

/**
 * Does what a key stands for; says whether it stands for anything.
 * @param {Review} review
 * @param {string} key
 */
function act(review, key) {
  if (key === "?") review.help();
  else if (!review.part) return false;
  else if (key === " ") review.player?.toggle();
  else if (key === "ArrowLeft") review.player?.step(-1);
  else if (key === "ArrowRight") review.player?.step(1);
  else if (["j", "n", "J", "N"].includes(key)) review.turnTo("next");
  else if (["k", "p", "K", "P"].includes(key)) review.turnTo("prev");
  else if (/^[1-5]$/.test(key)) review.give(need(review.slot, `[data-star="${key}"]`, HTMLElement).dataset.total ?? "");
  else if (key === "0") review.give("");
  else if (key === "[") review.pace(-1);
  else if (key === "]") review.pace(1);
  else if (key === "/") review.openBank();
  else if (key === "c" || key === "C") review.comment().focus();
  else if (key === "v" || key === "V") review.voice?.toggle();
  else if (key === "Enter") review.decide("accepted");
  else if (key === "r" || key === "R") review.decide("returned");
  else return false;
  return true;
}

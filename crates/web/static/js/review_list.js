// The queue as a list: choosing by keyboard, and how many are chosen. The form itself needs no script.

import { need } from "./dom.js";

class List {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.all = need(form, "[data-all]", HTMLInputElement);
    this.count = need(form, "[data-count]", HTMLElement);
    /** @type {HTMLInputElement[]} */
    this.boxes = [...form.querySelectorAll('input[name="recording"]')].filter((box) => box instanceof HTMLInputElement);
  }

  start() {
    this.all.addEventListener("change", () => {
      for (const box of this.boxes) box.checked = this.all.checked;
    });
    this.form.addEventListener("change", () => this.tell());
    // Single keys hold only while a recording has the focus (WCAG 2.1.4).
    for (const box of this.boxes) box.addEventListener("keydown", (event) => this.key(event, box));
    this.tell();
    this.boxes[0]?.focus({ preventScroll: true });
  }

  /** How many are chosen. */
  tell() {
    const chosen = this.boxes.filter((box) => box.checked).length;
    this.all.checked = chosen === this.boxes.length;
    this.all.indeterminate = chosen > 0 && !this.all.checked;
    const { none, some } = this.count.dataset;
    this.count.textContent = chosen === 0 ? (none ?? "") : (some ?? "").replace("*", String(chosen));
  }

  /**
   * @param {KeyboardEvent} event
   * @param {HTMLInputElement} box
   */
  key(event, box) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "arrowdown") this.move(box, 1);
    else if (key === "k" || key === "arrowup") this.move(box, -1);
    else if (key === "x") box.click();
    else if (key === "p") play(box);
    else if (key === "/") need(this.form, "[data-phrases]", HTMLElement).focus();
    else if (key === "a") need(this.form, "[data-accept]", HTMLElement).click();
    else if (key === "r") need(this.form, "[data-return]", HTMLElement).click();
    else return;
    event.preventDefault();
  }

  /**
   * @param {HTMLInputElement} box
   * @param {-1 | 1} step
   */
  move(box, step) {
    this.boxes[this.boxes.indexOf(box) + step]?.focus();
  }
}

/**
 * Plays the recording of a row, or stops it.
 * @param {HTMLElement} box
 */
function play(box) {
  const button = box.closest("li")?.querySelector("[data-listen]");
  if (button instanceof HTMLElement) button.click();
}

/**
 * Starts the page, if something is in the list.
 * @param {HTMLElement} root
 */
export function startList(root) {
  const form = root.querySelector("[data-list]");
  if (form instanceof HTMLFormElement) new List(form).start();
}

// Two handles on the shape of a sound, dragged or moved by keys; what lies outside them is cut off.

import { need } from "./dom.js";

/** Shortest that may be left, in seconds. */
const LEAST = 0.2;

export class Trim {
  /**
   * @param {HTMLElement} root
   * @param {() => void} onChange
   */
  constructor(root, onChange) {
    this.root = root;
    this.onChange = onChange;
    this.duration = 1;
    this.start = 0;
    this.end = 1;
    this.handles = { start: need(root, '[data-handle="start"]', HTMLElement), end: need(root, '[data-handle="end"]', HTMLElement) };
    for (const which of /** @type {const} */ (["start", "end"])) {
      this.handles[which].addEventListener("keydown", (event) => this.key(which, event));
      this.handles[which].addEventListener("pointerdown", (event) => this.grab(which, event));
    }
  }

  /**
   * @param {number} duration
   * @param {number} start
   * @param {number} end
   */
  set(duration, start, end) {
    this.duration = duration;
    this.start = start;
    this.end = end;
    this.show();
  }

  /**
   * @param {"start" | "end"} which
   * @param {number} to seconds
   */
  move(which, to) {
    if (which === "start") this.start = Math.max(0, Math.min(to, this.end - LEAST));
    else this.end = Math.min(this.duration, Math.max(to, this.start + LEAST));
    this.show();
    this.onChange();
  }

  /**
   * @param {"start" | "end"} which
   * @param {KeyboardEvent} event
   */
  key(which, event) {
    const step = event.shiftKey ? 0.1 : 0.01;
    const now = this[which];
    const steps = new Map([
      ["ArrowLeft", now - step], ["ArrowDown", now - step], ["ArrowRight", now + step], ["ArrowUp", now + step],
      ["PageUp", now + 0.25], ["PageDown", now - 0.25], ["Home", 0], ["End", this.duration],
    ]);
    const to = steps.get(event.key);
    if (to === undefined) return;
    event.preventDefault();
    this.move(which, to);
  }

  /**
   * @param {"start" | "end"} which
   * @param {PointerEvent} event
   */
  grab(which, event) {
    const handle = this.handles[which];
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const drag = (/** @type {PointerEvent} */ moved) => {
      const box = this.root.getBoundingClientRect();
      this.move(which, ((moved.clientX - box.left) / box.width) * this.duration);
    };
    handle.addEventListener("pointermove", drag);
    const drop = () => handle.removeEventListener("pointermove", drag);
    handle.addEventListener("pointerup", drop, { once: true });
    handle.addEventListener("pointercancel", drop, { once: true });
  }

  show() {
    const part = (/** @type {number} */ seconds) => seconds / this.duration;
    for (const which of /** @type {const} */ (["start", "end"])) {
      const handle = this.handles[which];
      handle.style.left = `${part(this[which]) * 100}%`;
      handle.setAttribute("aria-valuemin", "0");
      handle.setAttribute("aria-valuemax", this.duration.toFixed(2));
      handle.setAttribute("aria-valuenow", this[which].toFixed(2));
      handle.setAttribute("aria-valuetext", `${this[which].toFixed(2)} s`);
    }
    const before = need(this.root, "[data-off-start]", SVGElement);
    before.setAttribute("x", "0");
    before.setAttribute("width", String(part(this.start) * 1000));
    const after = need(this.root, "[data-off-end]", SVGElement);
    after.setAttribute("x", String(part(this.end) * 1000));
    after.setAttribute("width", String(Math.max(0, 1000 - part(this.end) * 1000)));
  }
}

// Lessons and exercises are dragged to another place. Where there is no pointer, or no script, the buttons beside do the same.

import { need } from "./dom.js";

/**
 * @param {HTMLElement} list with the address to which a new order is sent
 */
export function startReorder(list) {
  for (const item of list.children) {
    const handle = item.querySelector("[data-drag]");
    if (handle instanceof HTMLElement && item instanceof HTMLElement) {
      handle.addEventListener("pointerdown", (event) => drag(list, item, event));
    }
  }
}

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} item
 * @param {PointerEvent} begun
 */
function drag(list, item, begun) {
  begun.preventDefault();
  const before = [...list.children].indexOf(item);
  item.toggleAttribute("data-dragged", true);
  const move = (/** @type {PointerEvent} */ event) => {
    const others = [...list.children].filter((other) => other !== item);
    // The first whose middle lies below the pointer comes after what is dragged.
    const next = others.find((other) => {
      const box = other.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    if (next !== item.nextElementSibling || (!next && list.lastElementChild !== item)) list.insertBefore(item, next ?? null);
  };
  const end = (/** @type {Event} */ event) => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", end);
    document.removeEventListener("pointercancel", end);
    item.toggleAttribute("data-dragged", false);
    const place = [...list.children].indexOf(item);
    if (event.type === "pointercancel") list.insertBefore(item, list.children[before + (place < before ? 1 : 0)] ?? null);
    else if (place !== before) send(item, place);
  };
  // On the document: what is moved within it loses a pointer that it had captured.
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
}

/**
 * The item's own form is sent, with the place in place of a direction.
 * @param {HTMLElement} item
 * @param {number} place from 0
 */
function send(item, place) {
  const form = need(item, "form.order", HTMLFormElement);
  const to = document.createElement("input");
  to.type = "hidden";
  to.name = "to";
  to.value = String(place);
  form.append(to);
  form.submit();
}

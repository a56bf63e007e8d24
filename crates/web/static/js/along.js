// Taking homework along: the button on the learner's home, the list on the page without a network, and who may not keep
// what another has taken.

import { need } from "./dom.js";
import { Taken } from "./taken.js";

/** Whose page this is: learners alone have an outbox. */
function owner() {
  return document.querySelector("[data-outbox]")?.getAttribute("data-owner") ?? "";
}

/**
 * Throws away what does not belong to who is signed in now. Pages that are shown in place of another, without a network or
 * after an error, say nothing of who that is.
 */
export async function guardTaken() {
  const taken = Taken.here();
  if (!taken || document.querySelector(".error-page") || !(await taken.index())) return;
  const parts = [...document.querySelectorAll("[data-along]")];
  const home = document.querySelector("[data-home]");
  const open = home ? new Set(parts.map((part) => part.getAttribute("data-along") ?? "")) : undefined;
  await taken.tidy(owner(), open);
}

/**
 * The buttons of one homework.
 * @param {HTMLElement} root
 */
function startOne(root) {
  const taken = Taken.here();
  if (!taken || !("serviceWorker" in navigator)) return;
  const assignment = root.dataset.along ?? "";
  const show = (/** @type {string} */ state) => {
    root.dataset.state = state;
    need(root, "[data-along-take]", HTMLElement).hidden = state === "taken" || state === "taking";
    need(root, "[data-along-drop]", HTMLElement).hidden = state !== "taken";
    for (const text of root.querySelectorAll("[data-along-says]")) {
      text.toggleAttribute("hidden", text.getAttribute("data-along-says") !== state);
    }
    root.hidden = false;
  };
  const look = async () => {
    const tasks = await taken.tasks();
    show(tasks.some((task) => task.assignment === assignment) ? "taken" : "offered");
  };
  need(root, "[data-along-take]", HTMLElement).addEventListener("click", async () => {
    show("taking");
    const { title = "", keep = "", pages = "" } = root.dataset;
    const task = { assignment, title, keepMs: Number(keep) * 1000, pages: pages.split(" ").filter(Boolean) };
    show((await taken.take(owner(), task)) ? "taken" : "failed");
  });
  need(root, "[data-along-drop]", HTMLElement).addEventListener("click", () => void taken.drop(assignment).then(look));
  void look();
}

/** Starts all buttons of a page, once what is not this person's is gone. */
export async function startAlong() {
  await guardTaken().catch(() => undefined);
  for (const root of document.querySelectorAll("[data-along]")) if (root instanceof HTMLElement) startOne(root);
}

/**
 * Lists what lies here, on the page without a network.
 * @param {HTMLElement} root
 */
export async function listTaken(root) {
  const tasks = (await Taken.here()?.tasks()) ?? [];
  const list = need(root, "[data-taken-list]", HTMLElement);
  const template = need(root, "template[data-taken-item]", HTMLTemplateElement);
  for (const { title, pages } of tasks) {
    const item = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    need(item, "a", HTMLAnchorElement).href = pages[0] ?? "/";
    need(item, "[data-taken-title]", HTMLElement).textContent = title;
    const count = need(item, "[data-taken-count]", HTMLElement);
    count.textContent = (count.textContent ?? "").replace("*", String(pages.length));
    list.append(item);
  }
  root.hidden = tasks.length === 0;
}

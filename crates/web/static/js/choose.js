// Listening and choosing: the answers are buttons of a form; the script adds only what can be heard.

import { Model } from "./exercise.js";
import { need } from "./dom.js";
import { offerVoice } from "./voices.js";

/**
 * Starts the page.
 * @param {HTMLElement} root
 */
export function startChoose(root) {
  const model = root.querySelector("[data-model]");
  if (model instanceof HTMLElement) {
    new Model(model).start();
    return;
  }
  const heard = need(root, "template[data-heard]", HTMLTemplateElement).content.textContent ?? "";
  void offerVoice(root, () => heard);
}

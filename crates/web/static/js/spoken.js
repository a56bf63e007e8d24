// Answers to a survey that are said aloud. A recording becomes the file of its field, so that the form is sent as any other;
// the script sends it itself, so that neither a lost network nor a mistake elsewhere in the form costs a recording.

import { need } from "./dom.js";
import { NoMicrophone, SPARING_BITS } from "./microphone.js";
import { saving } from "./network.js";
import { Take } from "./take.js";

/** Longest answer, in seconds. */
const LONGEST = 60;

/** One question that is answered aloud. */
class Spoken {
  /**
   * @param {HTMLElement} part
   * @param {(name: string) => string} text what the page has to say
   */
  constructor(part, text) {
    this.part = part;
    this.text = text;
    this.input = need(part, "[data-spoken-file]", HTMLInputElement);
    this.audio = need(part, "[data-spoken-audio]", HTMLAudioElement);
    this.button = need(part, "[data-spoken-record]", HTMLButtonElement);
    this.removal = need(part, "[data-spoken-remove]", HTMLButtonElement);
    /** Keeps what was said before. */
    this.keep = part.querySelector("[data-spoken-keep]");
    this.hadAudio = this.audio.getAttribute("src");
    /** @type {Take | undefined} */
    this.taking = undefined;
    this.button.disabled = false;
    this.button.addEventListener("click", () => void this.toggle());
    this.removal.addEventListener("click", () => this.remove());
    this.input.addEventListener("change", () => this.chosen());
    window.addEventListener("pagehide", () => this.taking?.cancel());
    this.show("idle");
  }

  /** The file that will be sent. */
  get file() {
    return this.input.files?.[0];
  }

  /** @param {File} file */
  put(file) {
    const carrier = new DataTransfer();
    carrier.items.add(file);
    this.input.files = carrier.files;
    this.chosen();
  }

  /**
   * @param {"idle" | "asking" | "recording"} state
   * @param {string} [hint]
   */
  show(state, hint) {
    this.part.dataset.state = state;
    const said = this.audio.hasAttribute("src");
    if (hint) need(this.part, "[data-spoken-hint]", HTMLElement).textContent = this.text(hint);
    need(this.part, "[data-spoken-level]", SVGElement).toggleAttribute("hidden", state !== "recording");
    const name = state === "recording" ? "stop" : said ? "again" : "record";
    need(this.part, "[data-spoken-record-name]", HTMLElement).textContent = this.text(name);
    this.button.setAttribute("aria-disabled", String(state === "asking"));
    this.audio.hidden = !said || state === "recording";
    this.removal.hidden = !said || state !== "idle";
  }

  async toggle() {
    if (this.part.dataset.state === "recording") return this.stop();
    if (this.part.dataset.state !== "idle") return;
    this.audio.pause();
    this.show("asking", "asking");
    const now = need(this.part, "[data-spoken-level-now]", SVGElement);
    const longest = { seconds: LONGEST, reached: () => void this.stop() };
    const onLevel = (/** @type {number} */ level) => now.setAttribute("width", String(Math.round(level * 100)));
    try {
      this.taking = await Take.begin(onLevel, longest, saving() ? { bitsPerSecond: SPARING_BITS } : {});
    } catch (error) {
      // The way on without a microphone.
      need(this.part, "details", HTMLDetailsElement).open = true;
      return this.show("idle", error instanceof NoMicrophone ? error.why : "taken");
    }
    this.show("recording", "recording");
  }

  async stop() {
    const { taking } = this;
    if (!taking) return;
    this.taking = undefined;
    const blob = await taking.end();
    this.put(new File([blob], "answer", { type: blob.type }));
    this.audio.focus();
  }

  /** A file was chosen, or a recording made; without one, what was said before stands again. */
  chosen() {
    const { file } = this;
    if (this.audio.src.startsWith("blob:")) URL.revokeObjectURL(this.audio.src);
    if (file) this.audio.src = URL.createObjectURL(file);
    else if (this.hadAudio) this.audio.src = this.hadAudio;
    else this.audio.removeAttribute("src");
    // What is new is not yet made as loud as all else.
    if (file) delete this.audio.dataset.gain;
    this.show("idle", file ? "said" : "help");
  }

  remove() {
    this.audio.pause();
    if (this.keep instanceof HTMLInputElement) this.keep.checked = false;
    this.hadAudio = null;
    this.input.value = "";
    this.chosen();
    this.button.focus();
  }
}

/** @param {HTMLFormElement} form */
export function startSpoken(form) {
  const text = (/** @type {string} */ name) =>
    need(form, `template[data-say="${name}"]`, HTMLTemplateElement).content.textContent ?? "";
  const parts = [...form.querySelectorAll("[data-spoken]")].filter((part) => part instanceof HTMLElement);
  const spoken = parts.map((part) => new Spoken(part, text));
  const said = need(form, "[data-spoken-sent]", HTMLElement);
  const button = need(form, "[data-spoken-send]", HTMLButtonElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    void send();
  });

  async function send() {
    button.setAttribute("aria-disabled", "true");
    // What is still being said is the answer, too.
    await Promise.all(spoken.map((one) => one.stop()));
    said.textContent = text("sending");
    const response = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => undefined);
    const there = response?.redirected ? new URL(response.url).pathname : "";
    if (response && there === new URL(form.action).pathname) return window.location.assign(response.url);
    button.setAttribute("aria-disabled", "false");
    if (response?.status !== 422) {
      // Elsewhere stands the way to sign in.
      const signedOut = there !== "" || response?.status === 401;
      said.textContent = text(signedOut ? "sign-in" : response?.status === 413 ? "too-large" : "not-sent");
      return;
    }
    refused(await response.text(), spoken);
  }
}

/**
 * Shows the form as it came back, with the recordings that nothing is wrong with.
 * @param {string} page
 * @param {Spoken[]} spoken
 */
function refused(page, spoken) {
  const fresh = new DOMParser().parseFromString(page, "text/html");
  const main = need(fresh, "main", HTMLElement);
  need(document, "main", HTMLElement).replaceWith(main);
  const form = need(main, "[data-spoken-form]", HTMLFormElement);
  startSpoken(form);
  for (const { input } of spoken) {
    const file = input.files?.[0];
    const field = form.querySelector(`[data-spoken-file][name="${input.name}"]`);
    if (!file || !(field instanceof HTMLInputElement) || field.closest("fieldset")?.querySelector(".field-error")) continue;
    const carrier = new DataTransfer();
    carrier.items.add(file);
    field.files = carrier.files;
    field.dispatchEvent(new Event("change"));
  }
  main.querySelector("[role=alert]")?.scrollIntoView({ block: "center" });
  const first = main.querySelector("fieldset:has(.field-error) :is(input, textarea, button)");
  if (first instanceof HTMLElement) first.focus();
}

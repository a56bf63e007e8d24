// Reviews on their way to the server. One that does not arrive is shown until it does, with all that was written.

import { fragment, need } from "./dom.js";

/** @typedef {{ id: string, name: string, address: string, body: URLSearchParams }} Sent */

export class Outgoing {
  /**
   * @param {HTMLElement} root
   * @param {(address: string) => void} onOpen
   * @param {() => void} onSaved
   */
  constructor(root, onOpen, onSaved) {
    this.box = need(root, "[data-unsent]", HTMLElement);
    this.onOpen = onOpen;
    this.onSaved = onSaved;
    /** @type {Map<string, Sent>} */
    this.under = new Map();
    /** @type {Map<string, Sent & { why: string }>} */
    this.failed = new Map();
    need(root, "[data-unsent-again]", HTMLElement).addEventListener("click", () => {
      for (const sent of [...this.failed.values()]) void this.send(sent);
    });
  }

  /** Whether something has not arrived yet. */
  waits() {
    return this.under.size + this.failed.size > 0;
  }

  /**
   * What was written of a recording and did not arrive.
   * @param {string} id
   */
  unsent(id) {
    const body = this.failed.get(id)?.body;
    return body && { score: body.get("score") ?? "", comment: body.get("comment") ?? "" };
  }

  /** @param {Sent} sent */
  async send(sent) {
    this.under.set(sent.id, sent);
    this.failed.delete(sent.id);
    const { address, body } = sent;
    const response = await fetch(address, { method: "POST", body, headers: { "X-Partial": "1" }, keepalive: true }).catch(() => undefined);
    // A newer one of the same recording may be under way.
    if (this.under.get(sent.id) === sent) this.under.delete(sent.id);
    if (response?.ok) this.onSaved();
    else this.failed.set(sent.id, { ...sent, why: response?.status === 422 ? complaint(await response.text()) : "" });
    this.show();
  }

  show() {
    this.box.hidden = this.failed.size === 0;
    const rows = [...this.failed.values()].map((sent) => {
      const link = document.createElement("a");
      link.href = sent.address;
      link.textContent = sent.name;
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.onOpen(sent.address);
      });
      const row = document.createElement("li");
      row.append(link, sent.why ? ` · ${sent.why}` : "", ` · ${sent.body.get("score") ?? ""} ${sent.body.get("comment") ?? ""}`);
      return row;
    });
    need(this.box, "[data-unsent-list]", HTMLElement).replaceChildren(...rows);
  }
}

/**
 * What the server says is wrong.
 * @param {string} html
 */
function complaint(html) {
  return fragment(html).querySelector(".field-error")?.textContent?.trim() ?? "";
}

// The settings of data saving: which of them this browser can keep.

import { tellsNetwork } from "./network.js";

/**
 * Says of the network what is true here, and hides what would do nothing.
 * @param {HTMLElement} root
 */
export function startLook(root) {
  const tells = tellsNetwork();
  for (const line of root.querySelectorAll("[data-network]")) {
    line.toggleAttribute("hidden", line.getAttribute("data-network") !== (tells ? "known" : "unknown"));
  }
  if (tells) return;
  const mobile = root.querySelector('button[name="saver"][value="mobile"]');
  mobile?.toggleAttribute("hidden", mobile.getAttribute("aria-pressed") !== "true");
  const wifi = root.querySelector("[data-network-row]");
  const on = wifi?.querySelector('[aria-checked="true"]');
  wifi?.toggleAttribute("hidden", !on);
}

// Passkeys: the browser's own dialogue with a device, between what a form of ours asks and what it sends.

import { need } from "./dom.js";

/**
 * Bytes that JSON carries as base64url.
 * @param {string} text
 */
function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

/**
 * @param {ArrayBuffer | null} buffer
 */
function base64url(buffer) {
  if (!buffer) return null;
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @typedef {{ id: string } & Omit<PublicKeyCredentialDescriptor, "id">} Descriptor */

/**
 * @param {Descriptor[]} list
 * @returns {PublicKeyCredentialDescriptor[]}
 */
function descriptors(list) {
  return list.map((one) => ({ ...one, id: bytes(one.id) }));
}

/**
 * Asks a device to make a passkey.
 * @param {any} options As the server wrote them.
 */
async function create(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: descriptors(options.excludeCredentials),
    },
  });
  if (!(made instanceof PublicKeyCredential) || !(made.response instanceof AuthenticatorAttestationResponse)) return null;
  return {
    response: {
      clientDataJSON: base64url(made.response.clientDataJSON),
      attestationObject: base64url(made.response.attestationObject),
    },
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: {},
  };
}

/**
 * Asks a device for any passkey of this site.
 * @param {any} options As the server wrote them.
 * @param {AbortSignal} signal
 * @param {CredentialMediationRequirement} mediation
 */
async function get(options, signal, mediation) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: descriptors(options.allowCredentials ?? []),
  };
  const shown = await navigator.credentials.get({ publicKey, signal, mediation });
  if (!(shown instanceof PublicKeyCredential) || !(shown.response instanceof AuthenticatorAssertionResponse)) return null;
  return {
    id: shown.id,
    response: {
      clientDataJSON: base64url(shown.response.clientDataJSON),
      authenticatorData: base64url(shown.response.authenticatorData),
      signature: base64url(shown.response.signature),
      userHandle: base64url(shown.response.userHandle),
    },
    authenticatorAttachment: shown.authenticatorAttachment,
    clientExtensionResults: {},
  };
}

/**
 * Starts a form that a device fills in. It stays hidden where there can be no passkeys.
 * @param {HTMLElement} form
 */
export async function startPasskey(form) {
  if (!(form instanceof HTMLFormElement) || !("PublicKeyCredential" in window)) return;
  const options = JSON.parse(form.dataset.options ?? "{}");
  const site = options.rpId ?? options.rp?.id;
  if (location.hostname !== site && !location.hostname.endsWith(`.${site}`)) return;
  form.hidden = false;
  document.querySelector("[data-passkey-missing]")?.setAttribute("hidden", "");
  const wrong = need(form, "[data-passkey-wrong]", HTMLElement);
  const field = need(form, "[name=credential]", HTMLInputElement);
  const button = need(form, "button", HTMLButtonElement);
  const making = form.dataset.passkey === "create";
  let asking = new AbortController();

  /** @param {CredentialMediationRequirement} mediation */
  const ask = async (mediation) => {
    asking.abort();
    asking = new AbortController();
    const answer = making ? await create(options) : await get(options, asking.signal, mediation);
    if (!answer) return;
    field.value = JSON.stringify(answer);
    form.submit();
  };
  button.addEventListener("click", async () => {
    wrong.hidden = true;
    button.disabled = true;
    await ask("optional").catch(() => {
      wrong.hidden = false;
    });
    button.disabled = false;
  });
  // Where the browser can, passkeys stand among the names that it offers for the field; who types goes on as ever.
  if (!making && (await PublicKeyCredential.isConditionalMediationAvailable?.())) {
    await ask("conditional").catch(() => undefined);
  }
}

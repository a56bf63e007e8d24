// How strong a new password looks, while it is typed. An estimate by length and variety, made here and sent to nobody; the server
// judges again, and knows the common ones.

/** Bits from which on a password looks fair, and good. */
const FAIR = 35;
const GOOD = 55;

/**
 * @param {string} password
 * @returns {number} bits of a guess at its entropy
 */
export function bits(password) {
  const letters = [...password];
  const kinds = [[/[a-z]/, 26], [/[A-Z]/, 26], [/[0-9]/, 10], [/[!-/:-@[-`{-~ ]/, 33], [/[^ -~]/, 500]];
  const pool = kinds.reduce((sum, [kind, size]) => sum + (/** @type {RegExp} */ (kind).test(password) ? Number(size) : 0), 0);
  // A letter that repeats or continues the one before it adds little.
  const steps = letters.map((letter, at) => {
    const step = at === 0 ? 9 : Math.abs((letter.codePointAt(0) ?? 0) - (letters[at - 1]?.codePointAt(0) ?? 0));
    return step <= 1 ? 0.25 : 1;
  });
  const variety = new Set(letters).size / Math.max(letters.length, 1);
  const length = steps.reduce((sum, step) => sum + step, 0) * Math.min(1, variety + 0.3);
  return length * Math.log2(Math.max(pool, 1));
}

/** Watches the fields for new passwords. */
export function watchStrength() {
  for (const field of document.querySelectorAll("[data-strength]")) {
    if (!(field instanceof HTMLElement)) continue;
    const input = field.querySelector("input");
    const meter = field.querySelector("meter");
    const output = field.querySelector("output");
    const words = (field.dataset.strength ?? "").split("|");
    if (!input || !meter || !output) continue;
    input.addEventListener("input", () => {
      const found = bits(input.value);
      const level = [...input.value].length < 8 ? 0 : found < FAIR ? 1 : found < GOOD ? 2 : 3;
      meter.value = input.value === "" ? 0 : level + 1;
      output.value = input.value === "" ? "" : (words[level] ?? "");
    });
  }
}

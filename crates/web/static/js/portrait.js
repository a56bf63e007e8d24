// Cutting a square out of a picture: dragged with a pointer, or moved with sliders. The server cuts; here it is only shown.

import { need } from "./dom.js";

/** @typedef {"x" | "y" | "size"} Part */

class Cropping {
  /** @param {HTMLElement} form */
  constructor(form) {
    this.form = form;
    this.box = need(form, "[data-cropping]", HTMLElement);
    this.view = need(form, "[data-crop-view]", HTMLCanvasElement);
    this.error = need(form, "[data-crop-error]", HTMLElement);
    this.file = need(form, 'input[type="file"]', HTMLInputElement);
    /** @type {ImageBitmap | undefined} */
    this.picture = undefined;
    /** Where the pointer was last. @type {{ x: number, y: number } | undefined} */
    this.grip = undefined;
  }

  start() {
    this.file.addEventListener("change", () => void this.choose());
    for (const slider of this.form.querySelectorAll("[data-crop]")) slider.addEventListener("input", () => this.draw());
    this.view.addEventListener("pointerdown", (event) => {
      this.view.setPointerCapture(event.pointerId);
      this.grip = { x: event.clientX, y: event.clientY };
    });
    this.view.addEventListener("pointermove", (event) => this.drag(event));
    for (const kind of ["pointerup", "pointercancel"]) this.view.addEventListener(kind, () => (this.grip = undefined));
    void this.choose();
  }

  async choose() {
    const file = this.file.files?.[0];
    this.picture?.close();
    this.picture = undefined;
    this.error.hidden = true;
    if (file) {
      // As it is to be seen: turned as the camera says.
      this.picture = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => undefined);
      this.error.hidden = this.picture !== undefined;
    }
    this.box.hidden = !this.picture;
    this.draw();
  }

  /** @param {Part} part */
  slider(part) {
    return need(this.form, `[data-crop="${part}"]`, HTMLInputElement);
  }

  /** The square in pixels of the picture, as the server reckons it. */
  square() {
    const { width, height } = this.picture ?? { width: 1, height: 1 };
    const side = (Math.min(width, height) * Number(this.slider("size").value)) / 100;
    const share = (/** @type {Part} */ part) => Number(this.slider(part).value) / 100;
    return { side, spareX: width - side, spareY: height - side, x: (width - side) * share("x"), y: (height - side) * share("y") };
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (!this.grip || !this.picture) return;
    const { side, spareX, spareY } = this.square();
    const scale = side / this.view.getBoundingClientRect().width;
    // The picture goes with the finger, so the square goes the other way.
    this.move("x", spareX, (this.grip.x - event.clientX) * scale);
    this.move("y", spareY, (this.grip.y - event.clientY) * scale);
    this.grip = { x: event.clientX, y: event.clientY };
    this.draw();
  }

  /**
   * @param {Part} part
   * @param {number} spare pixels that the square can move
   * @param {number} by pixels
   */
  move(part, spare, by) {
    const slider = this.slider(part);
    if (spare > 0) slider.value = String(Math.max(0, Math.min(100, Number(slider.value) + (100 * by) / spare)));
  }

  draw() {
    const canvas = this.view.getContext("2d");
    if (!canvas || !this.picture) return;
    const { x, y, side } = this.square();
    canvas.drawImage(this.picture, x, y, side, side, 0, 0, this.view.width, this.view.height);
  }
}

/**
 * Starts the form.
 * @param {HTMLElement} form
 */
export function startPortrait(form) {
  new Cropping(form).start();
}

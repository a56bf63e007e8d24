// The page's script. Everything works without it but recording and playing.

import { listTaken, startAlong } from "./along.js";
import { keepShell } from "./app_shell.js";
import { watchMenus, watchPasswords, watchPlayers } from "./controls.js";
import { startChoose } from "./choose.js";
import { followCopy } from "./copy.js";
import { startExercise } from "./exercise.js";
import { startLook } from "./look.js";
import { watchLoudness } from "./loudness.js";
import { Post } from "./post.js";
import { watchForms } from "./sound.js";
import { watchStrength } from "./strength.js";
import { watchThemes } from "./themes.js";
import { startTryout } from "./tryout.js";

/**
 * Starts what a page has a part for.
 * @param {string} selector
 * @param {(root: HTMLElement) => unknown} start
 */
function on(selector, start) {
  const root = document.querySelector(selector);
  if (root instanceof HTMLElement) start(root);
}

document.documentElement.classList.add("js");
watchThemes();
watchPlayers();
watchLoudness();
watchForms();
watchMenus();
watchPasswords();
watchStrength();
keepShell();
void startAlong();
on("[data-taken]", listTaken);
on("[data-tryout]", startTryout);
on("[data-copy]", followCopy);
on("[data-choose]", startChoose);
on("[data-look]", startLook);
on("[data-outbox]", async (outbox) => {
  const post = await Post.open(outbox);
  on("[data-exercise]", (root) => startExercise(root, post));
  post.start();
});
if (document.querySelector("[data-passkey]")) {
  void import("./passkey.js").then(({ startPasskey }) => on("[data-passkey]", startPasskey));
}
if (document.querySelector("[data-portrait]")) {
  void import("./portrait.js").then(({ startPortrait }) => on("[data-portrait]", startPortrait));
}
on("[data-spoken-form]", (form) => {
  void import("./spoken.js").then(({ startSpoken }) => form instanceof HTMLFormElement && startSpoken(form));
});
on("[data-push]", (root) => void import("./push.js").then(({ startPush }) => startPush(root)));
// What only staff need is fetched only by staff.
if (document.querySelector("[data-staff]")) void import("./staff.js").then(({ startStaff }) => startStaff());

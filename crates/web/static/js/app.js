// The page's script. Everything works without it but recording and playing.

import { watchThemes } from "./themes.js";
import { startTryout } from "./tryout.js";

document.documentElement.classList.add("js");
watchThemes();
const root = document.querySelector("[data-tryout]");
if (root instanceof HTMLElement) {
  startTryout(root);
}
// What only staff need is fetched only by staff.
if (document.querySelector("[data-staff]")) void import("./staff.js").then(({ startStaff }) => startStaff());

// Pages of the staff: what a script adds to each.

import { startCourseRecorder } from "./course_recorder.js";
import { startReorder } from "./reorder.js";
import { startReview } from "./review.js";
import { startList } from "./review_list.js";

/** Starts what the page has. */
export function startStaff() {
  const root = document.querySelector("[data-staff]");
  if (!(root instanceof HTMLElement)) return;
  if (root.dataset.staff === "review") startReview(root);
  if (root.dataset.staff === "list") startList(root);
  if (root.dataset.staff === "lesson") startCourseRecorder(root);
  const list = root.querySelector("[data-order]");
  if (list instanceof HTMLElement) startReorder(list);
}

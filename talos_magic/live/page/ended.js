/** What takes the place of the running rounds at the end: the best round, and what to do with it. */

import { add, addButton, setAttribute, setText } from "./dom.js";
import { isActive } from "./scan.js";
import { kernelNamed } from "./shared.js";

const ACTIONS = [
  ["best", "Load best model", "Load the model of the best round into the variable best_model"],
  ["compare", "Compare", "Draw the plots of %talos_compare"],
  ["export", "Export HTML", "Write the scan into one HTML file"],
];
const PATIENCE = 1000; // milliseconds without an answer until the page says that it waits

export function buildEnded(parent) {
  const ended = add(parent, "div", "talos-ended");
  const view = { ended, best: add(ended, "div", "talos-large"), asked: null };
  view.actions = add(ended, "div", "talos-controls");
  for (const [action, text, title] of ACTIONS) {
    addButton(view.actions, "talos-button", text, () => ask(view, action)).title = title;
  }
  view.answer = add(ended, "div", "talos-answer");
  setAttribute(view.answer, "aria-live", "polite");
  return view;
}

export function drawEnded(view, scan) {
  view.ended.hidden = isActive(scan);
  if (view.ended.hidden) return;
  view.folder = scan.folder;
  setText(view.best, scan.best_text || "no round has a score");
  setAttribute(view.best, "data-best", Boolean(scan.best_text));
  const kernel = kernelNamed(scan.kernel);
  if (kernel && kernel !== view.kernel) {
    view.kernel = kernel;
    kernel.on("msg:custom", (message) => receiveAnswer(view, message));
  }
  view.actions.hidden = !kernel || !scan.best_text;
}

function ask(view, action) {
  const id = Math.random().toString(36).slice(2, 8);
  view.asked = id;
  try {
    view.kernel.send({ type: action, folder: view.folder, id });
  } catch {
    setText(view.answer, "the kernel is gone: run %talos_best, %talos_compare or %talos_export instead");
    return;
  }
  setTimeout(() => view.asked === id && setText(view.answer, "waiting for the kernel …"), PATIENCE);
}

function receiveAnswer(view, { id, text, image }) {
  if (id !== view.asked) return; // of another view
  view.asked = null;
  setText(view.answer, text);
  if (!image) return;
  view.plots ??= add(view.ended, "img", "talos-plots");
  Object.assign(view.plots, { src: image, alt: text });
}

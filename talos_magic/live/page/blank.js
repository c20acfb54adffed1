/** What stands where the curves will be: empty axes, as large as the panels, so that nothing jumps. */

import { add, match, setAttribute, setText } from "./dom.js";
import { isActive } from "./scan.js";

const AWAITED = ["curves appear after the first epoch", ""]; // in two panels: of a loss and a metric

export const buildBlank = (charts) => add(charts, "div", "talos-blank");

export function drawBlank(blank, scan) {
  const isAwaiting = isActive(scan) && !scan.names.length;
  match(blank, isAwaiting ? AWAITED : [], addAxes, ({ firstElementChild }, text) => {
    setText(firstElementChild, text);
  });
}

function addAxes(blank) {
  const figure = add(blank, "figure", "talos-panel");
  add(figure, "figcaption");
  setAttribute(add(figure, "canvas"), "aria-hidden", true);
}

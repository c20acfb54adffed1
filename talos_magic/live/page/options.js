/** The options of the curves: metric, colours, scales, smoothing. */

import { add, match, setAttribute, setText } from "./dom.js";
import { baseOf, bases } from "./scan.js";

const MOST_PANELS = 4;

export function buildOptions(parent, look, change) {
  const options = add(parent, "div", "talos-options");
  const choose = (name, label) => {
    const select = add(labelled(options, label), "select");
    select.addEventListener("change", () => change({ [name]: select.value }));
    return select;
  };
  const metric = choose("metric", "metric");
  const colour = choose("colour", "colour by");
  const log = add(labelled(options, "log scale"), "input");
  log.type = "checkbox";
  log.addEventListener("change", () => change({ log: log.checked }));
  const zoom = add(labelled(options, "zoom on the better half"), "input");
  zoom.type = "checkbox";
  zoom.addEventListener("change", () => change({ zoom: zoom.checked }));
  const smooth = add(labelled(options, "smoothing"), "input");
  Object.assign(smooth, { type: "range", min: 0, max: 0.95, step: 0.05, value: look.smooth });
  smooth.addEventListener("input", () => change({ smooth: Number(smooth.value) }));
  return { options, metric, colour, zoom };
}

function labelled(parent, text) {
  const label = add(parent, "label");
  add(label, "span", "", text);
  return label;
}

/** `isZoomed`: whether a panel is, by itself or because a person chose so. */
export function drawOptions(view, scan, look, isZoomed) {
  setAttribute(view.options, "data-empty", !scan.names.length); // it keeps its place
  const all = bases(scan);
  const many = all.length > MOST_PANELS ? `${MOST_PANELS} of ${all.length}` : "all";
  offer(view.metric, [["", many], ...all.map((base) => [base, base])], look.metric);
  // The chosen hyperparameter may no longer vary after an edit; the curves still have its colours.
  const names = new Set([...scan.varying, ...(look.colour ? [look.colour] : [])]);
  offer(view.colour, [["", "outcome"], ...[...names].map((name) => [name, name])], look.colour);
  view.zoom.checked = look.zoom ?? isZoomed;
}

/** The chosen metric, or the one that ranks the rounds and the first of the others. */
export function panelsOf(scan, look) {
  if (look.metric) return [look.metric];
  const ranking = baseOf(scan.metric ?? "");
  const rank = (base) => Number(base !== ranking);
  return bases(scan)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST_PANELS);
}

function offer(select, choices, chosen) {
  match(select, choices, (parent) => add(parent, "option"), (option, [value, text]) => {
    setAttribute(option, "value", value);
    setText(option, text);
  });
  if (select.value !== chosen) select.value = chosen;
}

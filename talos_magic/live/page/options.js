/** The options of the curves: metric, colours, scale, smoothing. */

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
  const smooth = add(labelled(options, "smoothing"), "input");
  Object.assign(smooth, { type: "range", min: 0, max: 0.95, step: 0.05, value: look.smooth });
  smooth.addEventListener("input", () => change({ smooth: Number(smooth.value) }));
  return { options, metric, colour };
}

function labelled(parent, text) {
  const label = add(parent, "label");
  add(label, "span", "", text);
  return label;
}

export function drawOptions(view, scan, look) {
  setAttribute(view.options, "data-empty", !scan.names.length); // it keeps its place
  const all = bases(scan);
  const many = all.length > MOST_PANELS ? `${MOST_PANELS} of ${all.length}` : "all";
  offer(view.metric, [["", many], ...all.map((base) => [base, base])], look.metric);
  // The chosen hyperparameter may no longer vary after an edit; the curves still have its colours.
  const names = new Set([...scan.varying, ...(look.colour ? [look.colour] : [])]);
  offer(view.colour, [["", "outcome"], ...[...names].map((name) => [name, name])], look.colour);
}

/** The chosen metric, or the first ones in their order, so that no panel moves.
 *
 * The metric that ranks the rounds is always among them.
 */
export function panelsOf(scan, look) {
  if (look.metric) return [look.metric];
  const all = bases(scan);
  const first = all.slice(0, MOST_PANELS);
  const ranking = baseOf(scan.metric ?? "");
  if (all.includes(ranking) && !first.includes(ranking)) first.splice(-1, 1, ranking);
  return first;
}

function offer(select, choices, chosen) {
  match(select, choices, (parent) => add(parent, "option"), (option, [value, text]) => {
    setAttribute(option, "value", value);
    setText(option, text);
  });
  if (select.value !== chosen) select.value = chosen;
}

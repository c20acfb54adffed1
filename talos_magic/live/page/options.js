/** What is drawn, and how: the metric, the colours, the scale, the smoothing. */

import { add, match, setAttribute, setText } from "./dom.js";
import { bases } from "./scan.js";

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
  view.options.hidden = !scan.names.length;
  offer(view.metric, [["", "all"], ...bases(scan).map((base) => [base, base])], look.metric);
  offer(view.colour, [["", "outcome"], ...scan.varying.map((name) => [name, name])], look.colour);
}

function offer(select, choices, chosen) {
  match(select, choices, (parent) => add(parent, "option"), (option, [value, text]) => {
    setAttribute(option, "value", value);
    setText(option, text);
  });
  if (select.value !== chosen) select.value = chosen;
}

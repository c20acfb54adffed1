/** The legend of the curves: what their colours and widths mean. */

import { OTHERS } from "./colours.js";
import { add, match, setAttribute, setText } from "./dom.js";

export function buildLegend(parent) {
  const legend = add(parent, "div", "talos-legend");
  const range = add(legend, "span", "talos-range");
  return { legend, range, keys: add(legend, "span", "talos-keys"), note: add(legend, "span") };
}

export function drawLegend(view, scan, colours) {
  const outcomes = ["running", "best", "selected"].map((name) => [name, `var(--talos-${name})`]);
  const keys = colours
    ? [...colours.keys, ["selected", "var(--jp-content-font-color1, currentcolor)"]]
    : [...outcomes, ["other rounds", OTHERS]];
  match(view.keys, keys, addKey, (key, [text, colour]) => {
    key.firstElementChild.style.color = colour;
    setText(key.lastElementChild, text);
    setAttribute(key, "title", text); // long texts are cut off
  });
  drawRange(view.range, colours?.range ?? []);
  const validated = scan.names.some((name) => name.startsWith("val_"));
  const both = validated ? "bold: validation, thin: training" : "";
  const standing = `bold: best and running${validated ? " · thin: training of the running and the selected" : ""}`;
  setText(view.note, colours ? standing : both);
}

function addKey(parent) {
  const key = add(parent, "span", "talos-key");
  add(key, "i");
  add(key, "span");
}

/** The name, and the values at the ends and in the middle of the bar, which has two halves. */
function drawRange(range, texts) {
  const make = (parent) => add(parent, "span", "talos-end");
  const parts = texts.flatMap((text, place) => (place > 1 ? [null, text] : [text]));
  match(range, parts, make, (part, text) => {
    part.className = text === null ? "talos-ramp" : "talos-end";
    setText(part, text ?? "");
    setAttribute(part, "title", text);
  });
}

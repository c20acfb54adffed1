/** The colour of a round: by its outcome, or by the value of a hyperparameter. */

import { add, match, setAttribute, setText } from "./dom.js";
import palette from "./palette.json" with { type: "json" };

const OTHERS = palette.both.faded;

/** Colours by the values of a hyperparameter, and their legend. */
export function coloursBy(scan, name) {
  const texts = new Map(scan.rounds.map((round) => [round.params[name], round.texts[name]]));
  const values = [...texts.keys()];
  const isNumeric = values.every((value) => typeof value === "number");
  if (isNumeric) values.sort((a, b) => a - b);
  const isRamp = isNumeric && values.length > palette.categories.length;
  const colourAt = (place) =>
    isRamp ? onRamp(place / (values.length - 1)) : (palette.categories[place] ?? OTHERS);
  const colours = new Map(values.map((value, place) => [value, colourAt(place)]));
  const key = (value) => [`${name} ${texts.get(value)}`, colours.get(value)];
  return {
    of: (round) => colours.get(round.params[name]) ?? OTHERS,
    legend: isRamp ? rampKeys(values).map(key) : categoryKeys(values.map(key)),
  };
}

const rampKeys = (values) => [values[0], values[Math.floor(values.length / 2)], values.at(-1)];

function categoryKeys(keys) {
  const most = palette.categories.length;
  return keys.length > most ? [...keys.slice(0, most), ["other values", OTHERS]] : keys;
}

function onRamp(share) {
  const { ramp } = palette;
  const place = share * (ramp.length - 1);
  const index = Math.min(Math.floor(place), ramp.length - 2);
  const mixed = ramp[index].map((from, channel) =>
    Math.round(from + (place - index) * (ramp[index + 1][channel] - from)),
  );
  return `rgb(${mixed.join(" ")})`;
}

export function buildLegend(parent) {
  const legend = add(parent, "div", "talos-legend");
  return { legend, keys: add(legend, "span", "talos-keys"), note: add(legend, "span") };
}

export function drawLegend(view, scan, colours) {
  const outcomes = ["running", "best", "selected"].map((name) => [name, `var(--talos-${name})`]);
  const bordered = ["running, best, selected", "currentcolor", true];
  const keys = colours ? [...colours.legend, bordered] : [...outcomes, ["other rounds", OTHERS]];
  match(view.keys, keys, addKey, (key, [text, colour, isBorder = false]) => {
    key.firstElementChild.style.color = colour;
    setAttribute(key.firstElementChild, "data-border", isBorder);
    setText(key.lastElementChild, text);
    setAttribute(key, "title", text); // long texts are cut off
  });
  const validated = scan.names.some((name) => name.startsWith("val_"));
  setText(view.note, validated ? "bold: validation, thin: training" : "");
}

function addKey(parent) {
  const key = add(parent, "span", "talos-key");
  add(key, "i");
  add(key, "span");
}

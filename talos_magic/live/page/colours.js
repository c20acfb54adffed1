/** What colour a round has: by its outcome, or by the value of a hyperparameter. */

import { add, match, setAttribute, setText } from "./dom.js";
import { format } from "./words.js";

// Okabe and Ito's palette, which colour-blind eyes tell apart, on white and on black.
const CATEGORIES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];
const OTHERS = "#8f9aa3";
const RAMP = [
  [68, 119, 190],
  [150, 150, 140],
  [230, 160, 0],
];

/** Colours by the values of a hyperparameter, and the legend that explains them. */
export function coloursBy(scan, name) {
  const known = new Map(scan.rounds.map(({ params }) => [format(params[name], 12), params[name]]));
  const texts = [...known.keys()];
  const numbers = texts.every((text) => typeof known.get(text) === "number");
  if (numbers) texts.sort((a, b) => known.get(a) - known.get(b));
  const ranked = numbers && texts.length > CATEGORIES.length;
  const colours = new Map(
    texts.map((text, index) => [
      text,
      ranked ? onRamp(index / (texts.length - 1)) : (CATEGORIES[index] ?? OTHERS),
    ]),
  );
  return {
    of: (round) => colours.get(format(round.params[name], 12)) ?? OTHERS,
    legend: legendOf(name, texts, colours, ranked),
  };
}

function legendOf(name, texts, colours, ranked) {
  if (ranked) {
    const middle = texts[Math.floor(texts.length / 2)];
    return [texts[0], middle, texts.at(-1)].map((text) => [`${name} ${text}`, colours.get(text)]);
  }
  const keys = texts
    .slice(0, CATEGORIES.length)
    .map((text) => [`${name} ${text}`, colours.get(text)]);
  return texts.length > CATEGORIES.length ? [...keys, ["other values", OTHERS]] : keys;
}

function onRamp(share) {
  const place = share * (RAMP.length - 1);
  const index = Math.min(Math.floor(place), RAMP.length - 2);
  const mixed = RAMP[index].map((from, channel) =>
    Math.round(from + (place - index) * (RAMP[index + 1][channel] - from)),
  );
  return `rgb(${mixed.join(" ")})`;
}

export function buildLegend(parent) {
  const legend = add(parent, "div", "talos-legend");
  return { legend, keys: add(legend, "span", "talos-keys"), note: add(legend, "span") };
}

export function drawLegend(view, scan, colours) {
  const outcomes = [
    ["running", "var(--talos-running)"],
    ["best", "var(--talos-best)"],
    ["selected", "var(--talos-selected)"],
  ];
  const bordered = ["running, best, selected", "currentcolor", true];
  const keys = colours ? [...colours.legend, bordered] : [...outcomes, ["other rounds", OTHERS]];
  match(view.keys, keys, addKey, (key, [text, colour, isBorder = false]) => {
    key.firstElementChild.style.color = colour;
    setAttribute(key.firstElementChild, "data-border", isBorder);
    setText(key.lastElementChild, text);
    setAttribute(key, "title", text); // a long one is cut
  });
  const validated = scan.names.some((name) => name.startsWith("val_"));
  setText(view.note, validated ? "bold: validation, thin: training" : "");
}

function addKey(parent) {
  const key = add(parent, "span", "talos-key");
  add(key, "i");
  add(key, "span");
}

/** Colours by the value of a hyperparameter: along a ramp for numbers, a colour each for others. */

import { formatNumber } from "./formatting.js";
import palette from "./palette.json" with { type: "json" };

export const OTHERS = palette.both.faded;
const MOST = palette.categories.length;
const WIDE = 100; // a range over more than two decades is logarithmic

/** Colours of rounds, and what a legend says of them; `ramp` is of the theme. */
export function coloursBy(scan, name, ramp) {
  const known = scan.rounds.filter(({ params }) => name in params);
  const values = new Map(known.map(({ params, texts }) => [texts[name], params[name]]));
  const texts = [...values.keys()];
  const areNumeric = known.every(({ params }) => typeof params[name] === "number");
  if (areNumeric) texts.sort((a, b) => values.get(a) - values.get(b));
  const kind = areNumeric && texts.length > MOST ? byAmount : byText;
  const colours = kind(name, texts, values, areNumeric ? ramp : null);
  return { ...colours, id: [name, ramp, ...colours.keys, ...colours.range].join() };
}

/** Many numbers share a ramp: its ends and its middle have a text. */
function byAmount(name, texts, values, ramp) {
  const [low, high] = [values.get(texts[0]), values.get(texts.at(-1))];
  const isLog = low > 0 && high / low > WIDE;
  const place = isLog ? Math.log : (value) => value;
  const share = (value) => (place(value) - place(low)) / (place(high) - place(low));
  const middle = isLog ? Math.sqrt(low * high) : (low + high) / 2;
  return {
    of: ({ params }) => (name in params ? onRamp(ramp, share(params[name])) : OTHERS),
    keys: [],
    range: [name, texts[0], formatNumber(middle, 2), texts.at(-1)],
  };
}

/** A few values have a key each, evenly along the ramp if they are numbers. */
function byText(name, texts, values, ramp) {
  const last = Math.max(1, texts.length - 1);
  const colourAt = (place) => (ramp ? onRamp(ramp, place / last) : (palette.categories[place] ?? OTHERS));
  const colours = new Map(texts.map((text, place) => [text, colourAt(place)]));
  const keys = texts.slice(0, MOST).map((text) => [`${name} ${text}`, colours.get(text)]);
  if (texts.length > MOST) keys.push(["other values", OTHERS]);
  return { of: (round) => colours.get(round.texts[name]) ?? OTHERS, keys, range: [] };
}

function onRamp(ramp, share) {
  const place = share * (ramp.length - 1);
  const index = Math.min(Math.floor(place), ramp.length - 2);
  const [from, to] = [channelsOf(ramp[index]), channelsOf(ramp[index + 1])];
  const mixed = from.map((value, channel) => Math.round(value + (place - index) * (to[channel] - value)));
  return `rgb(${mixed.join(" ")})`;
}

/** Of a colour such as #21918c. */
const channelsOf = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

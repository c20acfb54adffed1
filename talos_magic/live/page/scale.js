/** Where epochs and values lie on a panel. */

import { tickTexts } from "./words.js";

const MARGIN = { left: 46, right: 10, top: 8, bottom: 20 };
const CHARACTER = 6.5; // pixels, of the axis's texts
const SHORT = 20; // epochs that are always given room
const OUTLIER = 6; // a curve this many times further off than the others does not squeeze them

export function scaleOf(scan, base, look, width, height) {
  const [low, high] = extent(scan, base);
  const log = look.log && low > 0;
  const ticks = log ? logTicks(low, high) : niceTicks(low, high);
  const [first, end] = [Math.min(low, ticks[0]), Math.max(high, ticks.at(-1))];
  const place = log ? Math.log10 : (value) => value;
  const epochs = Math.max(1, lastEpoch(scan) + 1);
  const last = Math.max(1, epochs - 1);
  const texts = tickTexts(ticks);
  const longest = Math.max(...texts.map(({ length }) => length));
  const left = Math.max(MARGIN.left, Math.ceil(CHARACTER * longest) + 10);
  const right = width - MARGIN.right;
  const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
  const spread = place(end) - place(first) || 1;
  return {
    ...{ left, right, top, bottom, ticks, texts, epochs, last, log },
    x: (epoch) => left + (right - left) * (epochs > 1 ? epoch / last : 0.5),
    y: (value) => bottom - ((bottom - top) * (place(value) - place(first))) / spread,
    epochAt: (x) =>
      Math.max(0, Math.min(epochs - 1, Math.round(((x - left) / (right - left)) * last))),
    drawable: (value) => typeof value === "number" && !(log && value <= 0),
    key: `${width} ${height} ${first} ${end} ${epochs} ${log}`,
  };
}

/** The last epoch, from 0: what `fit` was told or, of many epochs, a round number that has room. */
function lastEpoch(scan) {
  const come = scan.rounds.reduce(
    (most, round) =>
      Object.values(round.curves).reduce((longest, curve) => Math.max(longest, curve.length), most),
    0,
  );
  const planned = scan.step?.[1] ?? 0;
  return Math.max(come, Math.min(planned, roundedUp(Math.max(come, SHORT)))) - 1;
}

function roundedUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((factor) => factor * power >= value) * power;
}

function extent(scan, base) {
  const own = (round) => [base, `val_${base}`].map((name) => round.extents[name]).filter(Boolean);
  // Pruned rounds were far from the others, as a rule: they squeeze no one.
  const whole = scan.rounds.filter((round) => round.status !== "pruned").flatMap(own);
  const known = whole.length ? whole : scan.rounds.flatMap(own);
  if (!known.length) return [0, 1];
  const lows = known.map(([low]) => low).sort((a, b) => a - b);
  const highs = known.map(([, high]) => high).sort((a, b) => a - b);
  const middle = Math.floor(known.length / 2);
  const room = OUTLIER * (highs[middle] - lows[middle]);
  const low = room ? lows.find((value) => value >= lows[middle] - room) : lows[0];
  const high = room ? highs.findLast((value) => value <= highs[middle] + room) : highs.at(-1);
  const best = scan.rounds[scan.best] ? own(scan.rounds[scan.best]).flat() : []; // never cut off
  return [Math.min(low, ...best), Math.max(high, ...best)];
}

/** Three to six round numbers around an extent. */
export function niceTicks(low, high) {
  if (low === high) return [low - (Math.abs(low) || 1) / 2, low, low + (Math.abs(low) || 1) / 2];
  const rough = (high - low) / 5;
  const step = roundedUp(rough);
  if (!(step > 0 && 10 * step < Infinity)) return [low, high]; // as small or large as numbers are
  const ticks = [];
  for (let n = Math.floor(low / step); ; n += 1) {
    ticks.push(Number((n * step).toPrecision(12)));
    if (n * step >= high) return ticks;
  }
}

function logTicks(low, high) {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  if (last - first <= 1) return niceTicks(low, high).filter((tick) => tick > 0);
  const step = Math.ceil((last - first) / 5);
  const ticks = [];
  for (let power = first; power < last + step; power += step) ticks.push(10 ** power);
  return ticks;
}

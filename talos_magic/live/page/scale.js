/** The scale of a panel: where epochs and values lie. */

import { tickTexts } from "./formatting.js";
import { runningRounds } from "./scan.js";
import { ROUND } from "./status.js";

const MARGIN = { left: 46, right: 10, top: 8, bottom: 20 };
const CHARACTER = 6.5; // pixels, in the texts of the axis
const SHORT = 20; // epochs that always fit
const OUTLIER = 6; // a curve this many times further away does not squeeze the others

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

/** The last epoch, from 0: as planned or, of many epochs, a round number with some room. */
function lastEpoch(scan) {
  const seen = scan.rounds.reduce((most, { epochs }) => Math.max(most, epochs), 0);
  const planned = Math.max(0, ...[...scan.steps.values()].map(([, epochs]) => epochs));
  return Math.max(seen, Math.min(planned, roundedUp(Math.max(seen, SHORT)))) - 1;
}

function roundedUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((factor) => factor * power >= value) * power;
}

function extent(scan, base) {
  // Pruned rounds, mostly far from the others, do not squeeze them.
  const whole = sortedEnds(scan.rounds.filter(({ status }) => status !== ROUND.PRUNED), base);
  const [lows, highs] = whole[0].length ? whole : sortedEnds(scan.rounds, base);
  if (!lows.length) return [0, 1];
  const middle = Math.floor(lows.length / 2);
  const room = OUTLIER * (highs[middle] - lows[middle]);
  const low = room ? lows.find((value) => value >= lows[middle] - room) : lows[0];
  const high = room ? highs.findLast((value) => value <= highs[middle] + room) : highs.at(-1);
  const best = scan.rounds[scan.best];
  const watched = [...runningRounds(scan), ...(best ? [best] : [])]; // never cut off
  const [lowest, highest] = sortedEnds(watched, base);
  return [Math.min(low, ...lowest), Math.max(high, ...highest)];
}

/** The lowest and the highest values of curves, each in order. */
function sortedEnds(rounds, base) {
  const names = [base, `val_${base}`];
  const ends = [[], []];
  for (const { extents } of rounds) {
    for (const name of names) extents[name]?.forEach((value, place) => ends[place].push(value));
  }
  return ends.map((values) => Float64Array.from(values).sort()); // faster than an array's
}

/** Three to six round numbers around an extent. */
export function niceTicks(low, high) {
  if (low === high) return [low - (Math.abs(low) || 1) / 2, low, low + (Math.abs(low) || 1) / 2];
  const rough = (high - low) / 5;
  const step = roundedUp(rough);
  if (!(step > 0 && 10 * step < Infinity)) return [low, high]; // the limits of numbers
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

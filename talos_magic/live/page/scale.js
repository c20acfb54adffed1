/** The scale of a panel: where epochs and values lie. */

import { tickTexts } from "./formatting.js";
import { bestFirst, isNumber, runningRounds } from "./scan.js";
import { ROUND } from "./status.js";
import { epochTicks, logTicks, niceTicks, roundedUp } from "./ticks.js";

const MARGIN = { left: 46, right: 14, top: 8, bottom: 20 };
const CHARACTER = 6.5; // pixels, in the texts of the axis
const SHORT = 20; // epochs that always fit
const OUTLIER = 6; // a curve this many times further away does not squeeze the others
const FEWEST = 6; // rounds with a better half
const WASTED = 1 / 3; // of the height, that the better half needs

export function scaleOf(scan, base, look, width, height, wasZoomed = false) {
  const all = extent(scan, base);
  const log = look.log && all[0] > 0;
  const place = log ? Math.log10 : (value) => value;
  const better = betterExtent(scan, base);
  const isZoomed = better !== null && (look.zoom ?? (wasZoomed || wastes(better, all, place)));
  const [low, high] = isZoomed ? better : all;
  const ticks = log ? logTicks(low, high) : niceTicks(low, high);
  const [first, end] = [Math.min(low, ticks[0]), Math.max(high, ticks.at(-1))];
  const epochs = Math.max(1, lastEpoch(scan) + 1);
  const last = Math.max(1, epochs - 1);
  const texts = tickTexts(ticks);
  const longest = Math.max(...texts.map(({ length }) => length));
  const left = Math.max(MARGIN.left, Math.ceil(CHARACTER * longest) + 10);
  const right = width - MARGIN.right;
  const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
  const spread = place(end) - place(first) || 1;
  return {
    ...{ left, right, top, bottom, ticks, texts, epochs, last, log, isZoomed },
    epochTicks: epochTicks(epochs, right - left),
    x: (epoch) => left + (right - left) * (epochs > 1 ? epoch / last : 0.5),
    y: (value) => bottom - ((bottom - top) * (place(value) - place(first))) / spread,
    epochAt: (x) =>
      Math.max(0, Math.min(epochs - 1, Math.round(((x - left) / (right - left)) * last))),
    drawable: (value) => isNumber(value) && !(log && value <= 0),
    key: `${width} ${height} ${first} ${end} ${epochs} ${log}`,
  };
}

/** The last epoch, from 0: as planned or, of many epochs, a round number with some room. */
function lastEpoch(scan) {
  const seen = scan.rounds.reduce((most, { epochs }) => Math.max(most, epochs), 0);
  const planned = Math.max(0, ...[...scan.steps.values()].map(([, epochs]) => epochs));
  return Math.max(seen, Math.min(planned, roundedUp(Math.max(seen, SHORT)))) - 1;
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

/** What the better half of the rounds needs once they have settled: in their later epochs. */
function betterExtent(scan, base) {
  const whole = ({ status, extents }) => status === ROUND.DONE && scan.metric in extents;
  const rounds = bestFirst(scan, scan.rounds.filter(whole));
  if (rounds.length < FEWEST) return null;
  let [low, high] = [Infinity, -Infinity];
  for (const { curves } of rounds.slice(0, rounds.length / 2)) {
    for (const curve of [curves[base] ?? [], curves[`val_${base}`] ?? []]) {
      for (let epoch = Math.floor(curve.length / 2); epoch < curve.length; epoch += 1) {
        if (!isNumber(curve[epoch])) continue;
        low = Math.min(low, curve[epoch]);
        high = Math.max(high, curve[epoch]);
      }
    }
  }
  return low < high ? [low, high] : null;
}

const wastes = ([low, high], [lowest, highest], place) =>
  place(high) - place(low) < WASTED * (place(highest) - place(lowest));

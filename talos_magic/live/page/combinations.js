/** Rounds that share their params, as one row of the leaderboard: their mean and deviation. */

import { epochsOf, score } from "./scan.js";
import { clock, format } from "./words.js";

/** Put rounds together that differ in their seeds only; each is by itself where none is repeated. */
export function combine(scan, rounds) {
  if (!(scan.repeats > 1)) return rounds.map((round) => entry(scan, [round]));
  const byParams = new Map();
  for (const round of rounds) {
    const key = keyOf(scan, round);
    byParams.set(key, [...(byParams.get(key) ?? []), round]);
  }
  return [...byParams.values()].map((same) => entry(scan, same));
}

/** The done rounds that share the params of one. */
export function combinationOf(scan, round) {
  if (!(scan.repeats > 1)) return entry(scan, [round]);
  const key = keyOf(scan, round);
  const isSame = (other) => other.status === "done" && keyOf(scan, other) === key;
  return entry(scan, scan.rounds.filter(isSame));
}

const keyOf = (scan, round) => JSON.stringify(scan.varying.map((name) => round.params[name]));

function entry(scan, rounds) {
  const done = rounds.filter((round) => round.status === "done");
  const scores = done.map((round) => score(scan, round));
  const mean = average(scores);
  const better = (one, other) =>
    one !== null && (other === null || (scan.minimize ? one < other : one > other));
  const best = (one, other) => (better(score(scan, other), score(scan, one)) ? other : one);
  return {
    ...{ rounds, mean, deviation: deviation(scores, mean) },
    shown: done.length ? done.reduce(best) : rounds.at(-1), // whose curve stands for all
    failed: rounds.find((round) => round.error) ?? null,
  };
}

/** The mean; null if there is none, or a round has diverged. */
export function average(scores) {
  if (!scores.length || scores.includes(null)) return null;
  return scores.reduce((sum, value) => sum + value, 0) / scores.length;
}

/** The sample's standard deviation; null of fewer than two. */
function deviation(scores, mean) {
  if (mean === null || scores.length < 2) return null;
  return Math.sqrt(scores.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (scores.length - 1));
}

export const spread = ({ mean, deviation }) =>
  deviation === null ? format(mean) : `${format(mean)} ± ${format(deviation, 2)}`;

/** Numbers of rounds: 4, or 4–6, or 0, 8. */
export function numbersInWords({ rounds }) {
  const numbers = rounds.map(({ number }) => number);
  const run = numbers.length > 1 && numbers.every((number, place) => number === numbers[0] + place);
  return run ? `${numbers[0]}–${numbers.at(-1)}` : numbers.join(", ");
}

export function resultInWords(scan, { rounds, mean, deviation }) {
  if (rounds.length === 1) return resultOf(scan, rounds[0]);
  const others = rounds.map(({ status }) => status).filter((status) => status !== "done");
  const counts = [...new Set(others)].map(
    (status) => `${others.filter((other) => other === status).length} ${status}`,
  );
  const diverged = others.length < rounds.length && mean === null;
  const scores = mean === null ? [] : [spread({ mean, deviation })];
  return [...scores, ...(diverged ? ["nan"] : []), ...counts].join(", ");
}

function resultOf(scan, round) {
  const value = score(scan, round);
  if (value === null) return round.status === "done" ? "nan" : round.status;
  return round.status === "done" ? format(value) : `${format(value)} ${round.status}`;
}

/** The epochs, from 1, at which the metric was best: the first and the last of them. */
export function bestEpoch({ rounds }) {
  const epochs = Math.max(...rounds.map(epochsOf));
  const peaks = rounds.filter(({ peak }) => peak !== null).map(({ peak }) => peak + 1);
  const [first, last] = [Math.min(...peaks), Math.max(...peaks)];
  const between = peaks.length ? (first === last ? first : `${first}–${last}`) : "-";
  return epochs ? `${between} of ${epochs}` : "";
}

export const duration = ({ rounds }) => rounds.reduce((sum, round) => sum + round.duration, 0);

export const durationInWords = (entry) => clock(duration(entry));

/** What it is sorted by: those without a score last, those that were cut short behind the done. */
export function rank(scan, { rounds, mean }) {
  const isDone = rounds.some(({ status }) => status === "done");
  const value = isDone ? mean : score(scan, rounds[0]);
  return value === null ? [1, 0, 0] : [0, Number(!isDone), scan.minimize ? value : -value];
}

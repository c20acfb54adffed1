/** The scan as this page knows it: what the kernel sent in full, and the changes since. */

import { hasEnded, ROUND, SCAN } from "./status.js";

const SILENCE = 60; // seconds for which a busy kernel may send nothing
export const MOST_LINES = 4; // of running rounds, as in status_lines.py
export const isNumber = (value) => typeof value === "number";

export function newScan() {
  return {
    ...{ rounds: [], names: [], notices: [], insights: [], varying: [], columns: [], state: SCAN.READY },
    ...{ total: 0, best: null, elapsed: 0, remaining: null, version: 0 },
    bins: [], // of the bar: a title, and the statuses in it with their counts
    steps: new Map(), // of the running rounds, by their numbers
    lines: [null], // numbers of the rounds in the lines of running rounds
    doing: "", // what goes on between two rounds, in words; each round has its own
    phases: new Set(), // epochs at which another fit of a round began
    rows: new Map(), // of the leaderboard, by the number of their first round
    ranked: null, // these rows in order, until one changes
    pending: [], // requests without an answer, and the changes expected of them
    requestedAt: null,
    isWhole: false, // whether no message is missing
    ...{ number: 0, confirmed: 0 }, // of the last message, and of the last one confirmed
    lostAt: null, // when the page noticed that the kernel is gone
  };
}

/** Apply a message; a full state replaces what was known, so that a page can open at any time.
 *
 * After a message that is missing, or does not fit what is known, changes wait for a full state.
 */
export function receive(scan, { number, all, changes = [], time, steps }) {
  scan.isWhole &&= number === scan.number + 1;
  Object.assign(scan, { number, receivedAt: Date.now(), requestedAt: null, lostAt: null });
  const parts = [all ? { all } : [], scan.isWhole ? changes : [], { time }, { steps }];
  for (const part of parts.flat()) {
    try {
      for (const [kind, data] of Object.entries(part)) apply[kind](scan, data);
    } catch {
      scan.isWhole = false;
    }
  }
  scan.lines = linesOf(scan);
}

/** Each round keeps its line until it has ended and another takes its place: no button moves. */
function linesOf({ rounds, lines }) {
  const running = runningRounds({ rounds }).map(({ number }) => number);
  const next = running.filter((number) => !lines.includes(number));
  const kept = lines.map((number) => (running.includes(number) ? number : (next.shift() ?? number)));
  return [...kept, ...next].slice(0, MOST_LINES);
}

const apply = {
  all: (scan, { rounds, board, bar, ...traits }) => {
    Object.assign(scan, traits, { rounds: rounds.map(newRound), pending: [] });
    scan.phases = new Set(rounds.flatMap((round) => round.phases));
    scan.version += 1;
    apply.board(scan, board);
    apply.bar(scan, bar);
    scan.isKnown = scan.isWhole = true;
  },
  time: (scan, [elapsed, remaining]) => Object.assign(scan, { elapsed, remaining }),
  steps: (scan, steps = []) => {
    scan.steps = new Map(steps.map(([number, ...step]) => [number, step]));
    for (const number of scan.steps.keys()) if (scan.rounds[number]) scan.rounds[number].doing = "";
  },
  session: (scan, traits) => Object.assign(scan, traits, { ranked: null }),
  answered: (scan, id) => {
    scan.pending = scan.pending.filter((request) => request.id !== id);
  },
  names: (scan, names) => Object.assign(scan, { names }),
  notice: (scan, text) => scan.notices.push(text),
  round: (scan, data) => {
    const begun = { status: ROUND.RUNNING, curves: {}, phases: [] };
    scan.rounds[data.number] = newRound({ ...data, ...begun });
    scan.doing = "";
    if (scan.rows.delete(data.number)) scan.ranked = null; // it did not end in an earlier run
  },
  continued: (scan, [number, first]) => {
    const { curves, phases, ...round } = scan.rounds[number];
    const kept = Object.entries(curves).map(([name, curve]) => [name, curve.slice(0, first)]);
    const before = { curves: Object.fromEntries(kept), phases: phases.filter((epoch) => epoch < first) };
    scan.rounds[number] = newRound({ ...round, ...before, status: ROUND.RUNNING });
    scan.doing = "";
    scan.version += 1; // its curve was painted as it was
    if (scan.rows.delete(number)) scan.ranked = null;
  },
  doing: (scan, [number, doing]) => {
    (number === null ? scan : scan.rounds[number]).doing = doing;
  },
  phase: (scan, [number, epoch]) => {
    scan.rounds[number].phases.push(epoch);
    scan.phases.add(epoch);
  },
  epochs: (scan, [number, first, rows]) => {
    scan.rounds[number].doing = "";
    rows.forEach((values, index) => {
      values.forEach((value, place) => {
        if (value === null) return; // the epoch lacks this metric
        const known = isNumber(value) ? value : null;
        put(scan.rounds[number], scan.names[place], first + index, known);
      });
    });
  },
  ended: (scan, data) => Object.assign(scan.rounds[data.number], data),
  board: (scan, rows) => {
    scan.rows = new Map(rows.map((row) => [row.rounds[0], row]));
    scan.ranked = null;
  },
  row: (scan, row) => {
    // A later round of the combination may have ended first.
    for (const number of row.rounds.slice(1)) scan.rows.delete(number);
    scan.rows.set(row.rounds[0], row);
    scan.ranked = null;
  },
  bar: (scan, [size, changed]) => {
    scan.bins.length = size;
    for (const [place, bin] of changed) scan.bins[place] = bin;
  },
};

/** A curve is a list, or of many rounds some of its epochs with their values. */
function newRound(data) {
  const round = { doing: "", ...data, curves: {}, extents: {}, epochs: 0 };
  for (const [name, curve] of Object.entries(data.curves)) {
    for (const [epoch, value] of Object.entries(curve)) put(round, name, Number(epoch), value);
  }
  return round;
}

/** Add a value to a curve, and to the extent of its values, from which the scales are made. */
function put(round, name, epoch, value) {
  const curve = (round.curves[name] ??= []);
  while (curve.length < epoch) curve.push(null);
  curve[epoch] = value;
  round.epochs = Math.max(round.epochs, epoch + 1);
  if (!isNumber(value)) return;
  const extent = (round.extents[name] ??= [value, value]);
  extent[0] = Math.min(extent[0], value);
  extent[1] = Math.max(extent[1], value);
}

export const isActive = (scan) => !hasEnded(scan.state);

const isTraining = ({ state }) => state === SCAN.RUNNING || state === SCAN.STOPPING;

/** Seconds since the last message; 0 where the kernel has nothing to send. */
export function silence(scan) {
  const since = isTraining(scan) ? scan.receivedAt : scan.requestedAt;
  return since ? ((scan.lostAt ?? Date.now()) - since) / 1000 : 0;
}

export const isLost = (scan) => isActive(scan) && scan.lostAt !== null;
export const isSilent = (scan) => isLost(scan) || silence(scan) >= SILENCE;

/** Seconds to add to the scan's clock since the last message. */
export const passed = (scan) => (isTraining(scan) ? Math.min(silence(scan), SILENCE) : 0);

/** Whether the kernel can handle a request. */
export const takesRequests = (scan) => scan.isKnown && !isLost(scan) && scan.state !== SCAN.STOPPING;

/** The scan as it will be once the kernel has handled the pending requests. */
export const foresee = (scan) =>
  Object.assign({}, scan, ...(isActive(scan) ? scan.pending : []).map(({ expected }) => expected));

/** The running rounds, by their numbers. */
export const runningRounds = ({ rounds }) => rounds.filter(({ status }) => status === ROUND.RUNNING);

/** Progress of a running round in percent; null if its number of epochs is unknown. */
export function progress(scan, { number }) {
  const [epoch, epochs, batch, batches] = scan.steps.get(number) ?? [];
  return epochs ? Math.min(100, (100 * (epoch + (batches ? batch / batches : 0))) / epochs) : null;
}

/** Rounds in the order of their best values of the metric that ranks them. */
export function bestFirst({ metric, minimize }, rounds) {
  const [place, sign] = minimize ? [0, 1] : [1, -1];
  const score = ({ extents }) => (metric in extents ? sign * extents[metric][place] : Infinity);
  const scored = rounds.map((round) => [score(round), round]);
  scored.sort(([one], [other]) => one - other || 0); // not a number if both are infinite
  return scored.map(([, round]) => round);
}

/** How a round is shown: its status, or "best". */
export const outcome = (scan, round) => (round.number === scan.best ? "best" : round.status);

/** A metric's name without its prefix: training and validation share a panel. */
export const baseOf = (name) => name.replace(/^val_/, "");

export const bases = (scan) => [...new Set(scan.names.map(baseOf))];

/** The scan as this page knows it: what the kernel sent in whole, and the changes that followed. */

const SILENCE = 60; // seconds: a kernel that has much to do may be silent for so long
const isNumber = (value) => typeof value === "number";

export function newScan() {
  return {
    ...{ rounds: [], names: [], notices: [], varying: [], state: "ready", total: 0, best: null },
    ...{ elapsed: 0, remaining: null, version: 0 },
    asked: [], // wishes that the kernel has not answered, and what they will have changed
    askedAt: null,
    unanswered: null, // the number of a message that is to be answered when it is drawn
    lostAt: null, // when it was seen that there is no kernel any more
  };
}

/** Take in a message; a whole state replaces what was known, so that a page may open at any time. */
export function receive(scan, message) {
  scan.isKnown ||= Boolean(message.all);
  if (!scan.isKnown) return; // changes of what this page has not been told yet
  if (message.all) {
    Object.assign(scan, message.all);
    scan.version += 1;
    scan.rounds = message.all.rounds.map(opened);
  }
  for (const change of message.changes ?? []) {
    for (const [kind, data] of Object.entries(change)) apply[kind](scan, data);
  }
  [scan.elapsed, scan.remaining] = message.time;
  scan.step = message.step ?? null;
  Object.assign(scan, { heard: Date.now(), askedAt: null, lostAt: null });
}

const apply = {
  session: (scan, data) => Object.assign(scan, data),
  answered: (scan, id) => {
    scan.asked = scan.asked.filter((wish) => wish.id !== id);
  },
  names: (scan, names) => Object.assign(scan, { names }),
  notice: (scan, text) => scan.notices.push(text),
  round: (scan, data) => {
    scan.rounds[data.number] = opened({ ...data, status: "running", curves: {}, metrics: {} });
  },
  epochs: (scan, [number, first, rows]) => {
    rows.forEach((values, index) => {
      values.forEach((value, place) => {
        if (value === null) return; // the epoch does not have it
        const known = isNumber(value) ? value : null;
        put(scan.rounds[number], scan.names[place], first + index, known);
      });
    });
  },
  ended: (scan, data) => Object.assign(scan.rounds[data.number], data),
};

function opened(round) {
  const known = { ...round, curves: {}, extents: {} };
  for (const [name, curve] of Object.entries(round.curves)) {
    curve.forEach((value, epoch) => put(known, name, epoch, value));
  }
  return known;
}

/** Add a value to a curve and to the extent of its values, which the scales are made of. */
function put(round, name, epoch, value) {
  const curve = (round.curves[name] ??= []);
  while (curve.length < epoch) curve.push(null);
  curve[epoch] = value;
  if (!isNumber(value)) return;
  const extent = (round.extents[name] ??= [value, value]);
  extent[0] = Math.min(extent[0], value);
  extent[1] = Math.max(extent[1], value);
}

const ACTIVE = ["ready", "running", "paused", "waiting", "stopping"];
export const isActive = (scan) => ACTIVE.includes(scan.state);

const goesOn = (scan) => ["running", "stopping"].includes(scan.state);

/** Seconds since the kernel was last heard of; 0 where it has nothing to say. */
export function silence(scan) {
  const since = goesOn(scan) ? scan.heard : scan.askedAt;
  return since ? ((scan.lostAt ?? Date.now()) - since) / 1000 : 0;
}

export const isLost = (scan) => isActive(scan) && scan.lostAt !== null;
export const isSilent = (scan) => isLost(scan) || silence(scan) >= SILENCE;

/** Seconds that the scan has run for since it was last heard of, as far as one may think so. */
export const passed = (scan) => (goesOn(scan) ? Math.min(silence(scan), SILENCE) : 0);

export const runningRound = (scan) => {
  const last = scan.rounds.at(-1);
  return last?.status === "running" ? last : null;
};

/** How far the running round is, in percent; null where nobody knows its epochs. */
export function progress(scan) {
  const [epoch, epochs, batch, batches] = scan.step ?? [];
  return epochs ? Math.min(100, (100 * (epoch + (batches ? batch / batches : 0))) / epochs) : null;
}

export const count = (scan, ...statuses) =>
  scan.rounds.reduce((sum, round) => sum + statuses.includes(round.status), 0);

export const epochsOf = (round) =>
  Object.values(round.curves).reduce((most, curve) => Math.max(most, curve.length), 0);

/** Epochs that pruning has saved so far, and about how many seconds. */
export function spared(scan) {
  const sum = (status, value) =>
    scan.rounds.reduce((all, round) => all + (round.status === status ? value(round) : 0), 0);
  const epochs = sum("pruned", (round) => round.spared ?? 0);
  const each = sum("done", (round) => round.duration) / Math.max(sum("done", epochsOf), 1);
  return [epochs, epochs * each];
}

export const score = (scan, round) => round.metrics[scan.metric] ?? null;

/** What a round is shown as: the best is done, too. */
export const outcome = (scan, round) => (round.number === scan.best ? "best" : round.status);

/** Metrics without their prefix: training and validation share a panel. */
export const baseOf = (name) => name.replace(/^val_/, "");

export const bases = (scan) => [...new Set(scan.names.map(baseOf))];

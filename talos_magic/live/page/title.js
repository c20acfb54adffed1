/** Progress in the page's title, for whoever works in another tab: "(3/8) notebook". */

import { isActive, isLost } from "./scan.js";
import { isFinished } from "./status.js";

// Each output has its own copy of this module. Two views of one scan count once.
const progressOf = (globalThis[Symbol.for("talos_magic title")] ??= new Map());

/** Renew the title, which Jupyter sets anew at times. */
export function showInTitle(scan) {
  if (!isActive(scan) || isLost(scan)) return leaveTitle(scan);
  if (!scan.isKnown || scan.open_ended) return;
  const finished = scan.rounds.filter(({ status }) => isFinished(status)).length;
  progressOf.set(keyOf(scan), [finished, scan.total]);
  writeTitle();
}

export function leaveTitle(scan) {
  if (progressOf.delete(keyOf(scan))) writeTitle();
}

const keyOf = ({ folder, name }) => folder || name;

function writeTitle() {
  const own = document.title.replace(/\(\d+\/\d+\) /g, "");
  const all = [...progressOf.values()];
  const sum = (place) => all.reduce((total, progress) => total + progress[place], 0);
  const title = all.length ? `(${sum(0)}/${sum(1)}) ${own}` : own;
  if (title !== document.title) document.title = title;
}

/** The bar: a segment a round, coloured by its outcome; bins of rounds where there are too many. */

import { add, match, setAttribute } from "./dom.js";
import { count, outcome, progress } from "./scan.js";

const SEGMENTS = 60;
const WHOLE = ["running", "best"]; // what a bin shows alone, to be found at a glance
const SHARES = ["done", "pruned", "skipped", "failed", "stopped", "waiting"];

export function buildBar(parent) {
  const bar = add(parent, "div", "talos-bar");
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-label", "Rounds ended");
  bar.setAttribute("aria-valuemin", 0);
  return bar;
}

export function drawBar(bar, scan) {
  const bins = Math.min(scan.total, SEGMENTS);
  const shown = Array.from({ length: bins }, (_, index) => {
    const first = Math.floor((index * scan.total) / bins);
    const end = Math.max(first + 1, Math.floor(((index + 1) * scan.total) / bins));
    return binOf(scan, first, end);
  });
  match(bar, shown, (parent) => add(parent, "span"), drawBin);
  bar.style.setProperty("--talos-share", `${progress(scan) ?? 100}%`);
  setAttribute(bar, "aria-valuemax", scan.total);
  setAttribute(bar, "aria-valuenow", count(scan, "done", "skipped", "failed", "pruned"));
}

/** What a bin says, and its statuses with their counts. */
function binOf(scan, first, end) {
  const statuses = scan.rounds.slice(first, end).map((round) => outcome(scan, round));
  while (statuses.length < end - first) statuses.push("waiting");
  if (end === first + 1) return { title: `round ${first}: ${statuses[0]}`, parts: [[statuses[0], 1]] };
  const counts = [...WHOLE, ...SHARES]
    .map((status) => [status, statuses.filter((other) => other === status).length])
    .filter(([, number]) => number);
  const texts = counts.map(([status, number]) => `${number} ${status}`);
  const parts = WHOLE.includes(counts[0][0]) ? counts.slice(0, 1) : counts;
  return { title: `rounds ${first} to ${end - 1}: ${texts.join(", ")}`, parts };
}

function drawBin(bin, { title, parts }) {
  const isMixed = parts.length > 1;
  setAttribute(bin, "title", title);
  setAttribute(bin, "data-status", isMixed ? null : parts[0][0]);
  match(bin, isMixed ? parts : [], (parent) => add(parent, "i"), (part, [status, number]) => {
    setAttribute(part, "data-status", status);
    part.style.flexGrow = number;
  });
}

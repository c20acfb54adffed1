/** The bar: a segment a round, coloured by its outcome; bins of rounds where there are too many. */

import { add, match, setAttribute } from "./dom.js";
import { count, outcome, progress } from "./scan.js";

const SEGMENTS = 60;
// What a bin of several rounds is shown as: the first of these that it has.
const PRIORITY = ["running", "best", "failed", "skipped", "stopped", "done", "pruned"];

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
  match(bar, shown, (parent) => add(parent, "span"), (span, [status, title]) => {
    setAttribute(span, "data-status", status);
    setAttribute(span, "title", title);
  });
  bar.style.setProperty("--talos-share", `${progress(scan) ?? 100}%`);
  setAttribute(bar, "aria-valuemax", scan.total);
  setAttribute(bar, "aria-valuenow", count(scan, "done", "skipped", "failed", "pruned"));
}

function binOf(scan, first, end) {
  const rounds = scan.rounds.slice(first, end);
  const statuses = rounds.map((round) => outcome(scan, round));
  const status = PRIORITY.find((wanted) => statuses.includes(wanted)) ?? "waiting";
  if (end === first + 1) return [status, `round ${first}: ${status}`];
  const counts = [...new Set(statuses)].map(
    (kind) => `${statuses.filter((other) => other === kind).length} ${kind}`,
  );
  const waiting = end - first - rounds.length;
  if (waiting) counts.push(`${waiting} waiting`);
  return [status, `rounds ${first} to ${end - 1}: ${counts.join(", ")}`];
}

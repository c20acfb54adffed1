/** The bar: a bin for each round, or for several where there are many, coloured by outcome. */

import { add, match, setAttribute } from "./dom.js";
import { progress, runningRounds } from "./scan.js";
import { isFinished, ROUND } from "./status.js";

export function buildBar(parent) {
  const bar = add(parent, "div", "talos-bar");
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-label", "Rounds ended or paused");
  bar.setAttribute("aria-valuemin", 0);
  return bar;
}

export function drawBar(bar, scan) {
  match(bar, scan.bins, (parent) => add(parent, "span"), drawBin);
  for (const round of runningRounds(scan)) {
    const place = Math.ceil(((round.number + 1) * scan.bins.length) / scan.total) - 1; // as in bar.py
    bar.children[place]?.style.setProperty("--talos-share", `${progress(scan, round) ?? 100}%`);
  }
  setAttribute(bar, "aria-valuemax", scan.total);
  const isStill = ({ status }) => isFinished(status) || status === ROUND.PAUSED;
  setAttribute(bar, "aria-valuenow", scan.rounds.filter(isStill).length);
  setAttribute(bar, "aria-valuetext", scan.counts ?? null);
}

function drawBin(bin, [title, parts]) {
  const isMixed = parts.length > 1;
  setAttribute(bin, "title", title);
  setAttribute(bin, "data-status", isMixed ? null : parts[0][0]);
  match(bin, isMixed ? parts : [], (parent) => add(parent, "i"), (part, [status, count]) => {
    setAttribute(part, "data-status", status);
    part.style.flexGrow = count;
  });
}

/** What the rounds say so far: the hyperparameters that matter; a click colours the curves by one. */

import { add, addButton, match, setAttribute, setText } from "./dom.js";
import { isActive } from "./scan.js";

const ENOUGH_ROUNDS = 8; // before anything is said, as in insight.py

export function buildInsights(parent, look, change) {
  const line = add(parent, "div", "talos-insights");
  return { line, look, change, found: add(line, "div"), none: add(line, "span") };
}

export function drawInsights(view, scan) {
  const { insights } = scan;
  const found = insights.filter(([name]) => name);
  match(view.found, found, (parent) => addInsight(parent, view), (button, insight) =>
    drawInsight(button, insight, view.look.colour),
  );
  setText(view.none, found.length ? "" : (insights[0]?.[1] ?? ""));
  view.none.hidden = found.length > 0; // it would lie above them
  const isOver = !isActive(scan) || (scan.isKnown && !scan.open_ended && scan.total < ENOUGH_ROUNDS);
  view.line.hidden = !insights.length && isOver; // before, it keeps its place
}

function addInsight(parent, { look, change }) {
  const button = addButton(parent, "talos-insight", "", () => {
    const { name } = button.dataset;
    change({ colour: look.colour === name ? "" : name });
  });
  add(button, "strong");
  add(button, "span");
}

function drawInsight(button, [name, text], colour) {
  button.dataset.name = name;
  setText(button.firstElementChild, name);
  setText(button.lastElementChild, ` ${text}`);
  setAttribute(button, "aria-pressed", name === colour);
  const meaning = "share of the variation that it explains; means, the others being equal";
  setAttribute(button, "title", `${name} ${text} (${meaning}). Click to colour the curves by it`);
}

/** A sparkline: the curve of a round in the metric that ranks, with a dot at its best value. */

import { setAttribute } from "./dom.js";

const NAMESPACE = "http://www.w3.org/2000/svg"; // only a name
const [WIDTH, HEIGHT, DOT] = [48, 14, 2]; // pixels; and the radius of the dot
const MOST_POINTS = WIDTH;

export function buildSparkline(parent) {
  const draw = (within, tag) =>
    within.appendChild(parent.ownerDocument.createElementNS(NAMESPACE, tag));
  const svg = draw(parent, "svg");
  const looks = { class: "talos-spark", width: WIDTH, height: HEIGHT, "aria-hidden": true };
  for (const [name, value] of Object.entries(looks)) setAttribute(svg, name, value);
  draw(svg, "polyline");
  setAttribute(draw(svg, "circle"), "r", DOT);
}

/** All share the axis of epochs, up to the last one; each has its own scale of values. */
export function drawSparkline(svg, scan, { number, curves, epochs }, last) {
  const key = [scan.version, scan.metric, scan.minimize, number, epochs, last].join();
  if (svg.dataset.key === key) return;
  svg.dataset.key = key;
  const curve = [...(curves[scan.metric] ?? []).entries()];
  const known = curve.filter(([, value]) => typeof value === "number");
  const values = known.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const place = ([epoch, value]) => [
    DOT + (last && epoch / last) * (WIDTH - 2 * DOT),
    HEIGHT - DOT - (high > low ? (value - low) / (high - low) : 0.5) * (HEIGHT - 2 * DOT),
  ];
  const step = Math.ceil(known.length / MOST_POINTS);
  const drawn = known.filter((_, index) => index % step === 0 || index === known.length - 1);
  const points = drawn.map((point) => place(point).map((x) => x.toFixed(1)).join()).join(" ");
  setAttribute(svg.firstElementChild, "points", points);
  const best = known.find(([, value]) => value === (scan.minimize ? low : high));
  const [x, y] = best ? place(best) : [-WIDTH, 0]; // out of sight
  setAttribute(svg.lastElementChild, "cx", x);
  setAttribute(svg.lastElementChild, "cy", y);
}

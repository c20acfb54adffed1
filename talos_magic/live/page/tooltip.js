/** The tip beside a hovered point: which round it is, and what it has other than the best one. */

import { add, match, setText } from "./dom.js";
import { formatNumber } from "./formatting.js";
import { outcome } from "./scan.js";
import { smoothed } from "./strokes.js";
import { ROUND } from "./status.js";

const AWAY = 12; // pixels from the curve
const MOST_DIFFERENCES = 4;

export function buildTip(figure) {
  const tip = add(figure, "div", "talos-tip");
  tip.setAttribute("role", "status");
  tip.hidden = true;
  return tip;
}

export function drawTip({ tip, scale, figure, canvas, base }, scan, look) {
  const point = look.hovered?.base === base ? look.hovered : null;
  const round = scan.rounds[point?.number];
  tip.hidden = !round || !scale;
  if (tip.hidden) return;
  const kind = outcome(scan, round);
  const note = kind === ROUND.DONE ? "" : ` (${kind})`;
  const value = `${point.name} ${formatNumber(point.value)}`;
  const first = `round ${point.number}${note} · epoch ${point.epoch + 1} · ${value}`;
  match(tip, [first, ...differences(scan, round)], (parent) => add(parent, "div"), setText);
  const drawn = smoothed(round.curves[point.name], look.smooth, round.phases);
  const { left, top } = placeOf(tip, figure.clientWidth, scale, drawn, point.epoch);
  tip.style.left = `${left}px`;
  tip.style.top = `${canvas.offsetTop + top}px`;
}

/** Where a tip hides nothing of its curve: left or right of the point, above or below, as fits best. */
function placeOf({ offsetWidth: width, offsetHeight: height }, room, scale, drawn, epoch) {
  const [x, y] = [scale.x(epoch), scale.y(drawn[epoch])];
  const sides = [x + AWAY, x - AWAY - width].map((left) => Math.max(0, Math.min(room - width, left)));
  const places = sides.flatMap((left) => {
    const [upper, lower] = heightsOf(drawn, scale, left - AWAY, left + width + AWAY);
    return [upper - AWAY - height, lower + AWAY].map((top) => ({ left, top }));
  });
  const outside = ({ top }) => Math.max(0, scale.top - top, top + height - scale.bottom);
  const away = ({ top }) => Math.abs(top + height / 2 - y);
  return places.sort((one, other) => outside(one) - outside(other) || away(one) - away(other))[0];
}

/** Between which heights a curve is drawn, from one place to another. */
function heightsOf(drawn, scale, from, to) {
  const heights = drawn
    .slice(Math.max(0, scale.epochAt(from) - 1), scale.epochAt(to) + 2)
    .filter(scale.drawable)
    .map((value) => Math.max(scale.top, Math.min(scale.bottom, scale.y(value))));
  return [Math.min(...heights), Math.max(...heights)];
}

/** The hyperparameters in which a round differs from the best one, a line each. */
function differences({ varying, rounds, best }, { number, texts }) {
  if (best === null || best === number) return [];
  const other = rounds[best].texts;
  const names = varying.filter((name) => texts[name] !== other[name]);
  if (!names.length) return ["the same hyperparameters as the best round"];
  const lines = names.map((name) => `${name} ${texts[name]} (best ${other[name]})`);
  const more = lines.length - MOST_DIFFERENCES;
  return more > 0 ? [...lines.slice(0, MOST_DIFFERENCES), `and ${more} more`] : lines;
}

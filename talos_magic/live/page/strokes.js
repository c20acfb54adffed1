/** The curves of one round, drawn by a pen: validation, and thinner the training behind it. */

import { isCut } from "./status.js";

const TRAINING = 0.4; // of the width
const HALO = 4; // pixels, on both sides together: the page shows around what stands out
const averages = new WeakMap(); // of curves: one points to all of them, and most do not change

/** The curves of a panel with their widths, the main one last: training where nothing is validated. */
export function curvesOf(scan, base, width, training) {
  const validation = `val_${base}`;
  if (!scan.names.includes(validation)) return [[base, width]];
  return training ? [[base, TRAINING * width], [validation, width]] : [[validation, width]];
}

/** Draw a round; with a halo, it stands out from what is behind both of its curves. */
export function drawRound(pen, scale, round, look, { curves, colour, alpha = 1, halo = false }) {
  const known = curves.filter(([name]) => round.curves[name]);
  const lines = known.map(([name, width]) => [pointsOf(round, name, look.smooth, scale), width]);
  for (const [points, width] of halo ? lines : []) {
    trace(pen, scale, points, round.phases);
    erase(pen, width + HALO);
  }
  pen.strokeStyle = pen.fillStyle = colour;
  pen.globalAlpha = alpha;
  pen.setLineDash(isCut(round.status) ? [4, 3] : []);
  for (const [points, width] of lines) {
    trace(pen, scale, points, round.phases);
    pen.lineWidth = width;
    pen.stroke();
    if (points.length === 1) drawDot(pen, scale, points[0], 2.5);
  }
  pen.setLineDash([]);
}

/** Stroke with the page's own background, whatever its colour is. */
function erase(pen, width) {
  pen.globalAlpha = 1;
  pen.globalCompositeOperation = "destination-out";
  pen.lineWidth = width;
  pen.stroke();
  pen.globalCompositeOperation = "source-over";
}

function pointsOf({ curves, phases }, name, smooth, scale) {
  const curve = smoothed(curves[name], smooth, phases);
  return decimated([...curve.entries()].filter(([, value]) => scale.drawable(value)), scale);
}

/** Begin the path of a curve: it is joined across epochs that lack the metric, not between two fits. */
function trace(pen, scale, points, phases) {
  pen.lineCap = "round"; // of a phase of one epoch, it is all that shows
  pen.lineJoin = "round";
  pen.beginPath();
  let next = 0; // phase
  for (const [epoch, value] of points) {
    const point = [scale.x(epoch), scale.y(value)];
    if (phases[next] <= epoch) pen.moveTo(...point);
    while (phases[next] <= epoch) next += 1;
    pen.lineTo(...point);
  }
}

export function drawDot(pen, scale, [epoch, value], radius) {
  pen.beginPath();
  pen.arc(scale.x(epoch), scale.y(value), radius, 0, 2 * Math.PI);
  pen.fill();
}

/** Points of a curve, no more than the screen can show: the lowest and highest of each bin. */
function decimated(points, scale) {
  const step = Math.ceil((2 * points.length) / (scale.right - scale.left));
  if (step < 4) return points;
  const kept = [];
  for (let first = 0; first < points.length; first += step) {
    const bin = points.slice(first, first + step);
    const low = bin.reduce((a, b) => (b[1] < a[1] ? b : a));
    const high = bin.reduce((a, b) => (b[1] > a[1] ? b : a));
    kept.push(...(low[0] < high[0] ? [low, high] : [high, low]));
  }
  return kept;
}

/** Exponential moving average, corrected for its start at zero. */
export function smoothed(curve, factor, phases = []) {
  if (!factor) return curve;
  const before = averages.get(curve);
  if (before?.factor === factor && before.values.length === curve.length) return before.values;
  let [sum, weights] = [0, 0];
  const values = curve.map((value, epoch) => {
    if (phases.includes(epoch)) [sum, weights] = [0, 0];
    if (typeof value !== "number") return value;
    sum = factor * sum + (1 - factor) * value;
    weights = factor * weights + (1 - factor);
    return sum / weights;
  });
  averages.set(curve, { factor, values });
  return values;
}

/** A panel: the curves of one metric in all rounds, training thin and validation bold.
 *
 * Ended rounds are painted once, on a layer of their own and a few milliseconds at a time, so that
 * frames stay short however many rounds there are. All that moves is drawn above, in every frame.
 */

import { add, setAttribute, setText } from "./dom.js";
import { scaleOf } from "./scale.js";
import { runningRounds } from "./scan.js";
import { isCut, ROUND } from "./status.js";

const BORDER = 3; // pixels, on both sides together

export function buildPanel(parent, base) {
  const figure = add(parent, "figure", "talos-panel");
  const caption = add(figure, "figcaption", "", base);
  const canvas = add(figure, "canvas");
  canvas.tabIndex = 0;
  setAttribute(canvas, "role", "application"); // it takes keys
  setAttribute(canvas, "aria-roledescription", "chart");
  const keys = "arrow keys move through rounds and epochs, Enter selects a round";
  setAttribute(canvas, "aria-label", `${base} by epoch, training and validation; ${keys}`);
  return { base, figure, caption, canvas, layer: null, next: null, scale: null, known: null };
}

/** Draw a panel for `budget` milliseconds; true if ended rounds are left for another frame. */
export function drawPanel(panel, scan, look, colours, budget) {
  const { canvas, base } = panel;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return false; // not on the page, or in a hidden tab
  const theme = themeOf(canvas);
  const scale = scaleNow(panel, scan, look, width, height);
  setText(panel.caption, look.log && !scale.log ? `${base} (linear: some values are not above 0)` : base);
  const fade = fading(scan.rounds.length);
  const by = look.colour;
  const key = [scale.key, theme.ratio, theme.faded, theme.ink, fade.alpha, look.smooth, scan.version];
  const wanted = [...key, by, by ? colours.legend : ""].join();
  if ((panel.next ?? panel.layer)?.key !== wanted) {
    panel.next = newLayer(canvas, wanted, scale, theme.ratio);
  }
  const deadline = performance.now() + budget; // only painting counts
  const more = paint(panel.next ?? panel.layer, scan, base, look, colours, theme, fade, deadline);
  if (panel.next && !(more && panel.layer)) [panel.layer, panel.next] = [panel.next, null];
  compose(panel, scan, look, colours, theme);
  return more;
}

/** The scale of what was last received: it is made of all rounds, and frames are more than messages. */
function scaleNow(panel, scan, look, width, height) {
  const key = [scan.number, look.log, width, height].join();
  if (panel.known?.key !== key) {
    panel.known = { key, scale: scaleOf(scan, panel.base, look, width, height) };
  }
  return panel.known.scale;
}

function themeOf(canvas) {
  const style = getComputedStyle(canvas);
  const colour = (name) => style.getPropertyValue(`--talos-${name}`).trim();
  return {
    ...{ ink: style.color, faded: colour("both-faded"), running: colour("running") },
    ...{ best: colour("best"), selected: colour("selected") },
    ratio: window.devicePixelRatio || 1,
    font: `11px ${style.fontFamily}`,
  };
}

/** The more rounds, the fainter each of them, so that hundreds stay in the background. */
function fading(rounds) {
  const steps = 2 ** Math.ceil(Math.log2(Math.max(rounds, 1))); // few steps: each repaints all
  return { alpha: Math.max(0.15, Math.min(0.75, 16 / steps)), weight: steps > 64 ? 0.6 : 1 };
}

function newLayer(canvas, key, scale, ratio) {
  const sheet = canvas.ownerDocument.createElement("canvas");
  resize(sheet, canvas.clientWidth, canvas.clientHeight, ratio);
  const pen = sheet.getContext("2d");
  pen.scale(ratio, ratio);
  clip(pen, scale);
  return { key, scale, sheet, pen, painted: new Set() };
}

function resize(canvas, width, height, ratio) {
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
}

function clip(pen, { left, right, top, bottom }) {
  pen.beginPath();
  pen.rect(left, top - 2, right - left + 2, bottom - top + 4);
  pen.clip();
}

/** Paint ended rounds on their layer, at least one, until the deadline; true if some are left. */
function paint(layer, scan, base, look, colours, theme, fade, deadline) {
  let isLate = false;
  for (const round of scan.rounds) {
    if (round.status === ROUND.RUNNING || layer.painted.has(round.number)) continue;
    if (isLate) return true;
    const colour = look.colour ? colours.of(round) : theme.faded;
    drawRound(layer.pen, layer.scale, round, base, look, { ...fade, colour });
    layer.painted.add(round.number);
    isLate = performance.now() > deadline;
  }
  return false;
}

function compose(panel, scan, look, colours, theme) {
  const { canvas, layer, base } = panel;
  const scale = (panel.scale = layer.scale);
  resize(canvas, canvas.clientWidth, canvas.clientHeight, theme.ratio);
  const pen = canvas.getContext("2d");
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.globalAlpha = 1;
  pen.drawImage(layer.sheet, 0, 0);
  pen.scale(theme.ratio, theme.ratio);
  drawAxes(pen, scale, theme);
  drawPhases(pen, scale, scan.phases);
  pen.save();
  clip(pen, scale);
  const strong = (round, colour, weight = 1) => {
    if (!round) return;
    if (!look.colour) return drawRound(pen, scale, round, base, look, { alpha: 1, weight, colour });
    // The hyperparameter's colour stays visible, within a border.
    const outline = { alpha: 1, weight, colour: theme.ink, border: BORDER };
    drawRound(pen, scale, round, base, look, outline);
    drawRound(pen, scale, round, base, look, { alpha: 1, weight, colour: colours.of(round) });
  };
  strong(scan.rounds[scan.best], theme.best);
  for (const round of runningRounds(scan)) strong(round, theme.running);
  strong(scan.rounds[look.selected], theme.selected, 1.3);
  if (look.hovered?.base === base) drawPoint(pen, scale, scan, look, theme, strong);
  pen.restore();
}

function drawAxes(pen, scale, theme) {
  const { left, right, top, bottom, epochs, ticks } = scale;
  pen.font = theme.font;
  pen.fillStyle = pen.strokeStyle = theme.ink;
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const [place, tick] of ticks.entries()) {
    const y = Math.round(scale.y(tick)) + 0.5;
    if (y < top - 1 || y > bottom + 1) continue;
    pen.globalAlpha = 0.13;
    pen.beginPath();
    pen.moveTo(left, y);
    pen.lineTo(right, y);
    pen.stroke();
    pen.globalAlpha = 0.75;
    pen.fillText(scale.texts[place], left - 6, y);
  }
  pen.textBaseline = "alphabetic";
  pen.fillText(`epoch ${epochs}`, right, bottom + 15);
  pen.textAlign = "left";
  if (epochs > 1) pen.fillText("1", left, bottom + 15);
}

/** Mark where another fit of a round begins: its curve has a gap there. */
function drawPhases(pen, { top, bottom, x }, phases) {
  pen.globalAlpha = 0.35;
  pen.setLineDash([2, 3]);
  for (const epoch of phases) {
    const place = Math.round(x(epoch - 0.5)) + 0.5;
    pen.beginPath();
    pen.moveTo(place, top);
    pen.lineTo(place, bottom + 4);
    pen.stroke();
  }
  pen.setLineDash([]);
}

function drawPoint(pen, scale, scan, look, theme, strong) {
  const { number, name, epoch } = look.hovered;
  const round = scan.rounds[number];
  const special = { [scan.best]: theme.best, [look.selected]: theme.selected };
  const colour = round?.status === ROUND.RUNNING ? theme.running : (special[number] ?? theme.ink);
  strong(round, colour);
  const value = smoothed(round?.curves[name] ?? [], look.smooth, round?.phases)[epoch];
  if (!scale.drawable(value)) return;
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(scale.x(epoch), scale.y(value), 4, 0, 2 * Math.PI);
  pen.fill();
}

function drawRound(pen, scale, round, base, look, { alpha, weight, colour, border = 0 }) {
  pen.strokeStyle = pen.fillStyle = colour;
  pen.globalAlpha = alpha;
  pen.setLineDash(isCut(round.status) ? [4, 3] : []);
  for (const [name, width] of [
    [base, 1],
    [`val_${base}`, 2.25],
  ]) {
    pen.lineWidth = width * weight + border;
    const curve = round.curves[name];
    if (curve) drawCurve(pen, scale, smoothed(curve, look.smooth, round.phases), round.phases);
  }
  pen.setLineDash([]);
}

/** Draw a curve; it is joined across epochs that lack the metric, but not between two fits. */
function drawCurve(pen, scale, curve, phases) {
  const known = [...curve.entries()].filter(([, value]) => scale.drawable(value));
  pen.lineCap = "round"; // of a phase of one epoch, it is all that shows
  pen.beginPath();
  let next = 0; // phase
  for (const [epoch, value] of decimated(known, scale)) {
    const point = [scale.x(epoch), scale.y(value)];
    if (phases[next] <= epoch) pen.moveTo(...point);
    while (phases[next] <= epoch) next += 1;
    pen.lineTo(...point);
  }
  pen.stroke();
  if (known.length === 1) {
    const [[epoch, value]] = known;
    pen.beginPath();
    pen.arc(scale.x(epoch), scale.y(value), 2.5, 0, 2 * Math.PI);
    pen.fill();
  }
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
  let [sum, weights] = [0, 0];
  return curve.map((value, epoch) => {
    if (phases.includes(epoch)) [sum, weights] = [0, 0];
    if (typeof value !== "number") return value;
    sum = factor * sum + (1 - factor) * value;
    weights = factor * weights + (1 - factor);
    return sum / weights;
  });
}

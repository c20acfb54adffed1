/** A panel: the curves of one metric in all rounds.
 *
 * Ended rounds are painted once, on a layer of their own and a few milliseconds at a time, so that
 * frames stay short however many rounds there are. All that moves is drawn above, in every frame.
 */

import { drawAxes, drawBeyond, drawPhases } from "./axes.js";
import { drawCrosshair } from "./crosshair.js";
import { add, setAttribute, setText } from "./dom.js";
import { scaleOf } from "./scale.js";
import { bestFirst, runningRounds } from "./scan.js";
import { ROUND } from "./status.js";
import { curvesOf, drawRound } from "./strokes.js";
import { buildTip } from "./tooltip.js";

const THIN = 1.2; // pixels, of an ended round
const BOLD = 2.25; // of one that stands out
const CHOSEN = 2.75; // of one that a person selected, or points to
const BACK = 0.3; // opacity of the others, while a person points to a round

export function buildPanel(parent, base) {
  const figure = add(parent, "figure", "talos-panel");
  const caption = add(figure, "figcaption", "", base);
  const canvas = add(figure, "canvas");
  canvas.tabIndex = 0;
  setAttribute(canvas, "role", "application"); // it takes keys
  setAttribute(canvas, "aria-roledescription", "chart");
  const keys = "arrow keys move through rounds and epochs, Enter selects a round";
  setAttribute(canvas, "aria-label", `${base} by epoch, training and validation; ${keys}`);
  const tip = buildTip(figure);
  return { base, figure, caption, canvas, tip, layer: null, next: null, scale: null, known: null };
}

/** Draw a panel for `budget` milliseconds; true if ended rounds are left for another frame. */
export function drawPanel(panel, scan, look, colours, budget) {
  const { canvas, base } = panel;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return false; // not on the page, or in a hidden tab
  const theme = themeOf(canvas);
  const scale = scaleNow(panel, scan, look, width, height);
  setText(panel.caption, look.log && !scale.log ? `${base} (linear: some values are not above 0)` : base);
  const style = styleOfOthers(scan, base, colours, theme);
  const key = [scale.key, theme.ratio, look.smooth, scan.version, colours?.id];
  const wanted = [...key, ...Object.values(style)].join();
  if ((panel.next ?? panel.layer)?.key !== wanted) {
    panel.next = newLayer(canvas, wanted, scale, theme.ratio);
  }
  const deadline = performance.now() + budget; // only painting counts
  const more = paint(panel.next ?? panel.layer, scan, look, colours, style, deadline);
  if (panel.next && !(more && panel.layer)) [panel.layer, panel.next] = [panel.next, null];
  compose(panel, scan, look, colours, theme);
  return more;
}

/** The scale of what was last received: it is made of all rounds, and frames are more than messages. */
function scaleNow(panel, scan, look, width, height) {
  const key = [scan.number, look.log, look.zoom, width, height].join();
  if (panel.known?.key !== key) {
    const wasZoomed = panel.known?.scale.isZoomed; // it stays so: to and fro would be restless
    panel.known = { key, scale: scaleOf(scan, panel.base, look, width, height, wasZoomed) };
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

/** The more rounds, the fainter each of them, so that hundreds stay in the background.
 *
 * Colours of a hyperparameter are opaque, or they would mix, and without those of training.
 */
function styleOfOthers(scan, base, colours, theme) {
  const steps = 2 ** Math.ceil(Math.log2(Math.max(scan.rounds.length, 1))); // few: each repaints all
  const alpha = colours ? 1 : Math.max(0.15, Math.min(0.75, 24 / steps));
  const width = steps > 64 ? 0.7 * THIN : THIN;
  return { colour: theme.faded, alpha, curves: curvesOf(scan, base, width, !colours) };
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
function paint(layer, scan, look, colours, style, deadline) {
  const isLeft = ({ number, status }) => status !== ROUND.RUNNING && !layer.painted.has(number);
  const left = scan.rounds.filter(isLeft);
  if (colours) layer.pen.globalCompositeOperation = "destination-over"; // the best are in front
  for (const [place, round] of (colours ? bestFirst(scan, left) : left).entries()) {
    if (place && performance.now() > deadline) return true;
    const colour = colours?.of(round) ?? style.colour;
    drawRound(layer.pen, layer.scale, round, look, { ...style, colour });
    layer.painted.add(round.number);
  }
  return false;
}

/** Draw axes, the layer of ended rounds, those that stand out, and above all the one pointed to. */
function compose(panel, scan, look, colours, theme) {
  const { canvas, layer, base } = panel;
  const { hovered, selected } = look;
  const scale = (panel.scale = layer.scale);
  resize(canvas, canvas.clientWidth, canvas.clientHeight, theme.ratio);
  const pen = canvas.getContext("2d");
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const alpha = hovered ? BACK : 1;
  pen.globalAlpha = alpha;
  pen.drawImage(layer.sheet, 0, 0);
  pen.scale(theme.ratio, theme.ratio);
  drawAxes(pen, scale, theme);
  drawPhases(pen, scale, scan.phases);
  pen.save();
  clip(pen, scale);
  const stand = (round, colour, width, { training = true, opacity = alpha } = {}) => {
    if (!round) return;
    const curves = curvesOf(scan, base, width, training);
    drawRound(pen, scale, round, look, { curves, colour, alpha: opacity, halo: true });
    drawBeyond(pen, scale, round.curves[curves.at(-1)[0]] ?? [], colour);
  };
  const bold = colours ? CHOSEN : BOLD; // their width alone tells them then
  const colourOf = (round, outcome) => (colours && round ? colours.of(round) : outcome);
  const best = scan.rounds[scan.best];
  stand(best, colourOf(best, theme.best), bold, { training: !colours });
  for (const round of runningRounds(scan)) stand(round, colourOf(round, theme.running), bold);
  stand(scan.rounds[selected], colours ? theme.ink : theme.selected, CHOSEN);
  stand(scan.rounds[hovered?.number], theme.ink, CHOSEN, { opacity: 1 });
  if (hovered?.base) drawCrosshair(pen, scale, scan.rounds[hovered.number], base, look, theme);
  pen.restore();
}

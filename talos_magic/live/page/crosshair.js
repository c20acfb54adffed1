/** The crosshair: the epoch of the hovered point in all panels, and the value of its round in each. */

import { line } from "./axes.js";
import { formatNumber } from "./formatting.js";
import { drawDot, smoothed } from "./strokes.js";

const GAP = 8; // pixels between the dot and its value

export function drawCrosshair(pen, scale, round, base, look, theme) {
  const { base: own, name, epoch } = look.hovered;
  pen.strokeStyle = pen.fillStyle = theme.ink;
  pen.lineWidth = 1;
  pen.globalAlpha = 0.4;
  const place = Math.round(scale.x(epoch)) + 0.5;
  line(pen, place, scale.top, place, scale.bottom);
  pen.globalAlpha = 1;
  const same = name === own ? base : `val_${base}`; // training or validation, as hovered
  const curve = round?.curves[same] ?? [];
  const value = smoothed(curve, look.smooth, round?.phases)[epoch];
  if (!scale.drawable(value)) return;
  drawDot(pen, scale, [epoch, value], 4);
  if (base !== own) drawValue(pen, scale, [epoch, value], formatNumber(curve[epoch]), theme);
}

/** Write the value beside the dot, within the page's own background. */
function drawValue(pen, { x, y, left, right, top, bottom }, [epoch, value], text, theme) {
  const isLeft = x(epoch) > (left + right) / 2;
  const place = [x(epoch) + (isLeft ? -GAP : GAP), Math.max(top + 6, Math.min(bottom - 6, y(value)))];
  pen.font = `bold ${theme.font}`;
  pen.textAlign = isLeft ? "right" : "left";
  pen.textBaseline = "middle";
  pen.lineWidth = 5;
  pen.globalCompositeOperation = "destination-out";
  pen.strokeText(text, ...place);
  pen.globalCompositeOperation = "source-over";
  pen.fillText(text, ...place);
}

/** The axes of a panel, and what is marked along them. */

export function drawAxes(pen, scale, theme) {
  pen.font = theme.font;
  pen.fillStyle = pen.strokeStyle = theme.ink;
  pen.lineWidth = 1;
  drawValues(pen, scale);
  drawEpochs(pen, scale);
}

function drawValues(pen, { left, right, top, bottom, ticks, texts, y }) {
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const [index, tick] of ticks.entries()) {
    const place = Math.round(y(tick)) + 0.5;
    if (place < top - 1 || place > bottom + 1) continue;
    pen.globalAlpha = 0.13;
    line(pen, left, place, right, place);
    pen.globalAlpha = 0.75;
    pen.fillText(texts[index], left - 6, place);
  }
}

function drawEpochs(pen, { left, bottom, x, epochTicks }) {
  pen.textBaseline = "alphabetic";
  pen.globalAlpha = 0.75;
  pen.fillText("epoch", left - 8, bottom + 15);
  pen.textAlign = "center";
  for (const epoch of epochTicks) {
    const place = x(epoch - 1);
    pen.globalAlpha = 0.4;
    line(pen, Math.round(place) + 0.5, bottom, Math.round(place) + 0.5, bottom + 3);
    pen.globalAlpha = 0.75;
    pen.fillText(epoch, place, bottom + 15);
  }
}

export function line(pen, fromX, fromY, toX, toY) {
  pen.beginPath();
  pen.moveTo(fromX, fromY);
  pen.lineTo(toX, toY);
  pen.stroke();
}

/** Mark where another fit of a round begins: its curve has a gap there. */
export function drawPhases(pen, { top, bottom, x }, phases) {
  pen.globalAlpha = 0.35;
  pen.setLineDash([2, 3]);
  for (const epoch of phases) {
    const place = Math.round(x(epoch - 0.5)) + 0.5;
    line(pen, place, top, place, bottom + 4);
  }
  pen.setLineDash([]);
}

/** Point to a curve whose last value is outside, with a triangle at the edge. */
export function drawBeyond(pen, { x, y, left, right, top, bottom, drawable }, curve, colour) {
  const height = drawable(curve.at(-1)) ? y(curve.at(-1)) : top;
  if (height >= top - 2 && height <= bottom + 2) return;
  const [edge, back] = height < top ? [top - 1, 6] : [bottom + 1, -6];
  const place = Math.max(left + 5, Math.min(right - 5, x(curve.length - 1)));
  pen.globalAlpha = 1;
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(place, edge);
  pen.lineTo(place - 5, edge + back);
  pen.lineTo(place + 5, edge + back);
  pen.fill();
}

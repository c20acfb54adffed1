/** Read a panel by mouse, touch or keyboard: find the round, epoch and value. */

import { curvesOf, smoothed } from "./strokes.js";

const NEAR = 24; // pixels

/** Watch the pointer on a panel; `change` is called with changes to the look of the view. */
export function watch(panel, scan, look, change) {
  const { canvas } = panel;
  canvas.addEventListener("pointermove", (event) => {
    panel.tip.setAttribute("aria-live", "off"); // it can be seen at the mouse
    const found = nearest(panel, scan, look, event.offsetX, event.offsetY);
    if (!isSame(found, look.hovered)) change({ hovered: found });
  });
  canvas.addEventListener("pointerleave", () => change({ hovered: null }));
  canvas.addEventListener("focus", () => {
    // With a mouse, the pointer selects the point.
    if (canvas.matches(":focus-visible")) change({ hovered: start(panel, scan) });
  });
  canvas.addEventListener("blur", () => change({ hovered: null }));
  canvas.addEventListener("click", (event) => {
    const found = nearest(panel, scan, look, event.offsetX, event.offsetY);
    if (found) change({ selected: toggled(look, found.number) });
  });
  canvas.addEventListener("keydown", (event) => {
    const changes = onKey(event.key, panel, scan, look);
    if (!changes) return;
    event.preventDefault();
    panel.tip.setAttribute("aria-live", "polite");
    change(changes);
  });
}

/** Whether two points are of one curve and epoch, so that nothing has to be drawn. */
const isSame = (one, other) =>
  ["base", "number", "name", "epoch"].every((key) => one?.[key] === other?.[key]);

const toggled = (look, number) => (look.selected === number ? null : number);

function nearest(panel, scan, look, x, y) {
  const { scale } = panel;
  if (!scale || x < scale.left - NEAR) return null;
  const epoch = scale.epochAt(x);
  let [best, distance] = [null, NEAR];
  for (const point of pointsAt(panel, scan, look, epoch)) {
    const place = scale.y(point.shown);
    const away = Math.abs(place - y);
    const isInside = place >= scale.top - 1 && place <= scale.bottom + 1;
    if (isInside && away < distance) [best, distance] = [point, away];
  }
  return best;
}

/** What is drawn at an epoch, or nearest to it where a curve lacks some; validation comes first. */
function pointsAt({ base, scale }, scan, look, at) {
  const points = [];
  const drawn = curvesOf(scan, base, 1, !look.colour);
  const names = drawn.map(([name]) => name).reverse();
  for (const { number, curves, phases } of scan.rounds) {
    for (const name of names) {
      const curve = curves[name] ?? [];
      const before = nextKnown(curve, at, -1, scale);
      const after = nextKnown(curve, at, 1, scale);
      if (before === null || after === null) continue;
      const epoch = after - at < at - before ? after : before;
      const shown = smoothed(curve, look.smooth, phases)[epoch];
      points.push({ base, number, name, epoch, value: curve[epoch], shown });
    }
  }
  return points;
}

/** The first epoch from one on, in a direction, at which a curve has a point; null if none. */
function nextKnown(curve, from, by, scale) {
  let epoch = from;
  while (epoch in curve && !scale.drawable(curve[epoch])) epoch += by;
  return epoch in curve ? epoch : null;
}

function onKey(key, panel, scan, look) {
  const { hovered } = look;
  const here = hovered?.base === panel.base ? hovered : start(panel, scan);
  if (!here) return null;
  if (key === "Escape") return { hovered: null, selected: null };
  if (key === "Enter" || key === " ") return { hovered: here, selected: toggled(look, here.number) };
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (sideways) return { hovered: along(panel, scan, here, hovered ? sideways : 0) };
  const upwards = { ArrowDown: -1, ArrowUp: 1 }[key];
  return upwards ? { hovered: across(panel, scan, look, here, hovered ? upwards : 0) } : null;
}

/** The keyboard starts at the end of the best round, else of the last that has a curve. */
function start(panel, scan) {
  const round = scan.rounds[scan.best] ?? scan.rounds.findLast(({ epochs }) => epochs);
  const name = [`val_${panel.base}`, panel.base].find((one) => round?.curves[one]?.length);
  return name ? pointOf(panel, round, name, round.curves[name].length - 1) : null;
}

const pointOf = (panel, round, name, epoch) => ({
  ...{ base: panel.base, number: round.number, name, epoch },
  value: round.curves[name][epoch],
});

function along(panel, scan, here, by) {
  const round = scan.rounds[here.number];
  const next = nextKnown(round.curves[here.name], here.epoch + by, by, panel.scale);
  return pointOf(panel, round, here.name, next ?? here.epoch);
}

/** The next value up or down at the same epoch, of curves of the same kind. */
function across(panel, scan, look, here, by) {
  const same = pointsAt(panel, scan, look, here.epoch).filter(({ name }) => name === here.name);
  same.sort((a, b) => a.value - b.value);
  const place = same.findIndex(({ number }) => number === here.number);
  return same[Math.max(0, Math.min(same.length - 1, place + by))] ?? here;
}

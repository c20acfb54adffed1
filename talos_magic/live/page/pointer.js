/** Mouse, touch and keyboard on a panel: which round, epoch and value is meant. */

import { smoothed } from "./curves.js";
import { add, setText } from "./dom.js";
import { outcome } from "./scan.js";
import { format, inWords } from "./words.js";

const NEAR = 24; // pixels

/** Let a panel be read; `change` is called with what the look of the view gets. */
export function watch(panel, scan, look, change) {
  panel.tip = add(panel.figure, "div", "talos-tip");
  panel.tip.setAttribute("role", "status");
  const { canvas } = panel;
  canvas.addEventListener("pointermove", (event) => {
    panel.tip.setAttribute("aria-live", "off"); // who points with a mouse sees it
    change({ hovered: nearest(panel, scan, look, event.offsetX, event.offsetY) });
  });
  canvas.addEventListener("pointerleave", () => change({ hovered: null }));
  canvas.addEventListener("focus", () => {
    // A mouse says itself which point it means.
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

const toggled = (look, number) => (look.selected === number ? null : number);

function nearest(panel, scan, look, x, y) {
  const { scale } = panel;
  if (!scale || x < scale.left - NEAR) return null;
  const epoch = scale.epochAt(x);
  let [best, distance] = [null, NEAR];
  for (const point of pointsAt(panel, scan, look, epoch)) {
    const away = Math.abs(scale.y(point.drawn) - y);
    if (away < distance) [best, distance] = [point, away];
  }
  return best;
}

/** All values of an epoch in a panel, the validation's first where a round has one. */
function pointsAt({ base, scale }, scan, look, epoch) {
  const points = [];
  for (const { number, curves } of scan.rounds) {
    for (const name of [`val_${base}`, base]) {
      const value = curves[name]?.[epoch];
      if (!scale.drawable(value)) continue;
      const drawn = smoothed(curves[name], look.smooth)[epoch];
      points.push({ base, number, name, epoch, value, drawn });
    }
  }
  return points;
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

/** Where the keyboard begins: at the end of the best round, else of the last. */
function start(panel, scan) {
  const round = scan.rounds[scan.best] ?? scan.rounds.at(-1);
  const name = [`val_${panel.base}`, panel.base].find((one) => round?.curves[one]?.length);
  return name ? pointOf(panel, round, name, round.curves[name].length - 1) : null;
}

const pointOf = (panel, round, name, epoch) => ({
  ...{ base: panel.base, number: round.number, name, epoch },
  value: round.curves[name][epoch],
});

function along(panel, scan, here, by) {
  const round = scan.rounds[here.number];
  const last = round.curves[here.name].length - 1;
  return pointOf(panel, round, here.name, Math.max(0, Math.min(last, here.epoch + by)));
}

/** The next value up or down at the same epoch, of curves of the same kind. */
function across(panel, scan, look, here, by) {
  const same = pointsAt(panel, scan, look, here.epoch).filter(({ name }) => name === here.name);
  same.sort((a, b) => a.value - b.value);
  const place = same.findIndex(({ number }) => number === here.number);
  return same[Math.max(0, Math.min(same.length - 1, place + by))] ?? here;
}

/** Say beside the point what it is. */
export function drawTip(panel, scan, look) {
  const { tip, scale } = panel;
  const point = look.hovered?.base === panel.base ? look.hovered : null;
  tip.hidden = !point || !scale;
  if (tip.hidden) return;
  const round = scan.rounds[point.number];
  const kind = outcome(scan, round);
  const note = kind === "done" ? "" : ` (${kind})`;
  const value = `${point.name} ${format(point.value)}`;
  const params = inWords(scan.varying, round.params);
  setText(tip, `round ${point.number}${note} · epoch ${point.epoch + 1} · ${value}\n${params}`);
  const x = scale.x(point.epoch);
  const onTheLeft = x > (scale.left + scale.right) / 2;
  tip.style.left = onTheLeft ? "" : `${x + 12}px`;
  tip.style.right = onTheLeft ? `calc(100% - ${x - 12}px)` : "";
  tip.style.top = `${panel.canvas.offsetTop + scale.top + 4}px`;
}

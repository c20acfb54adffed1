/** The whole view: built once, then drawn from the scan and the look that a person gave it. */

import { buildBar, drawBar } from "./bar.js";
import { buildLegend, coloursBy, drawLegend } from "./colours.js";
import { buildPanel, drawPanel } from "./curves.js";
import { add, match, setAttribute, setText } from "./dom.js";
import { formatDuration } from "./formatting.js";
import { buildHead, drawHead } from "./head.js";
import { buildLeaderboard, drawLeaderboard, RESULT } from "./leaderboard.js";
import { buildOptions, drawOptions, panelsOf } from "./options.js";
import { drawTip, watch } from "./pointer.js";
import { buildRunning, drawRunning } from "./running.js";
import { foresee, isActive, isLost, isSilent, silence } from "./scan.js";

const PAUSE = 5000; // milliseconds, at least, between two texts for a screen reader
export const LEFT = 1000; // milliseconds after the end in which a picture replaces the view
const PAINTING = 4; // milliseconds of a frame that go into the curves of ended rounds

/** What a person has chosen to see. */
export const newLook = () => ({
  ...{ metric: "", colour: "", log: false, smooth: 0 },
  ...{ selected: null, hovered: null, sort: { column: RESULT, reverse: false } },
});

// The page is built once; then only texts, attributes and canvases change, so that nothing jumps.

/** `change` takes changes to the look; `request` sends a request to the kernel. */
export function build(el, scan, look, change, request) {
  el.classList.add("talos-live");
  const view = { el, panels: new Map() };
  view.head = buildHead(el, request);
  view.bar = buildBar(el);
  view.running = buildRunning(el, request);
  view.options = buildOptions(el, look, change);
  view.charts = add(el, "div", "talos-charts");
  view.legend = buildLegend(el);
  view.board = buildLeaderboard(el, look, change);
  view.notices = add(el, "div", "talos-notices"); // last, so that new ones move nothing
  view.news = add(el, "div", "talos-hidden-text");
  setAttribute(view.news, "aria-live", "polite");
  view.spoke = 0;
  view.addPanel = (base) => {
    const panel = buildPanel(view.charts, base);
    watch(panel, scan, look, change);
    view.panels.set(base, panel);
    return panel;
  };
  return view;
}

/** Draw all; true if curves are left for another frame. */
export function draw(view, scan, look) {
  const soon = foresee(scan); // a kernel that builds a model receives a request a second later
  drawHead(view.head, soon);
  drawBar(view.bar, scan);
  drawRunning(view.running, scan, soon);
  drawOptions(view.options, scan, look);
  const colours = look.colour ? coloursNow(view, scan, look.colour) : null;
  drawLegend(view.legend, scan, colours);
  setAttribute(view.legend.legend, "data-empty", !scan.names.length);
  const make = (parent) => add(parent, "div");
  const notices = [...scan.notices, ...silenceNotice(scan), ...endNotices(scan)];
  match(view.notices, notices, make, (line, text) => setText(line, text));
  drawLeaderboard(view.board, scan);
  if (Date.now() - view.spoke >= PAUSE || !isActive(scan)) announce(view, scan);
  return drawCharts(view, scan, look, colours);
}

function coloursNow(view, scan, name) {
  const key = `${scan.number} ${name}`;
  if (view.colours?.key !== key) view.colours = { key, ...coloursBy(scan, name) };
  return view.colours;
}

function drawCharts(view, scan, look, colours) {
  const shown = panelsOf(scan, look);
  for (const [base, panel] of view.panels) panel.figure.hidden = !shown.includes(base);
  let more = false;
  shown.forEach((base, place) => {
    const panel = view.panels.get(base) ?? view.addPanel(base);
    panel.figure.style.order = place;
    more = drawPanel(panel, scan, look, colours, PAINTING / shown.length) || more;
    drawTip(panel, scan, look);
  });
  return more;
}

function silenceNotice(scan) {
  if (!isActive(scan) || !isSilent(scan)) return [];
  const advice = "run the cells above again, then this one with --resume";
  if (isLost(scan)) return [`the kernel is gone: ${advice}`];
  return [`no news for ${formatDuration(silence(scan))}: if the kernel has died, ${advice}`];
}

/** At the end of a scan, for a page reopened in mid-scan: Jupyter does not show it the picture. */
function endNotices(scan) {
  if (isActive(scan) || !scan.location || Date.now() - scan.receivedAt < LEFT) return [];
  const picture =
    "a page reopened in mid-scan does not receive the final picture: %talos_export scan.html writes one";
  return [scan.location, picture];
}

/** Let a screen reader report the last round that ended. */
function announce(view, scan) {
  const text = scan.news ?? "";
  if (text === view.news.textContent) return;
  view.news.textContent = text;
  view.spoke = Date.now();
}

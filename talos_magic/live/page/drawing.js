/** The whole view: built once, then drawn from the scan and the look that a person gave it. */

import { buildBar, drawBar } from "./bar.js";
import { buildBlank, drawBlank } from "./blank.js";
import { coloursBy } from "./colours.js";
import { RESULT } from "./columns.js";
import { buildPanel, drawPanel } from "./curves.js";
import { add, match, setAttribute, setText } from "./dom.js";
import { formatDuration } from "./formatting.js";
import { buildEnded, drawEnded } from "./ended.js";
import { buildHead, drawHead } from "./head.js";
import { buildInsights, drawInsights } from "./insight.js";
import { buildLeaderboard, drawLeaderboard } from "./leaderboard.js";
import { notifyNotices } from "./notify.js";
import { buildLegend, drawLegend } from "./legend.js";
import { buildOptions, drawOptions, panelsOf } from "./options.js";
import { watch } from "./pointer.js";
import { buildRunning, drawRunning } from "./running.js";
import { foresee, isActive, isLost, isSilent, silence } from "./scan.js";
import { drawTip } from "./tooltip.js";

const PAUSE = 5000; // milliseconds, at least, between two texts for a screen reader
export const LEFT = 1000; // milliseconds after the end in which a picture replaces the view
const PAINTING = 4; // milliseconds of a frame that go into the curves of ended rounds

/** What a person has chosen to see. */
export const newLook = () => ({
  ...{ metric: "", colour: "", log: false, zoom: null, smooth: 0 },
  ...{ selected: null, hovered: null, sort: { column: RESULT, reverse: false } },
});

// The page is built once; then only texts, attributes and canvases change, so that nothing jumps.

/** `change` takes changes to the look; `request` sends a request, null in a picture. */
export function build(el, scan, look, change, request) {
  el.classList.add("talos-live");
  const view = { el, panels: new Map(), isPicture: !request };
  view.head = buildHead(el, request);
  view.bar = buildBar(el);
  view.running = buildRunning(el, request);
  view.ended = buildEnded(el);
  view.insights = buildInsights(el, look, change);
  view.options = buildOptions(el, look, change);
  view.charts = add(el, "div", "talos-charts");
  view.blank = buildBlank(view.charts);
  view.legend = buildLegend(el);
  view.board = buildLeaderboard(el, look, change);
  view.notices = add(el, "div", "talos-notices"); // so far down that new ones move little
  view.location = add(el, "div", "talos-location");
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

/** Call `paint` in the next frame, however often it is asked for, and again while it returns true. */
export function inNextFrame(paint) {
  let frame = 0;
  const redraw = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (paint()) redraw();
    });
  };
  return Object.assign(redraw, { cancel: () => cancelAnimationFrame(frame) });
}

/** Draw all; true if curves are left for another frame. */
export function draw(view, scan, look) {
  const soon = foresee(scan); // a kernel that builds a model receives a request a second later
  drawHead(view.head, soon);
  drawBar(view.bar, scan);
  drawRunning(view.running, scan, soon);
  drawEnded(view.ended, scan);
  drawInsights(view.insights, scan);
  const isOver = !isActive(scan);
  view.head.best.hidden = isOver; // it stands in large type below
  view.running.lines.parentElement.hidden = isOver;
  const colours = look.colour ? coloursNow(view, scan, look.colour) : null;
  drawLegend(view.legend, scan, colours);
  setAttribute(view.legend.legend, "data-empty", !scan.names.length);
  const make = (parent) => add(parent, "div");
  const own = [...silenceNotice(scan), ...notifyNotices(scan), ...endNotices(view, scan)];
  const notices = [...scan.notices, ...own];
  match(view.notices, notices, make, (line, text) => setText(line, text));
  setText(view.location, isOver ? (scan.location ?? "") : "");
  drawLeaderboard(view.board, scan);
  if (Date.now() - view.spoke >= PAUSE || isOver) announce(view, scan);
  const more = drawCharts(view, scan, look, colours);
  const isZoomed = [...view.panels.values()].some(({ figure, scale }) => !figure.hidden && scale?.isZoomed);
  drawOptions(view.options, scan, look, isZoomed);
  return more;
}

function coloursNow(view, scan, name) {
  const ramp = getComputedStyle(view.el).getPropertyValue("--talos-ramp"); // of the theme
  if (!ramp) return view.colours ?? null; // the page has taken the view out for now
  const key = `${scan.number} ${name} ${ramp}`;
  if (view.colours?.key !== key) view.colours = { key, ...coloursBy(scan, name, ramp.trim().split(",")) };
  return view.colours;
}

function drawCharts(view, scan, look, colours) {
  drawBlank(view.blank, scan);
  const shown = panelsOf(scan, look);
  for (const [base, panel] of view.panels) panel.figure.hidden = !shown.includes(base);
  const panels = shown.map((base) => view.panels.get(base) ?? view.addPanel(base)); // all have their widths
  let more = false;
  panels.forEach((panel, place) => {
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
function endNotices({ isPicture }, scan) {
  if (isPicture || isActive(scan) || Date.now() - scan.receivedAt < LEFT) return [];
  return ["reopened during the scan, this notebook gets no picture of it: %talos_export scan.html writes one"];
}

/** Let a screen reader report the last round that ended. */
function announce(view, scan) {
  const text = scan.news ?? "";
  if (text === view.news.textContent) return;
  view.news.textContent = text;
  view.spoke = Date.now();
}

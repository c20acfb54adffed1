/** LiveView: draws a running scan from its full state and the changes that follow. */

import { buildBar, drawBar } from "./bar.js";
import { buildLegend, coloursBy, drawLegend } from "./colours.js";
import { buildPanel, drawPanel } from "./curves.js";
import { add, match, setAttribute, setText } from "./dom.js";
import { showEditor } from "./editor.js";
import { formatDuration } from "./formatting.js";
import { buildHead, drawHead } from "./head.js";
import { buildLeaderboard, drawLeaderboard, RESULT } from "./leaderboard.js";
import { buildOptions, drawOptions, panelsOf } from "./options.js";
import { drawTip, watch } from "./pointer.js";
import { buildRunning, drawRunning } from "./running.js";
import { foresee, isActive, isLost, isSilent, newScan, receive, silence } from "./scan.js";

const PAUSE = 5000; // milliseconds, at least, between two texts for a screen reader
const CONFIRMED = 20; // messages that share a confirmation, as in view.py
const AGAIN = 2000; // milliseconds, at least, between two requests for the full state
const QUIET = 10; // seconds without a message until the page asks whether one was lost
const LEFT = 1000; // milliseconds after the end in which a picture replaces the view
const PAINTING = 4; // milliseconds of a frame that go into the curves of ended rounds

/** Called when the page has loaded the widget, before any view: reports that to the kernel. */
function initialize({ model }) {
  model.send({ type: "here" });
}

function render({ model, el }) {
  const scan = newScan();
  const look = {
    ...{ metric: "", colour: "", log: false, smooth: 0 },
    ...{ selected: null, hovered: null, sort: { column: RESULT, reverse: false } },
  };
  let [frame, askedAt] = [0, 0];
  const redraw = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (draw(view, scan, look)) redraw();
      if (look.seeksEditor) look.seeksEditor = !showEditor(el);
      confirm(model, scan);
    });
  };
  const change = (changes) => {
    Object.assign(look, changes);
    redraw();
  };
  const request = (message, expected) => {
    const id = Math.random().toString(36).slice(2, 8); // another page may send one, too
    if (send(model, scan, { ...message, id })) scan.pending.push({ id, expected });
    look.seeksEditor = message.type === "edit";
    scan.requestedAt ??= Date.now();
    redraw();
  };
  const view = build(el, scan, look, change, request);
  const requestAll = () => {
    askedAt = Date.now();
    send(model, scan, { type: "all" });
  };
  const onMessage = (message) => {
    receive(scan, message);
    if (!scan.isWhole && Date.now() - askedAt >= AGAIN) requestAll(); // the answer may be lost, too
    redraw();
    if (!isActive(scan)) setTimeout(redraw, LEFT);
  };
  const onLost = () => {
    if (!isActive(scan)) return; // the kernel closed it after the scan
    scan.lostAt ??= Date.now();
    requestAll(); // if the kernel lives after all, it answers
    redraw();
  };
  model.on("msg:custom", onMessage);
  model.on("comm_live_update", onLost); // where a front end says so
  const resized = new ResizeObserver(redraw);
  resized.observe(el);
  const themed = new MutationObserver(redraw);
  const attributes = { attributeFilter: ["class", "theme", "style", "data-jp-theme-light"] };
  for (const root of [document.body, document.documentElement]) themed.observe(root, attributes);
  const stopKeeping = keepKeys(el);
  const ticks = setInterval(() => {
    if (!isActive(scan)) return;
    if (silence(scan) >= QUIET && askedAt < scan.receivedAt) requestAll();
    redraw(); // for the clock
  }, 1000);
  scan.requestedAt = Date.now();
  requestAll();

  return () => {
    model.off("msg:custom", onMessage);
    model.off("comm_live_update", onLost);
    resized.disconnect();
    themed.disconnect();
    stopKeeping();
    clearInterval(ticks);
    cancelAnimationFrame(frame);
  };
}

/** Keep keys from the notebook's commands, except those that save it or control the browser. */
function keepKeys(el) {
  const isKept = (event) => event.key === "Enter" || !(event.ctrlKey || event.metaKey);
  // JupyterLab looks for the attribute before the key event reaches the element.
  const mark = (event) => setAttribute(el, "data-lm-suppress-shortcuts", isKept(event) || null);
  const keep = (event) => isKept(event) && event.stopPropagation();
  window.addEventListener("keydown", mark, true);
  el.addEventListener("keydown", keep);
  return () => window.removeEventListener("keydown", mark, true);
}

/** Send a message; false if the kernel is gone. */
function send(model, scan, message) {
  try {
    model.send(message);
  } catch {
    scan.lostAt ??= Date.now();
  }
  return scan.lostAt === null;
}

/** Confirm messages once they are drawn: the kernel sends less to a page that is slow. */
function confirm(model, scan) {
  if (scan.number - scan.confirmed < CONFIRMED) return;
  scan.confirmed = scan.number;
  send(model, scan, { type: "seen", number: scan.number });
}

// The page is built once; then only texts, attributes and canvases change, so that nothing jumps.

function build(el, scan, look, change, request) {
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
function draw(view, scan, look) {
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

export default { initialize, render };

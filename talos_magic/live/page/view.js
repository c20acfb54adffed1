/** LiveView: draws a running scan from the session's state and the changes that follow. */

import { buildBar, drawBar } from "./bar.js";
import { buildLegend, coloursBy, drawLegend } from "./colours.js";
import { buildPanel, drawPanel } from "./curves.js";
import { add, match, setAttribute, setText } from "./dom.js";
import { showEditor } from "./editor.js";
import { buildHead, buildProgress, drawHead, drawProgress } from "./head.js";
import { buildLeaderboard, drawLeaderboard, RESULT } from "./leaderboard.js";
import { buildOptions, drawOptions, panelsOf } from "./options.js";
import { drawTip, watch } from "./pointer.js";
import { isActive, isLost, isSilent, newScan, receive, score, silence } from "./scan.js";
import { clock, format } from "./words.js";

const PAUSE = 5000; // milliseconds, at least, between two things that a screen reader is told
const LEFT = 1000; // milliseconds after its end in which the picture takes the place of the view
const PAINTING = 4; // milliseconds of a frame for curves of ended rounds

/** Called when the page has the widget, before any view of it: tells the kernel that it can. */
function initialize({ model }) {
  model.send({ ask: "here" });
}

function render({ model, el }) {
  const scan = newScan();
  const look = {
    ...{ metric: "", colour: "", log: false, smooth: 0 },
    ...{ selected: null, hovered: null, sort: { column: RESULT, reverse: false } },
  };
  let frame = 0;
  const redraw = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (draw(view, scan, look)) redraw();
      if (look.seeksEditor) look.seeksEditor = !showEditor(el);
      acknowledge(model, scan);
    });
  };
  const change = (changes) => {
    Object.assign(look, changes);
    redraw();
  };
  const ask = (wish, expected) => {
    const id = Math.random().toString(36).slice(2, 8); // another page may ask at the same time
    if (tell(model, scan, { ...wish, id })) scan.asked.push({ id, expected });
    look.seeksEditor = wish.ask === "edit";
    scan.askedAt ??= Date.now();
    redraw();
  };
  const view = build(el, scan, look, change, ask);
  const onMessage = (message) => {
    receive(scan, message);
    scan.unanswered = message.number ?? scan.unanswered;
    redraw();
    if (!isActive(scan)) setTimeout(redraw, LEFT);
  };
  const onLost = () => {
    if (!isActive(scan)) return; // it was closed behind its scan
    scan.lostAt ??= Date.now();
    tell(model, scan, { ask: "all" }); // a kernel that is there after all answers
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
  const ticks = setInterval(() => isActive(scan) && redraw(), 1000); // the time goes on
  scan.askedAt = Date.now();
  tell(model, scan, { ask: "all" });

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

/** Keep keys from the notebook's own commands, but not those that save it or steer the browser. */
function keepKeys(el) {
  const isKept = (event) => event.key === "Enter" || !(event.ctrlKey || event.metaKey);
  // JupyterLab looks for the attribute before an element of the page hears of the key.
  const mark = (event) => setAttribute(el, "data-lm-suppress-shortcuts", isKept(event) || null);
  const keep = (event) => isKept(event) && event.stopPropagation();
  window.addEventListener("keydown", mark, true);
  el.addEventListener("keydown", keep);
  return () => window.removeEventListener("keydown", mark, true);
}

/** Send a message; false if there is no kernel any more that could get it. */
function tell(model, scan, message) {
  try {
    model.send(message);
  } catch {
    scan.lostAt ??= Date.now();
  }
  return scan.lostAt === null;
}

/** A message with a number is answered when it is drawn: a page that is slow gets fewer. */
function acknowledge(model, scan) {
  if (scan.unanswered === null) return;
  tell(model, scan, { ask: "seen", number: scan.unanswered });
  scan.unanswered = null;
}

// The page: built once, then only texts, attributes and canvases change, so that nothing jumps.

function build(el, scan, look, change, ask) {
  el.classList.add("talos-live");
  const view = { el, panels: new Map() };
  view.head = buildHead(el, ask);
  view.bar = buildBar(el);
  view.progress = buildProgress(el);
  view.options = buildOptions(el, look, change);
  view.charts = add(el, "div", "talos-charts");
  view.legend = buildLegend(el);
  view.board = buildLeaderboard(el, look, change);
  view.notices = add(el, "div", "talos-notices"); // last: what comes at any time moves nothing
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

/** Draw what there is; true if curves are left for another frame. */
function draw(view, scan, look) {
  drawHead(view.head, scan);
  drawBar(view.bar, scan);
  drawProgress(view.progress, scan);
  drawOptions(view.options, scan, look);
  const colours = look.colour ? coloursBy(scan, look.colour) : null;
  drawLegend(view.legend, scan, colours);
  setAttribute(view.legend.legend, "data-empty", !scan.names.length);
  const make = (parent) => add(parent, "div");
  match(view.notices, [...scan.notices, ...silenceInWords(scan), ...endInWords(scan)], make, (line, text) => setText(line, text));
  drawLeaderboard(view.board, scan);
  if (Date.now() - view.spoke >= PAUSE || !isActive(scan)) tellNews(view, scan);
  return drawCharts(view, scan, look, colours);
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

function silenceInWords(scan) {
  if (!isActive(scan) || !isSilent(scan)) return [];
  const wayOn = "run the cells above again, then this one with --resume";
  if (isLost(scan)) return [`the kernel is gone: ${wayOn}`];
  return [`no news for ${clock(silence(scan))}: if the kernel has died, ${wayOn}`];
}

/** Where a page that was opened in mid-scan keeps the view, as Jupyter shows it no picture. */
function endInWords(scan) {
  if (isActive(scan) || !scan.whereabouts || Date.now() - scan.heard < LEFT) return [];
  const picture = "opened in mid-scan, this page saves no picture of it: %talos_compare draws one";
  return [scan.whereabouts, picture];
}

function tellNews(view, scan) {
  const text = news(scan);
  if (text === view.news.textContent) return;
  view.news.textContent = text;
  view.spoke = Date.now();
}

/** What a screen reader says of the last round that ended. */
function news(scan) {
  const last = scan.rounds.findLast((round) => round.status !== "running");
  if (!last) return "";
  const value = score(scan, last);
  const told = value === null ? "" : `, ${scan.metric} ${format(value)}`;
  return `round ${last.number} ${last.status}${told}${scan.best === last.number ? ", best so far" : ""}`;
}

export default { initialize, render };

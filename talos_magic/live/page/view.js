/** LiveView: draws a running scan from the session's state and the changes that follow. */

import { buildBar, drawBar } from "./bar.js";
import { buildLegend, coloursBy, drawLegend } from "./colours.js";
import { buildPanel, drawPanel } from "./curves.js";
import { add, match, setAttribute, setText } from "./dom.js";
import { buildHead, buildProgress, drawHead, drawProgress } from "./head.js";
import { buildLeaderboard, drawLeaderboard, RESULT } from "./leaderboard.js";
import { buildOptions, drawOptions } from "./options.js";
import { drawTip, watch } from "./pointer.js";
import { baseOf, bases, isActive, newScan, receive, score, SILENCE, silence } from "./scan.js";
import { clock, format } from "./words.js";

const MOST_PANELS = 4;
const PAINTING = 4; // milliseconds of a frame for curves of ended rounds
const ACKNOWLEDGED = 20; // every so many messages the kernel is told that they were drawn

/** Called when the page has the widget, before any view of it: tells the kernel that it can. */
function initialize({ model }) {
  model.send({ ask: "here" });
}

function render({ model, el }) {
  const scan = Object.assign(newScan(), { elapsed: 0, remaining: null, version: 0 });
  const look = {
    ...{ metric: "", colour: "", log: false, smooth: 0 },
    ...{ selected: null, hovered: null, sort: { column: RESULT, reverse: false } },
  };
  let frame = 0;
  const redraw = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (draw(view, scan, look)) redraw();
      acknowledge(model, scan);
    });
  };
  const change = (changes) => {
    Object.assign(look, changes);
    redraw();
  };
  const ask = (wish) => {
    model.send(wish);
    redraw();
  };
  const view = build(el, scan, look, change, ask);
  const onMessage = (message) => {
    receive(scan, message);
    if (message.all) scan.version += 1;
    scan.received = message.number;
    redraw();
  };
  model.on("msg:custom", onMessage);
  const resized = new ResizeObserver(redraw);
  resized.observe(el);
  const themed = new MutationObserver(redraw);
  const attributes = { attributeFilter: ["class", "theme", "style", "data-jp-theme-light"] };
  for (const root of [document.body, document.documentElement]) themed.observe(root, attributes);
  const ticks = setInterval(() => isActive(scan) && redraw(), 1000); // the time goes on
  model.send({ ask: "all" });

  return () => {
    model.off("msg:custom", onMessage);
    resized.disconnect();
    themed.disconnect();
    clearInterval(ticks);
    cancelAnimationFrame(frame);
  };
}

/** Messages are counted as seen when they are drawn: a page that is slow gets fewer. */
function acknowledge(model, scan) {
  if (!(scan.received >= (scan.seen ?? 0) + ACKNOWLEDGED)) return;
  scan.seen = scan.received;
  model.send({ ask: "seen", number: scan.received });
}

// The page: built once, then only texts, attributes and canvases change, so that nothing jumps.

function build(el, scan, look, change, ask) {
  el.classList.add("talos-live");
  // A notebook takes keys for commands of its own, where nothing else does.
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  el.addEventListener("keydown", (event) => event.stopPropagation());
  const view = { el, panels: new Map() };
  view.head = buildHead(el, ask);
  view.bar = buildBar(el);
  view.progress = buildProgress(el);
  view.options = buildOptions(el, look, change);
  view.charts = add(el, "div", "talos-charts");
  view.legend = buildLegend(el);
  view.notices = add(el, "div", "talos-notices");
  view.board = buildLeaderboard(el, look, change);
  view.news = add(el, "div", "talos-hidden-text");
  setAttribute(view.news, "aria-live", "polite");
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
  view.legend.legend.hidden = !scan.names.length;
  const make = (parent) => add(parent, "div");
  match(view.notices, [...scan.notices, ...silenceInWords(scan)], make, (line, text) => setText(line, text));
  drawLeaderboard(view.board, scan);
  setText(view.news, news(scan));
  return drawCharts(view, scan, look, colours);
}

function drawCharts(view, scan, look, colours) {
  const shown = look.metric ? [look.metric] : panelsOf(scan);
  for (const [base, panel] of view.panels) panel.figure.hidden = !shown.includes(base);
  let more = false;
  shown.forEach((base, place) => {
    const panel = view.panels.get(base) ?? view.addPanel(base);
    panel.figure.style.order = place;
    const deadline = performance.now() + PAINTING / shown.length;
    more = drawPanel(panel, scan, look, colours, deadline) || more;
    drawTip(panel, scan, look);
  });
  return more;
}

/** The first metrics as they came, so that no panel moves; whatever is left out, the metric is not. */
function panelsOf(scan) {
  const all = bases(scan);
  const first = all.slice(0, MOST_PANELS);
  const ranking = baseOf(scan.metric ?? "");
  if (all.includes(ranking) && !first.includes(ranking)) first.splice(-1, 1, ranking);
  return first;
}

/** No front end tells a view for certain that its kernel has died. */
function silenceInWords(scan) {
  const seconds = silence(scan);
  if (seconds < SILENCE) return [];
  return [`no news for ${clock(seconds)}: if the kernel has died, run the cell with --resume`];
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

/** LiveView: draws a running scan from the session's state and the changes that follow. */

const SEGMENTS = 60; // more rounds than this are drawn as shares of one bar
const MOST_CURVES = 150; // of more rounds than this only some are drawn, spread over the scan

function render({ model, el }) {
  const scan = { ...model.get("start"), elapsed: 0, remaining: null, heard: Date.now() };
  const view = build(el, () => model.send({ ask: "stop" }));
  let frame = 0;

  const redraw = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw(view, scan);
    });
  };
  const onMessage = (message) => {
    if (message.all) Object.assign(scan, message.all);
    for (const change of message.changes ?? []) apply(scan, change);
    Object.assign(scan, { elapsed: message.elapsed, remaining: message.remaining });
    scan.heard = Date.now();
    redraw();
  };

  model.on("msg:custom", onMessage);
  const resized = new ResizeObserver(redraw);
  resized.observe(el);
  // Once a second: the time goes on, and a theme that has changed shows in the charts.
  const clock = setInterval(() => isActive(scan) && redraw(), 1000);
  model.send({ ask: "all" });
  redraw();

  return () => {
    model.off("msg:custom", onMessage);
    resized.disconnect();
    clearInterval(clock);
    cancelAnimationFrame(frame);
  };
}

function apply(scan, change) {
  const round = scan.rounds[change.round];
  if (change.kind === "round") {
    scan.rounds[change.round] = {
      number: change.round,
      params: change.params,
      status: "running",
      curves: {},
      metrics: {},
    };
    scan.total = change.total;
    if (scan.state === "ready") scan.state = "running";
  } else if (change.kind === "epoch") {
    for (const [name, value] of Object.entries(change.m)) {
      (round.curves[name] ??= [])[change.epoch] = value;
    }
  } else if (change.kind === "ended") {
    Object.assign(round, { status: change.status, metrics: change.m, error: change.error });
    Object.assign(scan, { metric: change.metric, best: change.best });
  } else if (change.kind === "state") {
    Object.assign(scan, { state: change.state, reason: change.reason });
  } else if (change.kind === "notice") {
    scan.notices.push(change.text);
  }
}

// The page: built once, then only texts, widths and canvases change, so that nothing jumps.

function build(el, stop) {
  el.classList.add("talos-live");
  const view = { el, panels: new Map() };
  const head = add(el, "div", "talos-head");
  view.name = add(head, "strong", "talos-name");
  view.state = add(head, "span", "talos-state");
  view.state.setAttribute("role", "status");
  view.time = add(head, "span", "talos-time");
  view.stop = add(head, "button", "talos-stop", "Stop");
  view.stop.type = "button";
  view.stop.title = "Stop now; finished rounds are kept";
  view.stop.addEventListener("click", () => {
    view.stop.disabled = true;
    stop();
  });
  view.bar = add(el, "div", "talos-bar");
  view.bar.setAttribute("role", "progressbar");
  view.bar.setAttribute("aria-label", "Rounds done");
  view.running = add(el, "div", "talos-line", "waiting for the first round");
  view.best = add(el, "div", "talos-line");
  view.charts = add(el, "div", "talos-charts");
  view.legend = add(el, "div", "talos-legend");
  addKey(view.legend, "running", "var(--talos-running)");
  addKey(view.legend, "best", "var(--talos-best)");
  addKey(view.legend, "other rounds", "var(--talos-faded)");
  add(view.legend, "span", "", "bold: validation, thin: training");
  view.notices = add(el, "div", "talos-notices");
  return view;
}

function add(parent, tag, className, text = "") {
  const child = parent.ownerDocument.createElement(tag);
  child.className = className;
  child.textContent = text;
  return parent.appendChild(child);
}

function addKey(legend, text, colour) {
  const key = add(legend, "span", "talos-key");
  add(key, "i", "").style.background = colour;
  key.append(text);
}

// What it shows.

const isActive = (scan) => ["ready", "running", "stopping"].includes(scan.state);

function draw(view, scan) {
  drawState(view, scan);
  drawBar(view.bar, scan);
  const running = scan.rounds.find((round) => round.status === "running");
  const best = scan.rounds[scan.best];
  if (running) setText(view.running, inWords(scan, running, `epoch ${epochs(running)}`));
  const score = best && `${scan.metric} ${format(best.metrics[scan.metric])}`;
  setText(view.best, `best so far: ${best ? inWords(scan, best, score) : "no round has ended"}`);
  drawCharts(view, scan, running, best);
  view.notices.replaceChildren();
  for (const text of scan.notices) add(view.notices, "div", "", text);
}

function drawState(view, scan) {
  const done = finished(scan);
  const failed = scan.rounds.filter((round) => round.status === "failed").length;
  const parts = [`${done} of ${scan.total} rounds`];
  if (failed) parts.push(`${failed} failed`);
  const active = isActive(scan);
  const word = scan.state === "ready" ? "starting" : scan.state;
  setText(view.name, scan.name);
  const ended = { stopped: scan.reason, failed: `failed: ${scan.reason}` };
  setText(view.state, ended[scan.state] ?? word);
  view.state.dataset.state = scan.state;
  const since = active ? (Date.now() - scan.heard) / 1000 : 0;
  parts.push(`${clock(scan.elapsed + since)} elapsed`);
  if (active && scan.remaining !== null) parts.push(`about ${clock(Math.max(0, scan.remaining - since))} left`);
  setText(view.time, parts.join(" · "));
  view.stop.hidden = !active;
  if (scan.state === "stopping") view.stop.disabled = true;
}

function drawBar(bar, scan) {
  const shares = scan.total <= SEGMENTS ? segments(scan) : bins(scan);
  while (bar.children.length > shares.length) bar.lastChild.remove();
  while (bar.children.length < shares.length) add(bar, "span", "");
  shares.forEach(([status, width], index) => {
    bar.children[index].dataset.status = status;
    bar.children[index].style.flexGrow = width;
  });
  bar.setAttribute("aria-valuemax", scan.total);
  bar.setAttribute("aria-valuenow", finished(scan));
}

const finished = (scan) =>
  scan.rounds.filter((round) => ["done", "failed"].includes(round.status)).length;

function segments(scan) {
  return Array.from({ length: scan.total }, (_, index) => {
    const status = scan.rounds[index]?.status ?? "waiting";
    return [index === scan.best ? "best" : status, 1];
  });
}

function bins(scan) {
  const count = (status) => scan.rounds.filter((round) => round.status === status).length;
  const shares = ["done", "failed", "stopped", "running"].map((status) => [status, count(status)]);
  return [...shares, ["waiting", Math.max(0, scan.total - scan.rounds.length)]];
}

function inWords(scan, round, measure) {
  const params = scan.varying.map((name) => `${name} ${format(round.params[name])}`);
  return `round ${round.number} · ${measure} · ${params.join(", ")}`;
}

function drawCharts(view, scan, running, best) {
  const drawn = scan.rounds.filter((round) => Object.keys(round.curves).length);
  const names = new Set(drawn.flatMap((round) => Object.keys(round.curves)));
  const bases = [...new Set([...names].map((name) => name.replace(/^val_/, "")))].slice(0, 4);
  view.legend.hidden = !bases.length;
  for (const base of bases) {
    if (!view.panels.has(base)) view.panels.set(base, addPanel(view.charts, base));
    drawPanel(view.panels.get(base), base, drawn, running, best);
  }
}

function addPanel(charts, base) {
  const panel = add(charts, "figure", "talos-panel");
  add(panel, "figcaption", "", base);
  const canvas = add(panel, "canvas", "");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${base} by epoch, training and validation`);
  return canvas;
}

function drawPanel(canvas, base, rounds, running, best) {
  const style = getComputedStyle(canvas);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const axes = drawAxes(pen, width, height, rounds, base, style.color);
  const others = rounds.filter((round) => round !== running && round !== best);
  const colour = (name) => style.getPropertyValue(`--talos-${name}`);
  // The more rounds there are, the fainter each of them, so that hundreds stay a background.
  const alpha = Math.max(0.15, Math.min(0.7, 12 / others.length));
  const weight = others.length > 40 ? 0.5 : 1;
  const step = Math.ceil(others.length / MOST_CURVES);
  const shown = others.filter((_, index) => index % step === 0);
  for (const round of shown) drawCurves(pen, axes, round, base, colour("faded"), alpha, weight);
  if (best) drawCurves(pen, axes, best, base, colour("best"), 1, 1);
  if (running) drawCurves(pen, axes, running, base, colour("running"), 1, 1);
}

function drawAxes(pen, width, height, rounds, base, colour) {
  const values = rounds.flatMap((round) => [base, `val_${base}`].flatMap((name) => round.curves[name] ?? []));
  const finite = values.filter((value) => typeof value === "number");
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  const last = rounds.reduce((most, round) => Math.max(most, epochs(round)), 2) - 1;
  const [left, right, top, bottom] = [44, width - 6, 6, height - 18];
  const spread = high - low || 1;
  const axes = {
    x: (epoch) => left + ((right - left) * epoch) / last,
    y: (value) => bottom - ((bottom - top) * (value - low)) / spread,
  };
  pen.font = "11px sans-serif";
  pen.fillStyle = colour;
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.25;
  pen.strokeRect(left, top, right - left, bottom - top);
  pen.globalAlpha = 0.85;
  pen.textAlign = "right";
  if (finite.length) {
    pen.fillText(format(high, 3), left - 4, top + 9);
    pen.fillText(format(low, 3), left - 4, bottom);
  }
  pen.fillText(`epoch ${last + 1}`, right, bottom + 13);
  pen.textAlign = "left";
  pen.fillText("1", left, bottom + 13);
  return axes;
}

function drawCurves(pen, axes, round, base, colour, alpha, weight) {
  pen.strokeStyle = pen.fillStyle = colour;
  pen.globalAlpha = alpha;
  drawCurve(pen, axes, round.curves[base], weight);
  drawCurve(pen, axes, round.curves[`val_${base}`], 2.25 * weight);
}

function drawCurve(pen, axes, curve, width) {
  if (!curve) return;
  pen.lineWidth = width;
  pen.beginPath();
  let drawing = false;
  curve.forEach((value, epoch) => {
    if (typeof value !== "number") {
      drawing = false;
      return;
    }
    pen[drawing ? "lineTo" : "moveTo"](axes.x(epoch), axes.y(value));
    drawing = true;
  });
  pen.stroke();
  if (curve.length === 1 && drawing) pen.fillRect(axes.x(0) - 2, axes.y(curve[0]) - 2, 4, 4);
}

const epochs = (round) => Math.max(0, ...Object.values(round.curves).map((curve) => curve.length));

/** Set a text only where it changes, so that screen readers speak only of news. */
function setText(node, text) {
  if (node.textContent === text) return;
  node.textContent = text;
  node.title = text; // a long line is cut at the view's edge
}

function format(value, digits = 4) {
  if (typeof value !== "number") return value === null ? "None" : String(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
}

function clock(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export default { render };

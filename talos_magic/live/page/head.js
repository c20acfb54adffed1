/** The first lines: the scan's state, its best round, and the buttons that control it. */

import { add, addButton, setAttribute, setText } from "./dom.js";
import { formatDuration, paramsText } from "./formatting.js";
import { isActive, isLost, isSilent, passed, progress, runningRound } from "./scan.js";
import { SCAN } from "./status.js";

const DOUBLE = 300; // milliseconds between the clicks of a double click

export function buildHead(parent, request) {
  const head = add(parent, "div", "talos-head");
  const line = add(head, "div", "talos-line");
  const view = {
    name: add(line, "strong", "talos-name"),
    state: add(line, "span", "talos-state"),
    where: add(line, "span", "talos-where"),
    best: add(line, "span", "talos-best"),
    controls: add(head, "div", "talos-controls"),
  };
  view.state.setAttribute("role", "status");
  view.controls.setAttribute("role", "toolbar");
  view.controls.setAttribute("aria-label", "Control the scan");
  // `press` returns a request, and the changes expected of it.
  const addControl = (name, title, press) => {
    let pressed = -DOUBLE;
    const button = addButton(view.controls, `talos-button talos-${name}`, "", ({ timeStamp }) => {
      const isInert = button.getAttribute("aria-disabled") === "true";
      if (isInert || timeStamp - pressed < DOUBLE) return;
      pressed = timeStamp;
      request(...press());
    });
    button.title = title;
    view[name] = button;
  };
  addControl("pause", "Pause after the running batch; nothing is lost", () => [
    { type: view.pausing ? "resume" : "pause" },
    { wants_pause: !view.pausing },
  ]);
  addControl("skip", "End this round now; its curves are kept and marked", () => [
    { type: "skip", round: view.running },
    { wants_skip: view.running },
  ]);
  addControl("edit", "Change which combinations are still to be trained", () => [
    { type: view.editing ? "no-edit" : "edit" },
    { editing: !view.editing },
  ]);
  addControl("last", "Stop when the running round has ended; press again to cancel", () => [
    { type: view.ending ? "no-last" : "last" },
    { wants_end: !view.ending },
  ]);
  addControl("stop", "Stop now; finished rounds are kept", () => [
    { type: "stop" },
    { state: SCAN.STOPPING },
  ]);
  return view;
}

export function drawHead(view, known) {
  // A request shows at once: a kernel that builds a model receives it a second later.
  const pending = isActive(known) ? known.pending : [];
  const scan = Object.assign({}, known, ...pending.map(({ expected }) => expected));
  setText(view.name, scan.name ?? "");
  setText(view.state, stateText(scan));
  setAttribute(view.state, "data-state", isLost(scan) ? SCAN.FAILED : scan.state);
  setText(view.where, whereText(scan));
  setText(view.best, scan.best_text || `best ${scan.metric || "val_accuracy"} 0.0000 in round 0`);
  setAttribute(view.best, "data-empty", !scan.best_text); // it keeps its place
  view.controls.hidden = !isActive(scan);
  drawControls(view, scan);
}

function drawControls(view, scan) {
  const running = runningRound(scan)?.number ?? null;
  const [pausing, editing, ending] = [scan.wants_pause, scan.editing, scan.wants_end].map(Boolean);
  const skipping = running !== null && scan.wants_skip === running;
  const stopping = scan.state === SCAN.STOPPING;
  Object.assign(view, { running, pausing, editing, ending });
  const pauseText = scan.state === SCAN.PAUSED ? "Resume" : "Pausing …";
  setText(view.pause, pausing ? pauseText : "Pause");
  setAttribute(view.pause, "data-on", pausing);
  setText(view.skip, skipping ? "Skipping …" : "Skip round");
  setText(view.edit, editing ? "Close editor" : "Edit grid");
  setAttribute(view.edit, "data-on", editing);
  view.edit.hidden = !scan.editable;
  setText(view.last, ending ? "Stops after round" : "Stop after round");
  setAttribute(view.last, "data-on", ending);
  setText(view.stop, stopping ? "Stopping …" : "Stop");
  const inert = stopping || !scan.isKnown || isLost(scan);
  for (const button of [view.pause, view.edit, view.last, view.stop]) setInert(button, inert);
  setInert(view.skip, inert || skipping || running === null);
  // While the next round is picked, none runs that could pause or end.
  const isWaiting = scan.state === SCAN.WAITING;
  for (const button of [view.pause, view.skip, view.last]) button.hidden = isWaiting;
}

/** Not `disabled`: the button would lose the focus, and the next key would reach the notebook. */
const setInert = (button, inert) => setAttribute(button, "aria-disabled", inert);

function stateText(scan) {
  if (isLost(scan)) return "no kernel";
  return scan.isKnown ? scanText(scan) : "connecting to the kernel …";
}

/** As `state_text` in status_lines.py, of a state that includes the pending requests. */
export function scanText({ state, reason, wants_pause: wantsPause }) {
  if (state === SCAN.STOPPED) return reason;
  if (state === SCAN.FAILED) return `failed: ${reason}`;
  if (state === SCAN.READY) return "starting";
  if (state === SCAN.WAITING) return "waiting for you";
  if (state === SCAN.RUNNING && wantsPause) return "pausing";
  return state === SCAN.PAUSED && !wantsPause ? "resuming" : state;
}

function whereText(scan) {
  if (!scan.isKnown) return "";
  const since = passed(scan);
  const parts = [scan.counts, `${formatDuration(scan.elapsed + since)} elapsed`];
  if (isActive(scan) && !isSilent(scan) && typeof scan.remaining === "number") {
    parts.push(`about ${formatDuration(Math.max(0, scan.remaining - since))} left`);
  }
  return parts.join(" · ");
}

/** The running round: its epoch, why it was chosen, and a thin progress bar. */
export function buildProgress(parent) {
  const progress = add(parent, "div", "talos-progress");
  const text = add(progress, "div", "talos-running");
  const track = add(progress, "div", "talos-track");
  track.setAttribute("role", "progressbar");
  track.setAttribute("aria-label", "Epochs of the running round");
  track.setAttribute("aria-valuemax", 100);
  const done = add(track, "div", "talos-done");
  return { progress, text, track, done, why: add(progress, "div", "talos-reason") };
}

export function drawProgress(view, scan) {
  const text = runningText(scan) || waitingText(scan);
  setText(view.text, text);
  setAttribute(view.text, "title", text); // long lines are cut off
  setText(view.why, scan.why ?? "");
  setAttribute(view.why, "title", scan.why ?? "");
  view.why.hidden = !scan.why;
  const share = progress(scan) ?? 0;
  setAttribute(view.track, "data-idle", !scan.step?.[1]); // it keeps its place
  setAttribute(view.track, "aria-valuenow", Math.round(share));
  view.done.style.width = `${share}%`;
}

/** As `running_line` in status_lines.py, with the batch. */
export function runningText(scan) {
  const running = runningRound(scan);
  if (!running) return "";
  const [epoch, epochs, batch, batches] = scan.step ?? [];
  const parts = [`round ${running.number}`];
  if (epochs) parts.push(`epoch ${Math.min(epoch + 1, epochs)} of ${epochs}`);
  else if (running.epochs) parts.push(`epoch ${running.epochs}`);
  if (batches) parts.push(`batch ${batch + 1} of ${batches}`);
  return [...parts, paramsText(scan, running)].join(" · ");
}

function waitingText(scan) {
  if (!isActive(scan) || isLost(scan)) return "";
  const isPicking = scan.state === SCAN.WAITING;
  return isPicking ? "pick the next round in the editor above" : "waiting for the next round";
}

/** The first lines: the scan's state, its best round, and the buttons that control it. */

import { addControl, setInert } from "./control.js";
import { add, setAttribute, setText } from "./dom.js";
import { formatDuration } from "./formatting.js";
import { SKIP_TITLE } from "./running.js";
import { isActive, isLost, isSilent, passed, runningRounds, takesRequests } from "./scan.js";
import { SCAN } from "./status.js";

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
  const control = (name, title, press) => {
    view[name] = addControl(view.controls, name, title, () => request(...press()));
  };
  control("pause", "Pause after the running batch; nothing is lost", () => [
    { type: view.pausing ? "resume" : "pause" },
    { wants_pause: !view.pausing },
  ]);
  control("skip", SKIP_TITLE, () => [
    { type: "skip", round: view.running },
    { wants_skip: view.running },
  ]);
  control("edit", "Change which combinations are still to be trained", () => [
    { type: view.editing ? "no-edit" : "edit" },
    { editing: !view.editing },
  ]);
  control("last", "Stop when the running round has ended; press again to cancel", () => [
    { type: view.ending ? "no-last" : "last" },
    { wants_end: !view.ending },
  ]);
  control("stop", "Stop now; finished rounds are kept", () => [
    { type: "stop" },
    { state: SCAN.STOPPING },
  ]);
  return view;
}

export function drawHead(view, scan) {
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
  const running = runningRounds(scan)[0]?.number ?? null;
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
  const inert = !takesRequests(scan);
  for (const button of [view.pause, view.edit, view.last, view.stop]) setInert(button, inert);
  setInert(view.skip, inert || skipping || running === null);
  // While the next round is picked, none runs that could pause or end.
  const isWaiting = scan.state === SCAN.WAITING;
  for (const button of [view.pause, view.skip, view.last]) button.hidden = isWaiting;
  if (scan.lines.length > 1) view.skip.hidden = true; // each line has its own
}

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

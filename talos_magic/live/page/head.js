/** The first lines: where the scan is, what is best, and the buttons that steer it. */

import { combinationOf, numbersInWords, spread } from "./combinations.js";
import { add, addButton, setAttribute, setText } from "./dom.js";
import {
  count,
  epochsOf,
  isActive,
  isLost,
  isSilent,
  passed,
  progress,
  runningRound,
  spared,
} from "./scan.js";
import { clock, inWords } from "./words.js";

const DOUBLE = 300; // milliseconds between two clicks that are meant as one

export function buildHead(parent, ask) {
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
  view.controls.setAttribute("aria-label", "Steer the scan");
  // A wish, and what it will have changed when the kernel has heard it.
  const addControl = (name, title, wish) => {
    let pressed = -DOUBLE;
    const button = addButton(view.controls, `talos-button talos-${name}`, "", ({ timeStamp }) => {
      const isInert = button.getAttribute("aria-disabled") === "true";
      if (isInert || timeStamp - pressed < DOUBLE) return;
      pressed = timeStamp;
      ask(...wish());
    });
    button.title = title;
    view[name] = button;
  };
  addControl("pause", "Wait after the running batch; nothing is lost", () => [
    { ask: view.pausing ? "resume" : "pause" },
    { wants_pause: !view.pausing },
  ]);
  addControl("skip", "End this round now; its curves are kept and marked", () => [
    { ask: "skip", round: view.running },
    { wants_skip: view.running },
  ]);
  addControl("edit", "Change which combinations are still to be trained", () => [
    { ask: view.editing ? "no-edit" : "edit" },
    { editing: !view.editing },
  ]);
  addControl("last", "Stop when the running round has ended; press again to go on", () => [
    { ask: view.ending ? "no-last" : "last" },
    { wants_end: !view.ending },
  ]);
  addControl("stop", "Stop now; finished rounds are kept", () => [
    { ask: "stop" },
    { state: "stopping" },
  ]);
  return view;
}

export function drawHead(view, known) {
  // What was asked shows at once: a kernel that builds a model hears of it a second later.
  const wishes = isActive(known) ? known.asked : [];
  const scan = Object.assign({}, known, ...wishes.map(({ expected }) => expected));
  setText(view.name, scan.name ?? "");
  setText(view.state, stateInWords(scan));
  setAttribute(view.state, "data-state", isLost(scan) ? "failed" : scan.state);
  setText(view.where, whereInWords(scan));
  const best = bestInWords(scan);
  setText(view.best, best || `best ${scan.metric || "val_accuracy"} 0.0000 in round 0`);
  setAttribute(view.best, "data-empty", !best); // its place is kept, so that no line is added
  view.controls.hidden = !isActive(scan);
  drawControls(view, scan);
}

function drawControls(view, scan) {
  const running = runningRound(scan)?.number ?? null;
  const [pausing, editing, ending] = [scan.wants_pause, scan.editing, scan.wants_end].map(Boolean);
  const skipping = running !== null && scan.wants_skip === running;
  const stopping = scan.state === "stopping";
  Object.assign(view, { running, pausing, editing, ending });
  setText(view.pause, pausing ? (scan.state === "paused" ? "Resume" : "Pausing …") : "Pause");
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
  // Nothing runs that could wait or end while the next round is picked.
  for (const button of [view.pause, view.skip, view.last]) button.hidden = scan.state === "waiting";
}

/** Not disabled: a button that is would lose the focus, and the next key be the notebook's. */
const setInert = (button, inert) => setAttribute(button, "aria-disabled", inert);

function stateInWords(scan) {
  if (isLost(scan)) return "no kernel";
  if (!scan.isKnown) return "asking the kernel …";
  if (scan.state === "stopped") return scan.reason;
  if (scan.state === "failed") return `failed: ${scan.reason}`;
  if (scan.state === "ready") return "starting";
  if (scan.state === "stopping") return "stopping";
  if (scan.state === "waiting") return "waiting for you";
  if (scan.state === "running" && scan.wants_pause) return "pausing";
  return scan.state === "paused" && !scan.wants_pause ? "resuming" : scan.state;
}

function whereInWords(scan) {
  if (!scan.isKnown) return "";
  const ended = count(scan, "done", "skipped", "failed", "pruned");
  const parts = [scan.open_ended ? `${ended} round${ended === 1 ? "" : "s"}` : `${ended} of ${scan.total} rounds`];
  for (const status of ["pruned", "skipped", "failed"]) {
    const rounds = count(scan, status);
    if (rounds) parts.push(`${rounds} ${status}`);
  }
  const since = passed(scan);
  parts.push(`${clock(scan.elapsed + since)} elapsed`);
  if (isActive(scan) && !isSilent(scan) && typeof scan.remaining === "number") {
    parts.push(`about ${clock(Math.max(0, scan.remaining - since))} left`);
  }
  return parts.join(" · ");
}

function bestInWords(scan) {
  const best = scan.rounds[scan.best];
  if (!best) return "";
  const entry = combinationOf(scan, best);
  const rounds = `round${entry.rounds.length > 1 ? "s" : ""} ${numbersInWords(entry)}`;
  return `best ${scan.metric} ${spread(entry)} in ${rounds}`;
}

/** The running round: where it is, why it was chosen, and a thin line that fills with its epochs. */
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
  const running = runningRound(scan);
  const [epoch, epochs, batch, batches] = scan.step ?? [];
  const goesOn = isActive(scan) && !isLost(scan);
  let text = goesOn ? "waiting for the next round" : "";
  if (goesOn && scan.state === "waiting") text = "pick the next round in the editor above";
  if (running) {
    const parts = [`round ${running.number}`];
    if (epochs) parts.push(`epoch ${Math.min(epoch + 1, epochs)} of ${epochs}`);
    else if (epochsOf(running)) parts.push(`epoch ${epochsOf(running)}`);
    if (batches) parts.push(`batch ${batch + 1} of ${batches}`);
    text = [...parts, inWords(scan.varying, running.params)].join(" · ");
  }
  setText(view.text, text);
  setAttribute(view.text, "title", text); // a long line is cut at the view's edge
  // Between two rounds the line stays as it is: it would flicker.
  const why = whyInWords(scan, isActive(scan) ? scan.rounds.at(-1) : null);
  setText(view.why, why);
  setAttribute(view.why, "title", why);
  view.why.hidden = !why;
  const share = progress(scan) ?? 0;
  setAttribute(view.track, "data-idle", !epochs); // it keeps its place, or all below would jump
  setAttribute(view.track, "aria-valuenow", Math.round(share));
  view.done.style.width = `${share}%`;
}

function whyInWords(scan, round) {
  const parts = round?.reason ? [round.reason] : [];
  if (scan.prunes) {
    const [epochs, seconds] = spared(scan);
    const saved = `${epochs} epoch${epochs === 1 ? "" : "s"}, about ${clock(seconds)}`;
    parts.push(`pruning saved ${epochs ? saved : "nothing yet"}`);
  }
  return parts.join(" · ");
}

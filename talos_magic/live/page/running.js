/** The running rounds: a line for each, with a thin progress bar, and why the last was chosen. */

import { addControl, setInert } from "./control.js";
import { add, match, setAttribute, setText } from "./dom.js";
import { paramsText } from "./formatting.js";
import { isActive, isLost, progress, runningRounds, takesRequests } from "./scan.js";
import { ROUND, SCAN } from "./status.js";

export const SKIP_TITLE = "End this round now; its curves are kept and marked";

export function buildRunning(parent, request) {
  const running = add(parent, "div", "talos-progress");
  const [lines, more] = [add(running, "div"), add(running, "div", "talos-more")];
  more.hidden = true;
  return { request, lines, more, why: add(running, "div", "talos-reason") };
}

/** `soon` is the scan once the kernel has handled the pending requests. */
export function drawRunning(view, scan, soon) {
  const make = (parent) => addLine(parent, view.request);
  match(view.lines, scan.lines, make, (line, number) => drawLine(line, scan, soon, number));
  const more = moreText(scan);
  view.more.hidden &&= !more; // once it shows, it keeps its place
  setText(view.more, more);
  setText(view.why, scan.why ?? "");
  setAttribute(view.why, "title", scan.why ?? "");
  view.why.hidden = !scan.why;
}

function addLine(parent, request) {
  const line = add(parent, "div", "talos-round");
  const text = add(line, "div", "talos-running");
  for (const name of ["", "talos-doing", ""]) add(text, "span", name);
  const track = add(line, "div", "talos-track");
  track.setAttribute("role", "progressbar");
  track.setAttribute("aria-valuemax", 100);
  add(track, "div", "talos-done");
  const skip = addControl(line, "skip", SKIP_TITLE, () => {
    const number = Number(skip.value);
    request({ type: "skip", round: number }, { wants_skip: number });
  });
}

function drawLine(line, scan, soon, number) {
  const [text, track, skip] = line.children;
  const round = scan.rounds[number];
  const isSeveral = scan.lines.length > 1;
  const parts = lineParts(scan, round);
  drawText(text, parts);
  setAttribute(text, "title", parts.join("")); // long lines are cut off
  const share = (round && progress(scan, round)) ?? 0;
  setAttribute(track, "aria-label", `Epochs of ${isSeveral ? `round ${number}` : "the running round"}`);
  setAttribute(track, "data-idle", !scan.steps.get(number)?.[1]); // it keeps its place
  setAttribute(track, "aria-valuenow", Math.round(share));
  track.firstElementChild.style.width = `${share}%`;
  skip.hidden = !isSeveral || !isActive(scan); // of one round, the head has it
  if (!skip.hidden) drawSkip(skip, soon, round);
}

function drawSkip(skip, scan, { number, status }) {
  const isSkipping = scan.wants_skip === number && status === ROUND.RUNNING;
  skip.value = number;
  setText(skip, isSkipping ? "Skipping …" : "Skip");
  setAttribute(skip, "aria-label", `${isSkipping ? "Skipping" : "Skip"} round ${number}`);
  setInert(skip, !takesRequests(scan) || isSkipping || status !== ROUND.RUNNING);
}

function drawText(text, [before, doing, after]) {
  const [first, middle, last] = text.children;
  setText(first, before);
  if (doing && !middle.textContent) middle.replaceWith(middle.cloneNode()); // it shows if it lasts
  setText(text.children[1], doing);
  setText(last, after);
}

/** A line in three parts; the second, if there is one, is what goes on without an epoch. */
function lineParts(scan, round) {
  if (round?.status === ROUND.RUNNING) return runningParts(scan, round);
  const isOneOfMany = round && scan.lines.length > 1;
  return isOneOfMany ? [`round ${round.number} ${round.status}`, "", ""] : ["", waitingText(scan), ""];
}

function runningParts(scan, round) {
  const [epoch, epochs, batch, batches] = scan.steps.get(round.number) ?? [];
  const begin = `round ${round.number} · `;
  const params = ` · ${paramsText(scan, round)}`;
  if (round.doing || !(epochs || round.epochs)) return [begin, round.doing || "starting", params];
  if (!epochs) return [`${begin}epoch ${round.epochs}${params}`, "", ""];
  const batchText = batches ? ` · batch ${batch + 1} of ${batches}` : "";
  return [`${begin}epoch ${Math.min(epoch + 1, epochs)} of ${epochs}${batchText}${params}`, "", ""];
}

/** As `running_lines` in status_lines.py, with the batch. */
export const runningText = (scan, round) => runningParts(scan, round).join("");

export function moreText(scan) {
  const count = runningRounds(scan).filter(({ number }) => !scan.lines.includes(number)).length;
  return count ? `and ${count} more` : "";
}

function waitingText(scan) {
  if (!isActive(scan) || isLost(scan)) return "";
  if (scan.state === SCAN.WAITING) return "pick the next round in the editor above";
  return scan.doing || "waiting for the next round";
}

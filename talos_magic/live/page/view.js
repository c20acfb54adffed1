/** LiveView: draws a running scan from its full state and the changes that follow. */

import { build, draw, inNextFrame, LEFT, newLook } from "./drawing.js";
import { showEditor } from "./editor.js";
import { askToNotify, notifyOfEnd } from "./notify.js";
import { isActive, newScan, receive, silence } from "./scan.js";
import { keepLook } from "./shared.js";
import { follow } from "./surroundings.js";
import { leaveTitle, showInTitle } from "./title.js";

const CONFIRMED = 20; // messages that share a confirmation, as in view.py
const AGAIN = 2000; // milliseconds, at least, between two requests for the full state
const QUIET = 10; // seconds without a message until the page asks whether one was lost

/** Called when the page has loaded the widget, before any view: reports that to the kernel. */
function initialize({ model }) {
  model.send({ type: "here" });
}

function render({ model, el }) {
  const scan = { ...newScan(), notify: model.get("notify") };
  const look = newLook();
  let askedAt = 0;
  const redraw = inNextFrame(() => {
    const more = draw(view, scan, look);
    if (look.seeksEditor) look.seeksEditor = !showEditor(el);
    confirm(model, scan);
    return more;
  });
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
    const wasActive = scan.isKnown && isActive(scan);
    receive(scan, message);
    keepLook(scan.folder, look);
    showInTitle(scan);
    if (wasActive) notifyOfEnd(scan);
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
  const unfollow = follow(el, redraw);
  const ticks = setInterval(() => {
    if (!isActive(scan)) return;
    if (silence(scan) >= QUIET && askedAt < scan.receivedAt) requestAll();
    showInTitle(scan);
    redraw(); // for the clock
  }, 1000);
  scan.requestedAt = Date.now();
  requestAll();
  askToNotify(scan);

  return () => {
    model.off("msg:custom", onMessage);
    model.off("comm_live_update", onLost);
    unfollow();
    clearInterval(ticks);
    redraw.cancel();
    leaveTitle(scan);
  };
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

export default { initialize, render };

/** A notification at the end of a scan, if `--notify` asked for it. */

import { scanText } from "./head.js";
import { hasEnded } from "./status.js";

const BLOCKED = "--notify: this browser shows no notifications of this page";

const permission = () => globalThis.Notification?.permission ?? "denied";

/** Ask for the permission while the person is still there; a browser asks once. */
export function askToNotify(scan) {
  if (scan.notify && permission() === "default") Notification.requestPermission();
}

/** What hinders notifications, for the view's notices. */
export const notifyNotices = (scan) => (scan.notify && permission() === "denied" ? [BLOCKED] : []);

export function notifyOfEnd(scan) {
  if (!scan.notify || !hasEnded(scan.state) || permission() !== "granted") return;
  const body = [scanText(scan), scan.best_text].filter(Boolean).join(", ");
  // Of two views of one scan, the second notification replaces the first.
  new Notification(`${scan.name}: ${body}`, { tag: scan.folder || scan.name });
}

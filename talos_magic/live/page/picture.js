/** The picture that stays in the notebook: turned into the view by its script, without a kernel. */

import { add } from "./dom.js";
import { build, draw, inNextFrame, newLook } from "./drawing.js";
import { newScan, receive } from "./scan.js";
import { keptLook, onKernel } from "./shared.js";
import { follow } from "./surroundings.js";

/** Replace a picture, wherever its output is shown, by the view of a scan in its full state. */
function enliven(place, style, state) {
  for (const picture of document.querySelectorAll(`#${place}`)) {
    if (!picture.dataset.lives) show(picture, style, state);
    picture.dataset.lives = true;
  }
}

function show(picture, style, state) {
  const scan = newScan();
  receive(scan, { number: 1, ...state });
  const look = { ...newLook(), ...keptLook(scan.folder), hovered: null };
  const redraw = inNextFrame(() => draw(view, scan, look));
  const change = (changes) => {
    Object.assign(look, changes);
    redraw();
  };
  const el = picture.ownerDocument.createElement("div");
  add(el, "style", "", style);
  const view = build(el, scan, look, change, null);
  picture.replaceChildren(el);
  draw(view, scan, look);
  follow(el, redraw);
  onKernel(redraw);
}

export default enliven;

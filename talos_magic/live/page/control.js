/** Buttons that ask the kernel for something: a double click asks once, an inert button does not. */

import { addButton, setAttribute } from "./dom.js";

const DOUBLE = 300; // milliseconds between the clicks of a double click

export function addControl(parent, name, title, press) {
  let pressed = -DOUBLE;
  const control = addButton(parent, `talos-button talos-${name}`, "", ({ timeStamp }) => {
    const isInert = control.getAttribute("aria-disabled") === "true";
    if (isInert || timeStamp - pressed < DOUBLE) return;
    pressed = timeStamp;
    press();
  });
  control.title = title;
  return control;
}

/** Not `disabled`: the button would lose the focus, and the next key would reach the notebook. */
export const setInert = (control, inert) => setAttribute(control, "aria-disabled", inert);

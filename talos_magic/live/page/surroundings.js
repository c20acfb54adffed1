/** What surrounds the view on its page: its width, the theme, the keys of the notebook. */

import { setAttribute } from "./dom.js";

/** Call `redraw` when the width or the theme changes; returns a function that ends this. */
export function follow(el, redraw) {
  const resized = new ResizeObserver(redraw);
  resized.observe(el);
  const themed = new MutationObserver(redraw);
  const attributes = { attributeFilter: ["class", "theme", "style", "data-jp-theme-light"] };
  for (const root of [document.body, document.documentElement]) themed.observe(root, attributes);
  const stopKeeping = keepKeys(el);
  return () => {
    resized.disconnect();
    themed.disconnect();
    stopKeeping();
  };
}

/** Keep keys from the notebook's commands, except those that save it or control the browser. */
function keepKeys(el) {
  const isKept = (event) => event.key === "Enter" || !(event.ctrlKey || event.metaKey);
  // JupyterLab looks for the attribute before the key event reaches the element.
  const mark = (event) => setAttribute(el, "data-lm-suppress-shortcuts", isKept(event) || null);
  const keep = (event) => isKept(event) && event.stopPropagation();
  window.addEventListener("keydown", mark, true);
  el.addEventListener("keydown", keep);
  return () => window.removeEventListener("keydown", mark, true);
}

/** Scrolls to the grid editor: it opens above the view, maybe out of sight. */

const OUTPUTS = ".jp-OutputArea, .output"; // of a cell, in JupyterLab and Notebook 7, and in Notebook 6
const BUILDING = 1000; // milliseconds in which its widgets appear one by one

/** Scroll to the editor; false if it is not on the page yet. */
export function showEditor(el) {
  const editor = (el.closest(OUTPUTS) ?? document).querySelector(".talos-editor");
  if (!editor) return false;
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const show = () => editor.scrollIntoView({ block: "nearest", behavior: isStill ? "auto" : "smooth" });
  const growth = new ResizeObserver(show);
  growth.observe(editor);
  setTimeout(() => growth.disconnect(), BUILDING);
  return true;
}

/** Brings the editor of what is left into sight: it opens below, where a small page may end. */

const OUTPUTS = ".jp-OutputArea, .output"; // of a cell: JupyterLab and Notebook 7, Notebook 6
const BUILDING = 1000; // milliseconds in which its widgets come one by one

/** True if it was there. */
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

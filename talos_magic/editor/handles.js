// Labels the handles of the sliders for screen readers; ipywidgets leaves them without a name.

const HANDLES = ".noUi-handle, .ui-slider-handle";

function name(root) {
  for (const slider of root.querySelectorAll(".widget-slider")) {
    const label = slider.querySelector(".widget-label")?.textContent ?? "";
    slider.querySelectorAll(HANDLES).forEach((handle, place) => {
      const text = `${label}: ${place ? "upper" : "lower"} handle`;
      if (handle.getAttribute("aria-label") !== text) handle.setAttribute("aria-label", text);
    });
  }
}

function render({ el }) {
  let frame = 0;
  let changes;
  const begin = () => {
    const root = el.closest(".talos-editor");
    if (!root) {
      frame = requestAnimationFrame(begin); // not on the page yet
      return;
    }
    changes = new MutationObserver(() => name(root));
    changes.observe(root, { childList: true, subtree: true });
    name(root);
  };
  begin();
  return () => {
    cancelAnimationFrame(frame);
    changes?.disconnect();
  };
}

export default { render };

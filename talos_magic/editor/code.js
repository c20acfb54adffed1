// A button that copies the grid as Python code, and shows the code it copied.

async function copied(area) {
  area.select();
  try {
    await navigator.clipboard.writeText(area.value);
    return true;
  } catch {
    return document.execCommand("copy"); // where the page may not write to the clipboard
  }
}

function render({ model, el }) {
  el.classList.add("talos-code");
  const button = document.createElement("button");
  button.className = "lm-Widget p-Widget jupyter-widgets jupyter-button widget-button";
  button.textContent = "Copy as code";
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  const area = document.createElement("textarea");
  area.readOnly = true;
  area.spellcheck = false;
  area.setAttribute("aria-label", "The grid as Python code");
  let clicked = false;

  const copy = async () => {
    clicked = false;
    const done = await copied(area);
    status.textContent = done ? "copied: paste it into a cell" : "press Ctrl+C to copy";
  };
  const show = () => {
    area.value = model.get("code");
    area.rows = Math.min(area.value.split("\n").length, 24);
    area.hidden = !area.value;
    status.textContent = model.get("problem");
    if (clicked && area.value) copy();
  };
  button.addEventListener("click", () => {
    clicked = true;
    if (model.get("wanted")) {
      show();
    } else {
      // The kernel writes no code before somebody wants it.
      model.set("wanted", true);
      model.save_changes();
    }
  });
  // A notebook takes keys for commands of its own: Shift+Enter here would run the cell again.
  el.addEventListener("keydown", (event) => event.stopPropagation());
  model.on("change:code change:problem", show);
  show();
  el.append(button, status, area);
  model.send({ here: true });
  return () => model.off("change:code change:problem", show);
}

export default { render };

// A button that copies the grid as Python code and shows that code.

async function copyText(area) {
  area.select();
  try {
    await navigator.clipboard.writeText(area.value);
    return true;
  } catch {
    return document.execCommand("copy"); // the page has no permission to write to the clipboard
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
    const done = await copyText(area);
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
      // The kernel writes the code only after the first click.
      model.set("wanted", true);
      model.save_changes();
    }
  });
  // Otherwise the notebook would handle the keys: Shift+Enter would run the cell again.
  el.addEventListener("keydown", (event) => event.stopPropagation());
  model.on("change:code change:problem", show);
  show();
  el.append(button, status, area);
  model.send({ here: true });
  return () => model.off("change:code change:problem", show);
}

export default { render };

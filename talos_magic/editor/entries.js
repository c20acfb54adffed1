// Empties boxes as soon as a line is entered and hands the lines to the kernel, one message each.
// Lines that the kernel refuses come back; until it has answered, they are shown below the box.

const ENTRY = "talos-entry-";
const SLOW = 400; // ms until a line that waits for the kernel is shown

function nameOf(node) {
  const classes = node.closest(".widget-text")?.classList ?? [];
  return [...classes].find((name) => name.startsWith(ENTRY));
}

function entriesOf(root, model) {
  const sent = new Map(); // lines to be answered, or refused while more was typed, by number
  const drafts = new Map(); // what was typed and not entered, by the name of its box
  const refused = new Set(); // boxes whose line came back

  const find = (name) => root.querySelector(`.${name} input`);

  // The inputs that are entered together: the two of a new hyperparameter, or the one of a row.
  function inputsOf(target) {
    const form = target.closest(".talos-adding");
    if (form) return [...form.querySelectorAll("input")];
    return nameOf(target) ? [target] : [];
  }

  function enter(inputs) {
    const box = nameOf(inputs[0]);
    const lines = inputs.map((input) => input.value);
    if (!lines.some((line) => line.trim()) && !refused.has(box)) return;
    for (const input of inputs) input.value = "";
    drafts.delete(box);
    refused.delete(box);
    for (const [number, old] of sent) if (old.box === box && old.isRefused) sent.delete(number);
    const number = Math.random();
    sent.set(number, { box, lines });
    model.send({ number, box, lines });
    setTimeout(showSent, SLOW);
  }

  function showSent() {
    for (const box of root.querySelectorAll(`[class*="${ENTRY}"]`)) {
      const own = [...sent.values()].filter((line) => line.box === nameOf(box));
      const list = (label, isRefused) => {
        const lines = own.filter((line) => Boolean(line.isRefused) === isRefused);
        const texts = lines.map((line) => line.lines.filter(Boolean).join(" = "));
        return lines.length ? [`${label}: ${texts.join("; ")}`] : [];
      };
      const text = [...list("waits for the kernel", false), ...list("refused", true)].join(" · ");
      if (text) box.dataset.sent = text;
      else delete box.dataset.sent;
    }
  }

  function answered({ number, refused: isRefused, clear }) {
    if (clear) {
      for (const name of [...drafts.keys(), ...refused]) {
        const input = root.querySelector(`.talos-rows .${name} input`);
        if (!input) continue; // of the form
        input.value = "";
        drafts.delete(name);
        refused.delete(name);
      }
    }
    const line = sent.get(number); // none: it was sent from another view
    if (!line) return;
    const first = isRefused && find(line.box);
    const inputs = first ? inputsOf(first) : [];
    line.isRefused = inputs.some((input) => input.value); // more was typed meanwhile
    if (!line.isRefused) {
      sent.delete(number);
      inputs.forEach((input, place) => (input.value = line.lines[place]));
      if (inputs.length) refused.add(line.box);
      if (inputs.length === 1) drafts.set(line.box, line.lines[0]);
    }
    showSent();
  }

  // A box that ipywidgets updates or builds again is empty.
  function restore() {
    for (const [box, draft] of drafts) {
      const input = find(box);
      if (!input || input.value === draft) continue;
      input.value = draft;
      if (document.activeElement === document.body) input.focus();
    }
  }

  const on = {
    input(event) {
      const inputs = inputsOf(event.target);
      if (inputs.length === 1) drafts.set(nameOf(event.target), event.target.value);
    },
    keydown(event) {
      const inputs = inputsOf(event.target);
      if (!inputs.includes(event.target) || event.key !== "Enter" || event.isComposing) return;
      enter(inputs);
      inputs[0].focus();
    },
    change(event) {
      const inputs = inputsOf(event.target);
      if (inputs.length) event.stopPropagation(); // to ipywidgets
      // The focus leaves the box, or the box is taken off the page.
      if (inputs.length === 1) queueMicrotask(() => event.target.isConnected && enter(inputs));
    },
    click(event) {
      const button = event.target.closest(".talos-adding button, .talos-decision .mod-primary");
      const form = button && root.querySelector(".talos-adding");
      if (!form) return;
      const inputs = inputsOf(form);
      enter(inputs);
      if (!form.contains(button)) return; // Start, which comes after
      event.stopPropagation();
      inputs[0].focus();
    },
  };
  const changes = new MutationObserver(restore);
  changes.observe(root, { childList: true, subtree: true, attributeFilter: ["placeholder"] });
  for (const kind in on) root.addEventListener(kind, on[kind], true);
  model.on("msg:custom", answered);
  return () => {
    changes.disconnect();
    for (const kind in on) root.removeEventListener(kind, on[kind], true);
    model.off("msg:custom", answered);
  };
}

function render({ model, el }) {
  let stop;
  let frame = 0;
  const begin = () => {
    const root = el.closest(".talos-editor");
    if (root) stop = entriesOf(root, model);
    else frame = requestAnimationFrame(begin); // not on the page yet
  };
  begin();
  return () => {
    cancelAnimationFrame(frame);
    stop?.();
  };
}

export default { render };

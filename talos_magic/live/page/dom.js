/** Create and change elements. Texts are set as texts, never as HTML. */

export function add(parent, tag, className = "", text = "") {
  const child = parent.ownerDocument.createElement(tag);
  if (className) child.className = className;
  if (text) child.textContent = text;
  return parent.appendChild(child);
}

export function addButton(parent, className, text, press) {
  const button = add(parent, "button", className, text);
  button.type = "button";
  button.addEventListener("click", press);
  button.addEventListener("keydown", (event) => {
    if (event.repeat && event.key === "Enter") event.preventDefault(); // one request while it is held down
  });
  return button;
}

/** Change a text only if it differs, so that screen readers read only news. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Set an attribute only if it differs; null removes it. */
export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** Give a parent one child for each item, created by `make`, and `show` each item in its child. */
export function match(parent, items, make, show) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  while (parent.children.length < items.length) make(parent);
  items.forEach((item, index) => show(parent.children[index], item, index));
}

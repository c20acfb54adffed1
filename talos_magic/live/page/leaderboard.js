/** The leaderboard: a row for each round that does not run, or for the rounds of a combination. */

import { add, addButton, match, setAttribute, setText } from "./dom.js";
import { outcome } from "./scan.js";

const MOST_ROWS = 100;
export const RESULT = "result"; // the column that ranks the rounds, until another is clicked
const COLUMN = 88; // pixels at least; a narrow page scrolls the table sideways

export function buildLeaderboard(parent, look, change) {
  const board = add(parent, "div", "talos-board");
  const table = add(board, "table");
  const view = {
    ...{ board, table, look, change, opened: new Set(), pressed: {} },
    head: add(add(table, "thead"), "tr"),
    body: add(table, "tbody"),
    rest: add(board, "div", "talos-rest"),
  };
  // A round may move to another row between a press and its click.
  view.body.addEventListener("pointerdown", ({ target }) => {
    view.pressed = { ...target.closest("tr")?.dataset };
  });
  view.body.addEventListener("click", ({ target, detail }) => {
    const meant = detail ? view.pressed : target.closest("tr").dataset; // 0: by a key
    if (detail > 1) return; // a double click would undo its selection
    if (target.closest(".talos-why")) open(view, Number(meant.failed));
    else if (meant.round) pick(view, Number(meant.round));
  });
  return view;
}

const pick = (view, number) => view.change({ selected: view.look.selected === number ? null : number });

function open(view, number) {
  const { opened } = view;
  opened[opened.has(number) ? "delete" : "add"](number);
  view.change({});
}

export function drawLeaderboard(view, scan) {
  view.board.style.minHeight = `${Math.min(scan.total, 6) * 22 + 30}px`; // so that it does not grow
  const columns = columnsOf(scan);
  const sorted = ranked(scan, columns, view.look.sort);
  view.table.style.minWidth = `${columns.length * COLUMN}px`;
  drawTitles(view, columns, scan);
  const shown = sorted.filter((entry, place) => place < MOST_ROWS || isSelected(view, entry));
  const rows = shown.flatMap((entry) => {
    if (!view.opened.has(entry.failed)) return [{ entry }];
    return [{ entry }, { entry, error: scan.rounds[entry.failed].error }];
  });
  const make = (parent) => add(parent, "tr");
  const focus = focusIn(view.body);
  match(view.body, rows, make, (row, item) => drawRow(view, row, item, columns, scan));
  if (focus) refocus(view.body, focus);
  reveal(view);
  const left = sorted.length - shown.length;
  const unit = scan.repeats > 1 ? "combinations" : "rounds";
  setText(view.rest, left > 0 ? `… and ${left} more ${unit}; sort by another column to see them` : "");
}

const isSelected = (view, { rounds }) => rounds.includes(view.look.selected);

/** Scroll the table, not the page, to a row that was selected by its curve. */
function reveal(view) {
  const { board, head, body, look } = view;
  if (view.revealed === look.selected) return;
  view.revealed = look.selected;
  const row = body.querySelector('[data-selected="true"]');
  if (!row) return;
  const [top, bottom] = [row.offsetTop - head.offsetHeight, row.offsetTop + row.offsetHeight];
  board.scrollTop = Math.min(Math.max(board.scrollTop, bottom - board.clientHeight), top);
}

/** The button that has the focus, and its round: rounds move to other rows. */
function focusIn(body) {
  const { activeElement } = body.ownerDocument;
  if (!body.contains(activeElement)) return null;
  return { round: activeElement.closest("tr").dataset.round, kind: activeElement.className };
}

function refocus(body, { round, kind }) {
  const row = [...body.rows].find((other) => other.dataset.round === round);
  const button = [...(row?.querySelectorAll("button") ?? [])].find(({ className }) => className === kind);
  if (button !== body.ownerDocument.activeElement) button?.focus({ preventScroll: true });
}

/** Columns: those of the kernel, with those of the hyperparameters before the last. */
function columnsOf(scan) {
  const own = scan.columns.map(([key, title]) => ({
    ...{ key, title },
    text: ({ cells }) => cells[key][0],
    by: ({ cells }) => cells[key][1],
  }));
  const params = scan.varying.map((name) => ({
    ...{ key: `param ${name}`, title: name },
    text: ({ shown }) => scan.rounds[shown].texts[name],
    by: ({ shown }) => scan.rounds[shown].params[name],
  }));
  return [...own.slice(0, -1), ...params, ...own.slice(-1)];
}

function ranked(scan, columns, { column, reverse }) {
  const key = `${column} ${reverse}`;
  if (scan.ranked?.key !== key) {
    const chosen = columns.find((one) => one.key === column) ?? columns[1];
    const entries = [...scan.rows.values()];
    entries.sort((a, b) => compare(chosen.by(a), chosen.by(b), reverse ? -1 : 1));
    scan.ranked = { key, entries };
  }
  return scan.ranked.entries;
}

/** Of ranks only the value is reversed: rounds without a score, or that are not whole, stay last. */
function compare(one, other, sign) {
  if (Array.isArray(one)) {
    const place = one.findIndex((part, at) => part !== other[at]);
    return (place < one.length - 1 ? 1 : sign) * (one[place] - other[place] || 0);
  }
  if (typeof one === "number" && typeof other === "number") return sign * (one - other);
  return sign * String(one).localeCompare(String(other), undefined, { numeric: true });
}

function drawTitles(view, columns, scan) {
  const { sort: sorting } = view.look;
  const make = (parent) => {
    const cell = add(parent, "th");
    const sort = addButton(cell, "talos-sort", "", () => {
      const { column, reverse } = view.look.sort;
      const { key } = cell.dataset;
      view.change({ sort: { column: key, reverse: column === key && !reverse } });
    });
    add(sort, "span");
  };
  match(view.head, columns, make, (cell, { key, title }) => {
    cell.dataset.key = key;
    const chosen = sorting.column === key;
    const rising = (key === RESULT && !scan.minimize) === sorting.reverse;
    const order = rising ? "ascending" : "descending";
    setAttribute(cell, "aria-sort", chosen ? order : null);
    setAttribute(cell.firstElementChild, "title", title); // long titles are cut off
    setText(cell.firstElementChild.firstElementChild, title);
  });
}

function drawRow(view, row, { entry, error }, columns, scan) {
  const { shown, failed } = entry;
  if (error !== undefined) {
    drawError(row, failed, error, columns.length);
    return;
  }
  const hasFailed = failed !== null;
  setAttribute(row, "class", outcome(scan, scan.rounds[shown]));
  setAttribute(row, "data-selected", isSelected(view, entry));
  setAttribute(row, "data-round", shown);
  setAttribute(row, "data-failed", failed);
  const kind = `${columns.length} ${hasFailed}`;
  if (row.dataset.kind !== kind) buildRow(row, kind, columns.length, hasFailed);
  columns.forEach((column, place) => setCell(row.cells[place], column.text(entry)));
  setAttribute(row.querySelector(".talos-pick"), "aria-pressed", isSelected(view, entry));
  if (hasFailed) setAttribute(row.querySelector(".talos-why"), "aria-expanded", view.opened.has(failed));
}

function drawError(row, number, error, width) {
  const kind = `error ${number}`;
  if (row.dataset.kind === kind) return; // or its text could not be selected and copied
  row.dataset.kind = kind;
  for (const name of ["round", "failed", "selected"]) delete row.dataset[name];
  setAttribute(row, "class", "talos-error");
  row.replaceChildren();
  add(row, "td", "", error).colSpan = width;
}

/** Cells stay while their texts change: a click needs the node on which it began. */
function buildRow(row, kind, width, hasFailed) {
  row.dataset.kind = kind;
  row.replaceChildren();
  for (let place = 0; place < width; place += 1) add(row, "td");
  addButton(row.cells[0], "talos-pick", "", () => {}).title = "highlight the curves of this round";
  if (hasFailed) addButton(row.cells[1], "talos-why", "", () => {}).title = "show the error";
}

function setCell(cell, text) {
  setText(cell.firstElementChild ?? cell, text);
  if (!cell.firstElementChild) setAttribute(cell, "title", text); // long texts are cut off
}

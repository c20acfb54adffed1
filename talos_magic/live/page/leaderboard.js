/** The leaderboard: a row for each round that does not run, or for the rounds of a combination. */

import { columnsOf, EPOCH, ranked, RESULT, tableOf } from "./columns.js";
import { add, addButton, match, setAttribute, setText } from "./dom.js";
import { outcome } from "./scan.js";
import { buildSparkline, drawSparkline } from "./sparkline.js";
import { ROUND } from "./status.js";

const MOST_ROWS = 100;
const BOARD = "board"; // where a hovered round is pointed at

export function buildLeaderboard(parent, look, change) {
  const frame = add(parent, "div", "talos-board-frame");
  const board = add(frame, "div", "talos-board");
  const table = add(board, "table");
  const view = {
    ...{ frame, board, look, change, opened: new Set(), pressed: {}, revealed: {}, widths: {} },
    ...{ table: null, drawn: new WeakMap() }, // what is shown, and of it in each row
    head: add(add(table, "thead"), "tr"),
    body: add(table, "tbody"),
    rest: add(frame, "div", "talos-rest"),
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
  for (const kind of ["pointerover", "focusin"]) {
    view.body.addEventListener(kind, ({ target }) => hover(view, target.closest("tr").dataset.round));
  }
  for (const kind of ["pointerleave", "focusout"]) view.body.addEventListener(kind, () => hover(view));
  board.addEventListener("scroll", () => drawEdges(view), { passive: true });
  return view;
}

const pick = (view, number) => view.change({ selected: view.look.selected === number ? null : number });

function open(view, number) {
  const { opened } = view;
  opened[opened.has(number) ? "delete" : "add"](number);
  view.change({});
}

/** The curves follow the row below the pointer, or with the focus. */
function hover({ look, change }, round) {
  const number = round === undefined ? null : Number(round);
  if ((look.hovered?.number ?? null) === number) return;
  change({ hovered: number === null ? null : { number, from: BOARD } });
}

export function drawLeaderboard(view, scan) {
  const { board, body, opened } = view;
  board.style.minHeight = `${Math.min(scan.total, 6) * 22 + 30}px`; // so that it does not grow
  const table = tableNow(view, scan);
  drawTitles(view, table, scan);
  const rows = table.rows.flatMap((row) => {
    const { failed } = row.entry;
    return opened.has(failed) ? [row, { error: scan.rounds[failed].error }] : [row];
  });
  const focus = focusIn(body);
  match(body, rows, (parent) => add(parent, "tr"), (row, item) => {
    if (item.entry) drawRow(view, row, item, scan);
    else drawError(view, row, item.error);
  });
  if (focus) refocus(body, focus);
  if (board.clientWidth && view.measured !== table) keepWidths(view, table); // else it is hidden
  reveal(view);
  drawEdges(view);
  const { left } = table;
  const unit = scan.repeats > 1 ? "combinations" : "rounds";
  setText(view.rest, left > 0 ? `… and ${left} more ${unit}; sort by another column to see them` : "");
}

/** What the table shows, until a message or another order changes it: frames are more than those. */
function tableNow(view, scan) {
  const { sort, selected } = view.look;
  const key = [scan.number, sort.column, sort.reverse, selected].join();
  if (view.table?.key !== key) {
    const columns = columnsOf(scan);
    const sorted = ranked(scan, columns, sort);
    const shown = sorted.filter((entry, place) => place < MOST_ROWS || has(entry, selected));
    view.table = { key, left: sorted.length - shown.length, ...tableOf(scan, columns, shown) };
  }
  return view.table;
}

const has = ({ rounds }, number) => rounds.includes(number);

function drawTitles(view, { columns }, scan) {
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
  match(view.head, columns, make, (cell, { key, title, isText }) => {
    cell.dataset.key = key;
    const chosen = sorting.column === key;
    const rising = (key === RESULT && !scan.minimize) === sorting.reverse;
    const order = rising ? "ascending" : "descending";
    setAttribute(cell, "aria-sort", chosen ? order : null);
    setAttribute(cell, "data-text", isText);
    setAttribute(cell.firstElementChild, "title", title); // long titles are cut off
    setText(cell.firstElementChild.firstElementChild, title);
  });
}

function drawRow(view, row, item, scan) {
  const { shown, failed } = item.entry;
  const { hovered, selected } = view.look;
  setAttribute(row, "class", outcome(scan, scan.rounds[shown]));
  setAttribute(row, "data-selected", has(item.entry, selected));
  setAttribute(row, "data-hovered", has(item.entry, hovered?.number));
  setAttribute(row, "data-round", shown);
  setAttribute(row, "data-failed", failed);
  if (view.drawn.get(row) !== item) drawCells(view, row, item, scan);
  setAttribute(row.querySelector(".talos-pick"), "aria-pressed", has(item.entry, selected));
  const why = row.querySelector(".talos-why");
  if (why) setAttribute(why, "aria-expanded", view.opened.has(failed));
}

function drawCells({ table, drawn }, row, item, scan) {
  const { columns, last } = table;
  const { entry, cells, marks, share } = item;
  const hasFailed = entry.failed !== null;
  const kind = `${columns.map(({ key }) => key).join()} ${hasFailed}`;
  if (row.dataset.kind !== kind) buildRow(row, kind, columns, hasFailed);
  columns.forEach((column, place) => {
    const cell = row.cells[place];
    const shows = cell.querySelector(".talos-pick, .talos-text") ?? cell;
    setText(shows, cells[place].text);
    setAttribute(shows, "data-blanks", cells[place].blanks || null);
    setAttribute(cell, "data-text", column.isText);
    setAttribute(cell, "title", column.isParam ? column.text(entry) : null); // long texts are cut off
    if (column.key === RESULT) cell.style.setProperty("--talos-share", share ?? "");
    if (column.key === EPOCH) drawSparkline(cell.querySelector("svg"), scan, scan.rounds[entry.shown], last);
  });
  drawMarks(row, marks);
  drawn.set(row, item);
}

/** Marks are no texts, so that a number that is copied is a number. That of a failure is a button. */
function drawMarks(row, marks) {
  const draw = (node, { kind, mark, text }) => {
    setAttribute(node, "data-kind", kind);
    setAttribute(node, "data-mark", mark);
    setAttribute(node, "aria-label", text);
    setAttribute(node, "title", kind === ROUND.FAILED ? `${text}: show the error` : text);
  };
  const isWhy = ({ kind }) => kind === ROUND.FAILED && row.dataset.failed;
  const make = (parent) => setAttribute(add(parent, "span", "talos-mark"), "role", "img");
  match(row.querySelector(".talos-marks"), marks.filter((mark) => !isWhy(mark)), make, draw);
  const why = row.querySelector(".talos-why");
  if (why) draw(why, marks.find(isWhy));
}

function drawError({ table, drawn }, row, error) {
  if (row.dataset.error === error) return; // or its text could not be selected and copied
  drawn.delete(row);
  for (const name of Object.keys(row.dataset)) delete row.dataset[name];
  row.dataset.error = error;
  setAttribute(row, "class", "talos-error");
  row.replaceChildren();
  const cell = add(row, "td");
  cell.colSpan = table.columns.length + 1; // and what is left of the width
  add(cell, "div", "", error);
}

/** Cells stay while their texts change: a click needs the node on which it began. */
function buildRow(row, kind, columns, hasFailed) {
  delete row.dataset.error;
  row.dataset.kind = kind;
  row.replaceChildren();
  for (const { key } of columns) {
    const cell = add(row, "td");
    if (key !== EPOCH) continue;
    const both = add(cell, "div", "talos-epoch");
    buildSparkline(both);
    add(both, "span", "talos-text");
  }
  const [first] = row.cells;
  const both = add(first, "div", "talos-first");
  add(both, "span", "talos-marks");
  if (hasFailed) addButton(both, "talos-why", "", () => {});
  const pick = addButton(both, "talos-pick", "", () => {});
  pick.title = "highlight the curves of this round";
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

/** A column grows with its texts but does not shrink, so that new rows do not move the others. */
function keepWidths(view, table) {
  const { columns } = table;
  view.measured = table;
  const cells = [...view.head.cells];
  const measured = cells.map((cell) => cell.getBoundingClientRect().width);
  columns.forEach(({ key }, place) => {
    const most = Math.max(view.widths[key] ?? 0, Math.ceil(measured[place]));
    view.widths[key] = most;
    const width = `${most}px`;
    if (cells[place].style.minWidth !== width) cells[place].style.minWidth = width;
  });
  view.board.style.setProperty("--talos-first", `${view.widths[columns[0]?.key] ?? 0}px`);
}

/** Scroll the table, not the page, to a row that was selected or pointed at by its curve. */
function reveal(view) {
  const { look, revealed } = view;
  const pointed = look.hovered?.from === BOARD ? null : look.hovered?.number;
  for (const [kind, number] of Object.entries({ selected: look.selected, hovered: pointed })) {
    if (revealed[kind] !== number) scrollToRow(view, view.body.querySelector(`[data-${kind}="true"]`));
    revealed[kind] = number;
  }
}

function scrollToRow({ board, head }, row) {
  if (!row) return;
  const [top, bottom] = [row.offsetTop - head.offsetHeight, row.offsetTop + row.offsetHeight];
  board.scrollTop = Math.min(Math.max(board.scrollTop, bottom - board.clientHeight), top);
}

/** Hint at columns that are out of sight. */
function drawEdges({ frame, board }) {
  const { clientWidth, offsetWidth, scrollLeft, scrollWidth } = board;
  setAttribute(frame, "data-before", scrollLeft > 0);
  setAttribute(frame, "data-after", scrollLeft + clientWidth < scrollWidth - 1);
  frame.style.setProperty("--talos-scrollbar", `${offsetWidth - clientWidth}px`);
}

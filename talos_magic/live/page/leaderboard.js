/** The leaderboard: a row an ended round, or the rounds of a combination; a row selects its curve. */

import {
  average,
  bestEpoch,
  combine,
  duration,
  durationInWords,
  numbersInWords,
  rank,
  resultInWords,
} from "./combinations.js";
import { add, addButton, match, setAttribute, setText } from "./dom.js";
import { outcome } from "./scan.js";
import { format } from "./words.js";

const MOST_ROWS = 100;
export const RESULT = "result"; // the column that the rounds are ranked by at first
const COLUMN = 88; // pixels, at least; a narrow page scrolls the table sideways

export function buildLeaderboard(parent, look, change) {
  const board = add(parent, "div", "talos-board");
  const table = add(board, "table");
  const view = {
    ...{ board, table, look, change, opened: new Set(), pressed: {} },
    head: add(add(table, "thead"), "tr"),
    body: add(table, "tbody"),
    rest: add(board, "div", "talos-rest"),
  };
  // Rounds may change their rows between a press and the click that follows.
  view.body.addEventListener("pointerdown", ({ target }) => {
    view.pressed = { ...target.closest("tr")?.dataset };
  });
  view.body.addEventListener("click", ({ target, detail }) => {
    const meant = detail ? view.pressed : target.closest("tr").dataset; // 0: by a key
    if (detail > 1) return; // a double click would take back what it chose
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
  const ended = scan.rounds.filter((round) => round.status !== "running");
  view.board.style.minHeight = `${Math.min(scan.total, 6) * 22 + 30}px`; // so that it does not grow
  const columns = columnsOf(scan);
  const sorted = sort(combine(scan, ended), columns, view.look.sort);
  const isChosen = ({ rounds }) => rounds.some(({ number }) => number === view.look.selected);
  view.table.style.minWidth = `${columns.length * COLUMN}px`;
  drawTitles(view, columns, scan);
  const shown = sorted.filter((entry, place) => place < MOST_ROWS || isChosen(entry));
  const rows = shown.flatMap((entry) => {
    const why = view.opened.has(entry.failed?.number) ? [{ entry, error: entry.failed.error }] : [];
    return [{ entry }, ...why];
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

/** Scroll the table, not the page, to a row that was chosen by its curve. */
function reveal(view) {
  const { board, head, body, look } = view;
  if (view.revealed === look.selected) return;
  view.revealed = look.selected;
  const row = body.querySelector('[data-selected="true"]');
  if (!row) return;
  const [top, bottom] = [row.offsetTop - head.offsetHeight, row.offsetTop + row.offsetHeight];
  board.scrollTop = Math.min(Math.max(board.scrollTop, bottom - board.clientHeight), top);
}

/** Which button of which round has the focus: rounds change their rows. */
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

/** Columns: a key, a title, what a cell says, what it is sorted by. */
function columnsOf(scan) {
  const metric = scan.metric || "result";
  return [
    {
      key: "round",
      title: scan.repeats > 1 ? "rounds" : "round",
      text: numbersInWords,
      by: ({ rounds }) => rounds[0].number,
    },
    {
      key: RESULT,
      title: metric,
      text: (entry) => resultInWords(scan, entry),
      by: (entry) => rank(scan, entry),
    },
    ...(scan.against ? [against(scan)] : []),
    {
      key: "epoch",
      title: "best epoch",
      text: bestEpoch,
      by: ({ shown }) => shown.peak ?? -1,
    },
    ...scan.varying.map((name) => ({
      key: `param ${name}`,
      title: name,
      text: ({ shown }) => format(shown.params[name]),
      by: ({ shown }) => shown.params[name],
    })),
    { key: "time", title: "time", text: durationInWords, by: duration },
  ];
}

/** The metric that is weighed against the first; "duration" is a round's seconds. */
function against(scan) {
  const value = (round) => round.metrics[scan.against] ?? (scan.against === "duration" ? round.duration : null);
  const by = ({ rounds }) => average(rounds.filter(({ status }) => status === "done").map(value));
  return { key: "against", title: scan.against, text: (entry) => (by(entry) === null ? "" : format(by(entry))), by };
}

function sort(entries, columns, { column, reverse }) {
  const { by } = columns.find(({ key }) => key === column) ?? columns[1];
  return [...entries].sort((a, b) => compare(by(a), by(b), reverse ? -1 : 1));
}

/** Of ranks, only the value is turned around: those without a score and the cut short stay last. */
function compare(one, other, sign) {
  if (Array.isArray(one)) {
    return one[0] - other[0] || one[1] - other[1] || sign * (one[2] - other[2]);
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
    setAttribute(cell.firstElementChild, "title", title); // a long one is cut
    setText(cell.firstElementChild.firstElementChild, title);
  });
}

function drawRow(view, row, { entry, error }, columns, scan) {
  if (error !== undefined) {
    drawError(row, entry.failed, error, columns.length);
    return;
  }
  const { rounds, shown: round, failed } = entry;
  const chosen = rounds.some(({ number }) => number === view.look.selected);
  setAttribute(row, "class", outcome(scan, round));
  setAttribute(row, "data-selected", chosen);
  setAttribute(row, "data-round", round.number);
  setAttribute(row, "data-failed", failed?.number ?? null);
  const kind = `${columns.length} ${Boolean(failed)}`;
  if (row.dataset.kind !== kind) buildRow(row, kind, columns.length, failed);
  columns.forEach((column, place) => setCell(row.cells[place], column.text(entry)));
  setAttribute(row.querySelector(".talos-pick"), "aria-pressed", chosen);
  if (failed) setAttribute(row.querySelector(".talos-why"), "aria-expanded", view.opened.has(failed.number));
}

function drawError(row, round, error, width) {
  const kind = `error ${round.number}`;
  if (row.dataset.kind === kind) return; // or it could not be marked and copied
  row.dataset.kind = kind;
  for (const name of ["round", "failed", "selected"]) delete row.dataset[name];
  setAttribute(row, "class", "talos-error");
  row.replaceChildren();
  add(row, "td", "", error).colSpan = width;
}

/** Cells stay while their texts change: a click needs the node on which it began. */
function buildRow(row, kind, width, failed) {
  row.dataset.kind = kind;
  row.replaceChildren();
  for (let place = 0; place < width; place += 1) add(row, "td");
  addButton(row.cells[0], "talos-pick", "", () => {}).title = "highlight this round's curves";
  if (failed) addButton(row.cells[1], "talos-why", "", () => {}).title = "show the error";
}

function setCell(cell, text) {
  setText(cell.firstElementChild ?? cell, text);
  if (!cell.firstElementChild) setAttribute(cell, "title", text); // a long text is cut
}

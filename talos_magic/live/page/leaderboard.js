/** The leaderboard: a row an ended round, sorted by any column; a row selects its round. */

import { add, addButton, match, setAttribute, setText } from "./dom.js";
import { epochsOf, outcome, peak, score } from "./scan.js";
import { clock, format } from "./words.js";

const MOST_ROWS = 100;
export const RESULT = "result"; // the column that the rounds are ranked by at first
const COLUMN = 88; // pixels, at least; a narrow page scrolls the table sideways

export function buildLeaderboard(parent, look, change) {
  const board = add(parent, "div", "talos-board");
  const table = add(board, "table");
  const view = {
    ...{ board, table, look, change, opened: new Set() },
    head: add(add(table, "thead"), "tr"),
    body: add(table, "tbody"),
    rest: add(board, "div", "talos-rest"),
  };
  view.body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row?.dataset.round && event.target.closest("button")?.className !== "talos-why") pick(view, row);
  });
  return view;
}

function pick(view, row) {
  const number = Number(row.dataset.round);
  view.change({ selected: view.look.selected === number ? null : number });
}

export function drawLeaderboard(view, scan) {
  const ended = scan.rounds.filter((round) => round.status !== "running");
  view.board.hidden = !ended.length;
  view.board.style.minHeight = `${Math.min(scan.total, 6) * 22 + 30}px`; // so that it does not grow
  if (!ended.length) return;
  const columns = columnsOf(scan);
  const sorted = sort(ended, columns, view.look.sort);
  view.table.style.minWidth = `${columns.length * COLUMN}px`;
  drawTitles(view, columns, scan);
  const rows = sorted.slice(0, MOST_ROWS).flatMap((round) => {
    const why = view.opened.has(round.number) ? [{ round, error: round.error }] : [];
    return [{ round }, ...why];
  });
  const make = (parent) => add(parent, "tr");
  match(view.body, rows, make, (row, item) => drawRow(view, row, item, columns, scan));
  const left = sorted.length - MOST_ROWS;
  setText(view.rest, left > 0 ? `… and ${left} more rounds; sort by another column to see them` : "");
}

/** Columns: a key, a title, what a cell says, what it is sorted by. */
function columnsOf(scan) {
  const rank = (round) => {
    const value = score(scan, round);
    const cutShort = Number(round.status !== "done");
    return value === null ? [1, 0, 0] : [0, cutShort, scan.minimize ? value : -value];
  };
  const metric = scan.metric || "result";
  return [
    { key: "round", title: "round", text: ({ number }) => String(number), by: (r) => r.number },
    { key: RESULT, title: metric, text: (round) => result(scan, round), by: rank },
    {
      key: "epoch",
      title: "best epoch",
      text: (round) => {
        const epochs = epochsOf(round);
        const best = peak(scan, round);
        return epochs ? `${best < 0 ? "-" : best + 1} of ${epochs}` : "";
      },
      by: (round) => peak(scan, round),
    },
    ...scan.varying.map((name) => ({
      key: `param ${name}`,
      title: name,
      text: (round) => format(round.params[name]),
      by: (round) => round.params[name],
    })),
    { key: "time", title: "time", text: (r) => clock(r.duration), by: (r) => r.duration },
  ];
}

function result(scan, round) {
  const value = score(scan, round);
  if (value === null) return round.status === "done" ? "nan" : round.status;
  return round.status === "done" ? format(value) : `${format(value)} ${round.status}`;
}

function sort(rounds, columns, { column, reverse }) {
  const { by } = columns.find(({ key }) => key === column) ?? columns[1];
  const sorted = [...rounds].sort((a, b) => compare(by(a), by(b)));
  return reverse ? sorted.reverse() : sorted;
}

function compare(one, other) {
  if (Array.isArray(one)) {
    return one.reduce((order, value, place) => order || compare(value, other[place]), 0);
  }
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), undefined, { numeric: true });
}

function drawTitles(view, columns, scan) {
  const { sort: sorting } = view.look;
  const make = (parent) => {
    const cell = add(parent, "th");
    addButton(cell, "talos-sort", "", () => {
      const { column, reverse } = view.look.sort;
      const { key } = cell.dataset;
      view.change({ sort: { column: key, reverse: column === key && !reverse } });
    });
  };
  match(view.head, columns, make, (cell, { key, title }) => {
    cell.dataset.key = key;
    const chosen = sorting.column === key;
    const rising = (key === RESULT && !scan.minimize) === sorting.reverse;
    const order = rising ? "ascending" : "descending";
    setAttribute(cell, "aria-sort", chosen ? order : null);
    setText(cell.firstElementChild, title);
  });
}

function drawRow(view, row, { round, error }, columns, scan) {
  if (error !== undefined) {
    drawError(row, round, error, columns.length);
    return;
  }
  const chosen = view.look.selected === round.number;
  const texts = columns.map((column) => column.text(round));
  const shown = [round.number, round.status, chosen, view.opened.has(round.number), ...texts].join("|");
  setAttribute(row, "class", outcome(scan, round));
  setAttribute(row, "data-selected", chosen);
  if (row.dataset.shown === shown) return; // most rows stay as they are
  row.dataset.shown = shown;
  row.dataset.round = round.number;
  const focused = row.contains(row.ownerDocument.activeElement);
  row.replaceChildren();
  texts.forEach((text, place) => addCell(view, row, round, place, text, chosen));
  if (focused) row.querySelector("button").focus();
}

function drawError(row, round, error, width) {
  const shown = `error ${round.number}`;
  if (row.dataset.shown === shown) return; // or it could not be marked and copied
  row.dataset.shown = shown;
  delete row.dataset.round;
  setAttribute(row, "data-selected", null);
  setAttribute(row, "class", "talos-error");
  row.replaceChildren();
  add(row, "td", "", error).colSpan = width;
}

function addCell(view, row, round, place, text, chosen) {
  const cell = add(row, "td");
  if (place === 0) {
    const select = addButton(cell, "talos-pick", text, () => {});
    select.setAttribute("aria-pressed", chosen);
    select.title = "highlight this round's curves";
  } else if (place === 1 && round.error) {
    const why = addButton(cell, "talos-why", text, () => {
      const { opened } = view;
      opened[opened.has(round.number) ? "delete" : "add"](round.number);
      view.change({});
    });
    why.setAttribute("aria-expanded", view.opened.has(round.number));
    why.title = "show the error";
  } else {
    cell.textContent = cell.title = text; // a long text is cut
  }
}

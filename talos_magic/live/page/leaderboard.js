/** The leaderboard: a row an ended round, sorted by any column; a row selects its round. */

import { add, addButton, match, setAttribute, setText } from "./dom.js";
import { epochsOf, outcome, peak, score } from "./scan.js";
import { clock, format } from "./words.js";

const MOST_ROWS = 100;
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
    if (row && event.target.closest("button")?.className !== "talos-why") pick(view, row);
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

/** Columns: a title, what a cell says, what it is sorted by, whether more comes first. */
function columnsOf(scan) {
  const rank = (round) => {
    const value = score(scan, round);
    if (value === null) return Infinity;
    const signed = scan.minimize ? value : -value;
    return round.status === "done" ? signed : signed + 1e12; // what was cut short comes after
  };
  return [
    { title: "round", text: (round) => String(round.number), by: (round) => round.number },
    { title: scan.metric || "result", text: (round) => result(scan, round), by: rank },
    {
      title: "best epoch",
      text: (round) => {
        const epochs = epochsOf(round);
        const best = peak(scan, round);
        return epochs ? `${best < 0 ? "-" : best + 1} of ${epochs}` : "";
      },
      by: (round) => peak(scan, round),
    },
    ...scan.varying.map((name) => ({
      title: name,
      text: (round) => format(round.params[name]),
      by: (round) => round.params[name],
    })),
    { title: "time", text: (round) => clock(round.duration), by: (round) => round.duration },
  ];
}

function result(scan, round) {
  const value = score(scan, round);
  if (value === null) return round.status;
  return round.status === "done" ? format(value) : `${format(value)} ${round.status}`;
}

function sort(rounds, columns, { column, reverse }) {
  const by = columns[column]?.by ?? columns[1].by;
  const order = (a, b) => {
    const [one, other] = [by(a), by(b)];
    if (typeof one === "number" && typeof other === "number") return one - other;
    return String(one).localeCompare(String(other), undefined, { numeric: true });
  };
  const sorted = [...rounds].sort(order);
  return reverse ? sorted.reverse() : sorted;
}

function drawTitles(view, columns, scan) {
  const { sort: sorting } = view.look;
  const make = (parent) => {
    const place = parent.children.length;
    const cell = add(parent, "th");
    addButton(cell, "talos-sort", "", () => {
      const reverse = view.look.sort.column === place && !view.look.sort.reverse;
      view.change({ sort: { column: place, reverse } });
    });
  };
  match(view.head, columns, make, (cell, { title }, place) => {
    const chosen = sorting.column === place;
    const rising = (place === 1 && !scan.minimize) === sorting.reverse;
    const order = rising ? "ascending" : "descending";
    setAttribute(cell, "aria-sort", chosen ? order : null);
    setText(cell.firstElementChild, title);
  });
}

function drawRow(view, row, { round, error }, columns, scan) {
  if (error !== undefined) {
    row.replaceChildren();
    setAttribute(row, "class", "talos-error");
    const cell = add(row, "td", "", error);
    cell.colSpan = columns.length;
    delete row.dataset.shown;
    return;
  }
  const chosen = view.look.selected === round.number;
  const texts = columns.map((column) => column.text(round));
  const shown = [round.number, round.status, chosen, view.opened.has(round.number), ...texts].join("|");
  setAttribute(row, "class", outcome(scan, round));
  setAttribute(row, "aria-selected", chosen);
  if (row.dataset.shown === shown) return; // most rows stay as they are
  row.dataset.shown = shown;
  row.dataset.round = round.number;
  const focused = row.contains(row.ownerDocument.activeElement);
  row.replaceChildren();
  texts.forEach((text, place) => addCell(view, row, round, place, text, chosen));
  if (focused) row.querySelector("button").focus();
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

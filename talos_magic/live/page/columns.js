/** The columns of the leaderboard: what their cells show, and the order of the rows by one of them. */

import { areNumbers, inOneNotation, measuredTexts, paddings } from "./alignment.js";
import marks from "./marks.json" with { type: "json" };

export const RESULT = "result"; // the column that ranks the rounds, until another is clicked
export const EPOCH = "epoch"; // the column with the sparklines
const MEASURED = [RESULT, "second_metric"];

/** Columns: those of the kernel, with those of the hyperparameters before the last. */
export function columnsOf(scan) {
  const own = scan.columns.map(([key, title]) => ({
    ...{ key, title, isParam: false },
    text: ({ cells }) => cells[key][0],
    by: ({ cells }) => cells[key][1],
  }));
  const params = scan.varying.map((name) => ({
    ...{ key: `param ${name}`, title: name, isParam: true },
    text: ({ shown }) => scan.rounds[shown].texts[name],
    by: ({ shown }) => scan.rounds[shown].params[name],
  }));
  return [...own.slice(0, -1), ...params, ...own.slice(-1)];
}

/** What the rows show of some entries, and which columns are texts, not numbers. */
export function tableOf(scan, columns, entries) {
  const filled = columns.map((column) => cellsOf(column, entries, scan));
  const shares = sharesOf(entries);
  return {
    columns: columns.map((column, place) => ({ ...column, isText: filled[place].isText })),
    rows: entries.map((entry, place) => ({
      ...{ entry, share: shares[place], marks: marksOf(entry, scan) },
      cells: filled.map(({ texts, blanks }) => ({ text: texts[place], blanks: blanks[place] })),
    })),
    last: scan.rounds.reduce((most, { epochs }) => Math.max(most, epochs), 1) - 1, // epoch
  };
}

/** The texts of a column, and blanks that align its numbers at their decimal points. */
function cellsOf(column, entries, scan) {
  const plain = entries.map(column.text);
  if (MEASURED.includes(column.key)) {
    const texts = measured(column, entries, scan).map((text, place) => {
      const at = plain[place].indexOf(" ±"); // the deviation of several rounds
      return (text || plain[place]) + (text && at > 0 ? plain[place].slice(at) : "");
    });
    return { isText: false, texts, blanks: paddings(texts) };
  }
  const isNumeric = areNumbers(plain);
  const texts = column.isParam && isNumeric ? inOneNotation(plain) : plain;
  const blanks = isNumeric ? paddings(texts) : texts.map(() => "");
  return { isText: column.isParam && !isNumeric, texts, blanks };
}

function measured({ key, by }, entries, scan) {
  const value = (entry) => (key === RESULT ? scoreOf(entry, scan) : by(entry));
  const best = [...scan.rows.values()].find(({ rounds }) => rounds.includes(scan.best));
  return measuredTexts(entries.map(value), best ? value(best) : 1);
}

/** The score by which a row is ranked; null if it has none. Its order begins with what it lacks. */
function scoreOf({ cells }, { minimize }) {
  const [isMissing, , , signed] = cells[RESULT][1];
  return isMissing ? null : (minimize ? 1 : -1) * signed;
}

/** The share of each row's score in the range from the worst to the best; null if it is not whole. */
function sharesOf(entries) {
  const whole = entries.map(({ cells: { [RESULT]: [, [isMissing, isCut, , signed]] } }) =>
    isMissing || isCut ? null : signed,
  );
  const known = whole.filter((signed) => signed !== null);
  const [best, worst] = [Math.min(...known), Math.max(...known)];
  const share = (signed) => (worst > best ? (worst - signed) / (worst - best) : 1);
  return whole.map((signed) => (signed === null ? null : share(signed)));
}

/** The marks of a row: of the best round, and of rounds that ended otherwise than done. */
function marksOf({ rounds: numbers }, { rounds, best }) {
  const counts = new Map(numbers.includes(best) ? [["best", 1]] : []);
  for (const number of numbers) {
    const { status } = rounds[number];
    if (status in marks) counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  const isOne = (kind) => kind === "best" || numbers.length === 1;
  return [...counts].map(([kind, count]) => ({
    ...{ kind, mark: marks[kind] },
    text: isOne(kind) ? kind : `${count} ${kind}`,
  }));
}

/** The rows in order, until one changes. */
export function ranked(scan, columns, { column, reverse }) {
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

/** The numbers of a column: in one notation, aligned at their decimal points, as in alignment.py. */

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;
const FIGURE = "\u2007"; // a space as wide as a digit
const NARROW = "\u2008"; // one as wide as a decimal point
const BLANKS = { ".": NARROW, "-": NARROW, " ": "\u00a0" };
const DIGITS = 4; // of the best score
const LONGEST = 10; // characters of a number without an exponent

/** Whether the texts are numbers or empty. */
export const areNumbers = (texts) => texts.every((text) => !text || NUMBER.test(text));

/** If one number has an exponent, all have one, with as many digits. */
export function inOneNotation(texts) {
  if (!texts.some((text) => text.includes("e"))) return texts;
  const decimals = (text) => Number(text).toExponential().split("e")[0].split(".")[1]?.length ?? 0;
  const most = Math.max(...texts.map(decimals));
  return texts.map((text) => (text ? withExponent(Number(text), most) : text));
}

const withExponent = (value, decimals) =>
  value === 0 ? "0" : value.toExponential(decimals).replace("e+", "e");

/** Measured values, null if unknown: with as many decimals as show four digits of the reference. */
export function measuredTexts(values, reference) {
  const known = values.filter((value) => value !== null);
  const wanted = DIGITS - Math.ceil(Math.log10(Math.abs(reference || 1)));
  const decimals = known.every(Number.isInteger) ? 0 : Math.max(0, Math.min(wanted, LONGEST));
  return values.map((value) => {
    const text = value?.toFixed(decimals) ?? "";
    return text.length > LONGEST ? withExponent(value, DIGITS - 1) : text;
  });
}

/** The blanks behind each text that align the numbers at their decimal points. */
export function paddings(texts) {
  const tails = texts.map((text) => /^-?\d+(.*)$/.exec(text)?.[1] ?? null);
  const longest = tails.reduce((most, tail) => (tail?.length > most.length ? tail : most), "");
  return tails.map((tail) => {
    const missing = tail === null ? "" : longest.slice(tail.length);
    return [...missing].map((character) => BLANKS[character] ?? FIGURE).join("");
  });
}

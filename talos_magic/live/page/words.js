/** How numbers, times and params are written. */

export function format(value, digits = 4) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "number") return String(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
}

/** Numbers of an axis: as many digits as tell them apart, and as few characters. */
export function tickTexts(ticks) {
  const steps = ticks.slice(1).map((tick, place) => Math.abs(tick - ticks[place]));
  const most = Math.max(...ticks.map(Math.abs));
  const apart = Math.ceil(Math.log10(most / Math.min(...steps))) + 1;
  const digits = Math.min(Math.max(3, Number.isFinite(apart) ? apart : 3), 12);
  return ticks.map((tick) => {
    const [text, power] = [format(tick, digits), tick.toExponential().replace("e+", "e")];
    const isLarge = Math.abs(tick) >= 1e5 || (tick && Math.abs(tick) < 1e-4);
    return isLarge && power.length < text.length ? power : text;
  });
}

export function clock(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export const inWords = (names, params) =>
  names.map((name) => `${name} ${format(params[name])}`).join(", ");

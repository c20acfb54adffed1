/** Format numbers, durations and params, as formatting.py does. */

/** A number in `%g` notation, like Python's. */
export function formatNumber(value, digits = 4) {
  if (!Number.isFinite(value) || value === 0) return String(value);
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  if (power >= -4 && power < digits) return String(Number(value.toPrecision(digits)));
  const [sign, figures] = [power[0], power.slice(1).padStart(2, "0")];
  return `${Number(mantissa)}e${sign}${figures}`;
}

/** Ticks of an axis: as many digits as they need to differ, in as few characters as possible. */
export function tickTexts(ticks) {
  const steps = ticks.slice(1).map((tick, place) => Math.abs(tick - ticks[place]));
  const most = Math.max(...ticks.map(Math.abs));
  const apart = Math.ceil(Math.log10(most / Math.min(...steps))) + 1;
  const digits = Math.min(Math.max(3, Number.isFinite(apart) ? apart : 3), 12);
  return ticks.map((tick) => {
    const text = Number.isInteger(tick) ? String(tick) : String(Number(tick.toPrecision(digits)));
    const power = tick.toExponential().replace("e+", "e");
    const isLarge = Math.abs(tick) >= 1e5 || (tick && Math.abs(tick) < 1e-4);
    return isLarge && power.length < text.length ? power : text;
  });
}

export function formatDuration(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** The params of a round that vary, in one line. */
export const paramsText = ({ varying }, { texts }) =>
  varying.map((name) => `${name} ${texts[name]}`).join(", ");

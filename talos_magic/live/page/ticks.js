/** Round numbers along an axis. */

const ROOM = 55; // pixels from one epoch's label to the next
const FEWEST_STEPS = 3;
const MOST_STEPS = 5;

/** Three to six round numbers around an extent. */
export function niceTicks(low, high) {
  if (low === high) return [low - (Math.abs(low) || 1) / 2, low, low + (Math.abs(low) || 1) / 2];
  const rough = (high - low) / 5;
  const step = roundedUp(rough);
  if (!(step > 0 && 10 * step < Infinity)) return [low, high]; // the limits of numbers
  const ticks = [];
  for (let n = Math.floor(low / step); ; n += 1) {
    ticks.push(Number((n * step).toPrecision(12)));
    if (n * step >= high) return ticks;
  }
}

export function logTicks(low, high) {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  if (last - first <= 1) return niceTicks(low, high).filter((tick) => tick > 0);
  const step = Math.ceil((last - first) / 5);
  const ticks = [];
  for (let power = first; power < last + step; power += step) ticks.push(10 ** power);
  return ticks;
}

/** The first epoch, the last, and round numbers where they are not too near to those. */
export function epochTicks(epochs, width) {
  const steps = Math.max(FEWEST_STEPS, Math.min(MOST_STEPS, Math.floor(width / ROOM)));
  const step = Math.max(1, roundedUp(epochs / steps));
  const between = [];
  for (let epoch = step; epoch < epochs; epoch += step) {
    if (Math.min(epoch - 1, epochs - epoch) >= 0.6 * step) between.push(epoch);
  }
  return epochs > 1 ? [1, ...between, epochs] : [1];
}

export function roundedUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((factor) => factor * power >= value) * power;
}

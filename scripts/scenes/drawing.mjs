// Small helpers that every scene uses.

/** Seeded random numbers in [0, 1): mulberry32. */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A number between two others. */
export const between = (random, low, high) => low + (high - low) * random();

/** One of a list. */
export const pick = (random, list) => list[Math.floor(random() * list.length)];

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** A colour between two `#rrggbb` ones; share 0 gives the first. */
export function mix(first, second, share) {
  const [a, b] = [channels(first), channels(second)];
  return (
    '#' +
    a
      .map((value, i) =>
        Math.round(value + (b[i] - value) * share)
          .toString(16)
          .padStart(2, '0'),
      )
      .join('')
  );
}

export const lighter = (colour, share) => mix(colour, '#ffffff', share);
export const darker = (colour, share) => mix(colour, '#000000', share);

/** A linear gradient definition; stops are [offset, colour, opacity?]. Vertical unless given x2, y2. */
export function linear(id, stops, { x1 = 0, y1 = 0, x2 = 0, y2 = 1 } = {}) {
  return `<linearGradient id="${id}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}">${stopList(stops)}</linearGradient>`;
}

/** A radial gradient definition. */
export function radial(id, stops, { cx = 0.5, cy = 0.5, r = 0.5 } = {}) {
  return `<radialGradient id="${id}" cx="${cx}" cy="${cy}" r="${r}">${stopList(stops)}</radialGradient>`;
}

const stopList = (stops) =>
  stops
    .map(
      ([at, colour, opacity = 1]) =>
        `<stop offset="${at}" stop-color="${colour}" stop-opacity="${opacity}"/>`,
    )
    .join('');

/** A smooth curve through points, as path data that starts with M. */
export function smooth(points) {
  let data = `M${points[0][0].toFixed(1)} ${points[0][1].toFixed(1)}`;
  for (let i = 0; i < points.length - 1; i++) {
    const [before, from, to, after] = [
      points[i - 1] ?? points[i],
      points[i],
      points[i + 1],
      points[i + 2] ?? points[i + 1],
    ];
    const first = [from[0] + (to[0] - before[0]) / 6, from[1] + (to[1] - before[1]) / 6];
    const second = [to[0] - (after[0] - from[0]) / 6, to[1] - (after[1] - from[1]) / 6];
    data += `C${[...first, ...second, ...to].map((value) => value.toFixed(1)).join(' ')}`;
  }
  return data;
}

/** A range of hills: a smooth random line across the picture, closed at the bottom. */
export function hills(random, { width, bottom, base, height, step, fill }) {
  const points = [];
  for (let x = -step; x <= width + step; x += step)
    points.push([x + between(random, -step / 4, step / 4), base - random() * height]);
  return `<path d="${smooth(points)}L${width + step} ${bottom}L${-step} ${bottom}Z" fill="${fill}"/>`;
}

/** The whole picture. */
export function document(width, height, defs, body) {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<defs>${defs.join('')}</defs>${body.join('')}</svg>`
  );
}

// Letters as strokes: the pictures must look the same on every machine, whatever fonts it has.
// Each glyph is [advance width, SVG path] on a grid that is 6 units high, y downwards, baseline at 6.
const GLYPHS = {
  A: [4, 'M0 6L2 0L4 6M.8 3.9H3.2'],
  B: [
    3.9,
    'M0 0V6H2.2C3.3 6 3.9 5.4 3.9 4.4C3.9 3.4 3.3 2.9 2.2 2.9H0M2 2.9C3 2.9 3.5 2.3 3.5 1.45C3.5 .6 3 0 2 0H0',
  ],
  C: [3.8, 'M3.8 1.1C3.3 .4 2.7 0 2 0C.8 0 0 1.2 0 3C0 4.8 .8 6 2 6C2.7 6 3.3 5.6 3.8 4.9'],
  D: [4, 'M0 0V6H1.6C3.2 6 4 4.8 4 3C4 1.2 3.2 0 1.6 0Z'],
  E: [3.5, 'M3.5 0H0V6H3.5M0 2.9H2.9'],
  F: [3.4, 'M3.4 0H0V6M0 2.9H2.8'],
  G: [4, 'M3.8 1.1C3.3 .4 2.7 0 2 0C.8 0 0 1.2 0 3C0 4.8 .8 6 2 6C3.3 6 4 5.1 4 3.3H2.3'],
  H: [4, 'M0 0V6M4 0V6M0 2.9H4'],
  I: [0.6, 'M.3 0V6'],
  J: [3, 'M3 0V4.3C3 5.5 2.4 6 1.6 6C.8 6 .2 5.5 0 4.7'],
  K: [3.9, 'M0 0V6M3.7 0L0 3.7M1.3 2.5L3.9 6'],
  L: [3.3, 'M0 0V6H3.3'],
  M: [4.8, 'M0 6V0L2.4 3.7L4.8 0V6'],
  N: [4, 'M0 6V0L4 6V0'],
  O: [4.2, 'M2.1 0C.8 0 0 1.2 0 3C0 4.8 .8 6 2.1 6C3.4 6 4.2 4.8 4.2 3C4.2 1.2 3.4 0 2.1 0Z'],
  P: [3.8, 'M0 6V0H2.1C3.3 0 3.8 .7 3.8 1.7C3.8 2.7 3.3 3.4 2.1 3.4H0'],
  Q: [4.3, 'M2.1 0C.8 0 0 1.2 0 3C0 4.8 .8 6 2.1 6C3.4 6 4.2 4.8 4.2 3C4.2 1.2 3.4 0 2.1 0ZM2.6 4.4L4.3 6.4'],
  R: [3.9, 'M0 6V0H2.1C3.3 0 3.8 .7 3.8 1.7C3.8 2.7 3.3 3.4 2.1 3.4H0M2 3.4L3.9 6'],
  S: [
    3.8,
    'M3.6 1C3.2 .3 2.6 0 1.9 0C.8 0 .1 .6 .1 1.5C.1 3.6 3.8 2.3 3.8 4.4C3.8 5.4 3 6 1.9 6C1.1 6 .4 5.6 0 4.8',
  ],
  T: [4, 'M0 0H4M2 0V6'],
  U: [4, 'M0 0V3.8C0 5.3 .8 6 2 6C3.2 6 4 5.3 4 3.8V0'],
  V: [4, 'M0 0L2 6L4 0'],
  W: [5.4, 'M0 0L1.3 6L2.7 1.6L4.1 6L5.4 0'],
  X: [4, 'M0 0L4 6M4 0L0 6'],
  Y: [4, 'M0 0L2 3L4 0M2 3V6'],
  Z: [4, 'M0 0H4L0 6H4'],
  0: [3.8, 'M1.9 0C.7 0 0 1.2 0 3C0 4.8 .7 6 1.9 6C3.1 6 3.8 4.8 3.8 3C3.8 1.2 3.1 0 1.9 0Z'],
  1: [1.7, 'M.2 1.2L1.6 0V6'],
  2: [3.9, 'M.2 1.5C.3 .6 1 0 2 0C3 0 3.7 .7 3.7 1.6C3.7 3.2 .8 4.1 0 6H3.9'],
  3: [
    3.8,
    'M.2 .9C.6 .3 1.2 0 1.9 0C2.9 0 3.5 .6 3.5 1.4C3.5 2.3 2.8 2.8 1.5 2.8C2.9 2.8 3.8 3.4 3.8 4.4C3.8 5.4 3 6 1.9 6C1.1 6 .4 5.7 0 5',
  ],
  4: [4, 'M3 6V0L0 4.3H4'],
  5: [3.8, 'M3.5 0H.6L.3 2.7C.8 2.4 1.3 2.2 1.9 2.2C3 2.2 3.8 3 3.8 4.1C3.8 5.3 3 6 1.9 6C1.1 6 .4 5.7 0 5'],
  6: [
    3.8,
    'M3.4 .7C3 .2 2.5 0 2 0C.8 0 0 1.3 0 3.6C0 5.2 .8 6 1.9 6C3 6 3.8 5.2 3.8 4.1C3.8 3 3.1 2.3 2 2.3C1.1 2.3 .4 2.8 0 3.7',
  ],
  7: [3.8, 'M0 0H3.8L1.4 6'],
  8: [
    3.8,
    'M1.9 2.8C.9 2.8 .3 2.2 .3 1.4C.3 .6 .9 0 1.9 0C2.9 0 3.5 .6 3.5 1.4C3.5 2.2 2.9 2.8 1.9 2.8C.7 2.8 0 3.4 0 4.4C0 5.4 .7 6 1.9 6C3.1 6 3.8 5.4 3.8 4.4C3.8 3.4 3.1 2.8 1.9 2.8Z',
  ],
  9: [
    3.8,
    'M.4 5.3C.8 5.8 1.3 6 1.8 6C3 6 3.8 4.7 3.8 2.4C3.8 .8 3 0 1.9 0C.8 0 0 .8 0 1.9C0 3 .7 3.7 1.8 3.7C2.7 3.7 3.4 3.2 3.8 2.3',
  ],
  '.': [0.6, 'M.3 5.8V6'],
  ':': [0.6, 'M.3 2V2.2M.3 5V5.2'],
  '-': [2.4, 'M.2 3.2H2.2'],
  '/': [2.6, 'M0 6L2.6 0'],
  '+': [3.2, 'M0 3.2H3.2M1.6 1.6V4.8'],
  '&': [
    4.2,
    'M4.1 6L.8 1.8C.2 .9 .8 0 1.7 0C2.6 0 3.1 .9 2.5 1.7C1.9 2.5 0 2.9 0 4.5C0 5.4 .7 6 1.7 6C3 6 3.8 4.8 4 3.4',
  ],
  ' ': [2, ''],
};

const GAP = 1.5;

/** Width of a text of the given capital height, strokes not counted. */
export function textWidth(text, height) {
  const units = [...text].reduce((sum, letter) => sum + (GLYPHS[letter]?.[0] ?? 0) + GAP, -GAP);
  return (units * height) / 6;
}

/**
 * Text as one SVG group. x, y: the corner left and above of the capitals, or their middle with anchor "middle".
 * @param {{height: number, colour: string, weight?: number, anchor?: 'start' | 'middle', opacity?: number}} options
 */
export function strokeText(text, x, y, { height, colour, weight = 0.9, anchor = 'start', opacity = 1 }) {
  const scale = height / 6;
  const left = anchor === 'middle' ? x - textWidth(text, height) / 2 : x;
  let pen = 0;
  let glyphs = '';
  for (const letter of text) {
    const glyph = GLYPHS[letter];
    if (!glyph) throw new Error(`no strokes for "${letter}"`);
    if (glyph[1]) glyphs += `<path transform="translate(${pen.toFixed(2)} 0)" d="${glyph[1]}"/>`;
    pen += glyph[0] + GAP;
  }
  return (
    `<g transform="translate(${left.toFixed(2)} ${y.toFixed(2)}) scale(${scale.toFixed(4)})" fill="none" stroke="${colour}" ` +
    `stroke-width="${weight}" stroke-linecap="round" stroke-linejoin="round" opacity="${opacity}">${glyphs}</g>`
  );
}

// Hot-air balloons, kites and paper lanterns over a lake after sunset; the lanterns carry small letters.
import { between, document, hills, lighter, linear, mix, radial, seededRandom } from './drawing.mjs';
import { strokeText } from './strokes.mjs';

const WIDTH = 1600;
const HEIGHT = 1040;
const SHORE = 800;

const defs = [
  linear('sky', [
    [0, '#141a3f'],
    [0.34, '#3d3470'],
    [0.6, '#8c4f86'],
    [0.8, '#e0867c'],
    [1, '#ffd3a0'],
  ]),
  linear('lake', [
    [0, '#e9a487'],
    [0.12, '#a8688a'],
    [0.5, '#4a3d74'],
    [1, '#171b40'],
  ]),
  radial('sun', [
    [0, '#fff3cf', 1],
    [0.12, '#ffe2a3', 0.95],
    [0.4, '#ffb98a', 0.45],
    [1, '#ffb98a', 0],
  ]),
  radial('glow', [
    [0, '#ffd98a', 0.75],
    [0.45, '#ffb25e', 0.28],
    [1, '#ff9a4d', 0],
  ]),
  linear('paper', [
    [0, '#ffe9b8'],
    [0.55, '#ffc46b'],
    [1, '#f2893f'],
  ]),
  linear(
    'shade',
    [
      [0, '#000000', 0.34],
      [0.28, '#000000', 0],
      [0.6, '#ffffff', 0.14],
      [1, '#000000', 0.3],
    ],
    { x2: 1, y2: 0.15 },
  ),
];

function stars(random) {
  let dots = '';
  for (let i = 0; i < 130; i++) {
    const y = random() ** 1.8 * 430;
    dots += `<circle cx="${between(random, 0, WIDTH).toFixed(1)}" cy="${y.toFixed(1)}" r="${between(random, 0.5, 1.5).toFixed(2)}" fill="#fff" opacity="${(between(random, 0.25, 0.9) * (1 - y / 520)).toFixed(2)}"/>`;
  }
  return dots;
}

function clouds(random) {
  let bands = '';
  for (let i = 0; i < 16; i++) {
    const y = between(random, 330, 690);
    const tint = mix('#f6b4a0', '#7a5590', Math.max(0, (640 - y) / 330));
    bands += `<ellipse cx="${between(random, 0, WIDTH)}" cy="${y}" rx="${between(random, 120, 340)}" ry="${between(random, 4, 12)}" fill="${tint}" opacity=".3"/>`;
  }
  return `<g filter="blur(6px)">${bands}</g>`;
}

/** A balloon whose envelope is `size` wide; x, y is its middle. */
function balloon(id, x, y, size, first, second) {
  const r = size / 2;
  const envelope = `M${-r} ${-r * 0.1}A${r} ${r} 0 0 1 ${r} ${-r * 0.1}C${r} ${r * 0.55} ${r * 0.42} ${r * 0.95} ${r * 0.2} ${r * 1.32}H${-r * 0.2}C${-r * 0.42} ${r * 0.95} ${-r} ${r * 0.55} ${-r} ${-r * 0.1}Z`;
  let gores = '';
  for (const [outer, inner] of [
    [1, 0.72],
    [0.44, 0.15],
  ]) {
    for (const side of [-1, 1]) {
      const edge = (share) =>
        `C${side * r * share} ${-r * 0.9} ${side * r * share * 1.16} ${r * 0.3} ${side * r * share * 0.2} ${r * 1.32}`;
      gores += `<path d="M0 ${-r * 1.12}${edge(outer * 1.25)}L${side * r * inner * 0.2} ${r * 1.32}C${side * r * inner * 1.45} ${r * 0.3} ${side * r * inner * 1.25} ${-r * 0.9} 0 ${-r * 1.12}Z" fill="${second}"/>`;
    }
  }
  const basket = r * 0.2;
  const top = r * 1.72;
  const ropes = [-1, 1]
    .map(
      (side) =>
        `<path d="M${side * r * 0.19} ${r * 1.32}L${side * basket * 0.85} ${top}" stroke="#d9b38c" stroke-width="${Math.max(0.6, size / 150)}"/>`,
    )
    .join('');
  return (
    `<g transform="translate(${x} ${y})"><clipPath id="${id}"><path d="${envelope}"/></clipPath>` +
    `<g clip-path="url(#${id})"><path d="${envelope}" fill="${first}"/>${gores}<path d="${envelope}" fill="url(#shade)"/></g>${ropes}` +
    `<ellipse cx="0" cy="${r * 1.32}" rx="${r * 0.2}" ry="${r * 0.05}" fill="#ffd98a"/>` +
    `<rect x="${-basket}" y="${top}" width="${basket * 2}" height="${basket * 1.4}" rx="${basket * 0.25}" fill="#7a4a2b"/>` +
    `<rect x="${-basket}" y="${top}" width="${basket * 2}" height="${basket * 0.35}" rx="${basket * 0.15}" fill="#a5683b"/></g>`
  );
}

function kite(x, y, size, colour, turn) {
  const tail = `M0 ${size}C${size * 0.5} ${size * 1.4} ${-size * 0.5} ${size * 1.7} 0 ${size * 2.2}S${size * 0.4} ${size * 2.9} ${-size * 0.1} ${size * 3.2}`;
  const bows = [1.35, 1.95, 2.6]
    .map(
      (at, i) =>
        `<path transform="translate(${[0.08, -0.07, 0.12][i] * size} ${size * at}) rotate(${i * 40 - 30}) scale(${size / 40})" d="M0 0L-8 -4V4ZM0 0L8 -4V4Z" fill="${lighter(colour, 0.35)}"/>`,
    )
    .join('');
  return (
    `<g transform="translate(${x} ${y}) rotate(${turn})"><path d="${tail}" fill="none" stroke="#f7e3d0" stroke-width="1.3" opacity=".85"/>${bows}` +
    `<path d="M0 ${-size}L${size * 0.62} ${-size * 0.1}L0 ${size}L${-size * 0.62} ${-size * 0.1}Z" fill="${colour}"/>` +
    `<path d="M0 ${-size}L${size * 0.62} ${-size * 0.1}H0Z" fill="#fff" opacity=".28"/><path d="M0 ${size}L${-size * 0.62} ${-size * 0.1}H0Z" fill="#000" opacity=".2"/></g>`
  );
}

/** A floating paper lantern; its letter is `text` high. Returns the drawing and the lantern's box. */
function lantern(x, y, text, letter) {
  const width = text * 2;
  const height = text * 2.6;
  const [left, top] = [x - width / 2, y - height / 2];
  return {
    svg:
      `<circle cx="${x}" cy="${y}" r="${height * 1.9}" fill="url(#glow)"/>` +
      `<path d="M${left + width * 0.16} ${top}H${left + width * 0.84}Q${left + width * 1.06} ${y - height * 0.1} ${left + width * 0.8} ${top + height}H${left + width * 0.2}Q${left - width * 0.06} ${y - height * 0.1} ${left + width * 0.16} ${top}Z" fill="url(#paper)"/>` +
      `<path d="M${left + width * 0.2} ${top + height}H${left + width * 0.8}" stroke="#8f3d1e" stroke-width="${text / 9}"/>` +
      strokeText(letter, x, y - text * 0.56, {
        height: text,
        colour: '#7a2414',
        weight: 0.95,
        anchor: 'middle',
      }),
    box: [left, top, width, height].map(Math.round),
  };
}

/** Lanterns: x, y, height of the letter, letter. The first one is asked about. */
const LANTERNS = [
  [1010, 560, 9, 'S'],
  [1243, 214, 13, 'K'],
  [402, 610, 11, 'R'],
  [912, 118, 10, 'W'],
  [1380, 330, 19, 'A'],
  [1122, 392, 15, 'E'],
  [1486, 520, 12, 'T'],
  [640, 392, 15, 'H'],
  [352, 452, 13, 'N'],
  [700, 620, 9, 'B'],
  [1290, 628, 10, 'D'],
  [820, 300, 12, 'P'],
  [96, 610, 12, 'M'],
  [1180, 96, 9, 'C'],
];

/** The scene as SVG with what is known about it. */
export function eveningSky() {
  const random = seededRandom(7);
  const lanterns = LANTERNS.map(([x, y, text, letter]) => lantern(x, y, text, letter));
  const streaks = [];
  for (let i = 0; i < 90; i++) {
    const depth = random();
    const y = SHORE + 8 + depth ** 1.6 * (HEIGHT - SHORE);
    const near = random() < 0.55;
    const x = near ? 1010 + between(random, -1, 1) * (60 + depth * 190) : between(random, 0, WIDTH);
    streaks.push(
      `<ellipse cx="${x}" cy="${y}" rx="${between(random, 14, 60) * (0.5 + depth)}" ry="${0.8 + depth * 1.8}" fill="${near ? '#ffd9a6' : '#cfa0b8'}" opacity="${near ? 0.5 : 0.22}"/>`,
    );
  }
  const body = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#sky)"/>`,
    stars(random),
    '<circle cx="1010" cy="772" r="330" fill="url(#sun)"/><circle cx="1010" cy="764" r="40" fill="#fff4d6"/>',
    clouds(random),
    hills(random, { width: WIDTH, bottom: SHORE, base: 760, height: 130, step: 120, fill: '#9a6690' }),
    hills(random, { width: WIDTH, bottom: SHORE, base: 780, height: 80, step: 90, fill: '#6d4a7d' }),
    hills(random, { width: WIDTH, bottom: SHORE, base: 796, height: 44, step: 60, fill: '#43325f' }),
    `<rect y="${SHORE}" width="${WIDTH}" height="${HEIGHT - SHORE}" fill="url(#lake)"/>`,
    streaks.join(''),
    balloon('b1', 258, 250, 218, '#e4572e', '#f9c74f'),
    balloon('b2', 560, 172, 118, '#2a9d8f', '#e9f5db'),
    balloon('b3', 1440, 168, 92, '#7b5cd6', '#f4a6c0'),
    balloon('b4', 742, 500, 64, '#f28482', '#fff1d6'),
    balloon('b5', 1170, 520, 46, '#3a86c8', '#ffe8a3'),
    balloon('b6', 496, 520, 40, '#d95d8c', '#fde2c8'),
    balloon('b7', 900, 640, 26, '#f4a259', '#fff'),
    kite(1010, 236, 44, '#ef476f', 24),
    kite(130, 468, 30, '#06d6a0', -18),
    kite(1330, 440, 26, '#ffd166', 30),
    lanterns.map((entry) => entry.svg).join(''),
    `<path d="${'M-10 1040V955'}C60 930 110 962 170 948S300 972 360 1000S440 1030 470 1040Z" fill="#0d1029"/>`,
    Array.from({ length: 60 }, () => {
      const x = between(random, 0, 380);
      return `<path d="M${x} ${970 + x / 9}q${between(random, -8, 8)} -${between(random, 14, 40)} ${between(random, -14, 14)} -${between(random, 24, 62)}" stroke="#0d1029" stroke-width="2" fill="none"/>`;
    }).join(''),
  ];
  return {
    name: 'evening-sky',
    width: WIDTH,
    height: HEIGHT,
    svg: document(WIDTH, HEIGHT, defs, body),
    question: 'Which letter is on the lantern just to the left of the blue balloon?',
    options: ['The letter is S.', 'The letter is B.', 'The letter is E.', 'The letter is D.'],
    targets: [{ name: 'lantern left of the blue balloon', box: lanterns[0].box }],
  };
}

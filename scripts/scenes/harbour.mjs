// A morning in a harbour: sailing boats with numbers on their sails, a lighthouse, buoys, gulls.
import { between, darker, document, hills, lighter, linear, mix, radial, seededRandom } from './drawing.mjs';
import { strokeText } from './strokes.mjs';

const WIDTH = 1600;
const HEIGHT = 1020;
const HORIZON = 470;

const defs = [
  linear('morning', [
    [0, '#6db4dd'],
    [0.55, '#b9dfec'],
    [1, '#fdf0d8'],
  ]),
  linear('sea', [
    [0, '#a9d9dc'],
    [0.25, '#5fb2c2'],
    [0.7, '#2f7f9c'],
    [1, '#1d5576'],
  ]),
  linear(
    'tower',
    [
      [0, '#000', 0.05],
      [0.35, '#fff', 0.2],
      [1, '#000', 0.3],
    ],
    { x2: 1, y2: 0 },
  ),
  linear(
    'sail',
    [
      [0, '#000', 0.0],
      [1, '#0b3550', 0.22],
    ],
    { x2: 1, y2: 0 },
  ),
  radial('sunlight', [
    [0, '#fffbe8', 1],
    [0.2, '#fff3c4', 0.7],
    [1, '#fff3c4', 0],
  ]),
];

function cloud(x, y, size, opacity) {
  const puffs = [
    [0, 0, 60, 22],
    [-46, 6, 40, 16],
    [48, 6, 46, 17],
    [-14, -16, 34, 24],
    [24, -20, 40, 28],
  ];
  return `<g transform="translate(${x} ${y}) scale(${size})" fill="#fff" opacity="${opacity}">${puffs.map(([dx, dy, rx, ry]) => `<ellipse cx="${dx}" cy="${dy}" rx="${rx}" ry="${ry}"/>`).join('')}</g>`;
}

/** A boat whose mast is `size` high; the number stands in the main sail. Returns drawing and box of the number's surroundings. */
function boat(x, y, size, { hull, main, jib, number, text }) {
  const s = size / 100;
  const middle = { x: x + 17 * s, y: y - 44 * s };
  return {
    svg:
      `<g transform="translate(${x} ${y}) scale(${s})"><ellipse cx="4" cy="15" rx="64" ry="6" fill="#103a55" opacity=".25"/>` +
      `<path d="M0 0V-100" stroke="#6b4a2e" stroke-width="2.6"/><path d="M3 -97C34 -66 46 -34 48 -9H3Z" fill="${main}"/><path d="M3 -97C34 -66 46 -34 48 -9H3Z" fill="url(#sail)"/>` +
      `<path d="M3 -70C20 -68 30 -66 34 -62M3 -36C24 -34 40 -32 45 -30" stroke="#7a8a94" stroke-width=".7" fill="none" opacity=".6"/>` +
      `<path d="M-3 -92C-18 -60 -34 -30 -40 -10H-3Z" fill="${jib}"/><path d="M-60 -4H62C56 10 46 15 34 15H-38C-50 13 -56 6 -60 -4Z" fill="${hull}"/><path d="M-60 -4H62L60 1H-58Z" fill="${lighter(hull, 0.5)}"/>` +
      `<path d="M0 -100l14 4l-14 5Z" fill="#e4572e"/></g>` +
      strokeText(number, middle.x, middle.y - text / 2, {
        height: text,
        colour: '#23395b',
        weight: 1,
        anchor: 'middle',
      }),
    box: [middle.x - text * 1.8, middle.y - text * 1.3, text * 3.6, text * 2.6].map(Math.round),
  };
}

function buoy(x, y, size, colour, letter) {
  const s = size / 40;
  return {
    svg:
      `<g transform="translate(${x} ${y}) scale(${s})"><ellipse cy="3" rx="20" ry="4" fill="#0e3a55" opacity=".35"/><path d="M-15 0L-9 -30H9L15 0Q0 6 -15 0Z" fill="${colour}"/>` +
      `<path d="M-12.5 -12L-11 -20H11L12.5 -12Z" fill="#fff"/><path d="M0 -30V-40" stroke="#333" stroke-width="2"/><circle cy="-42" r="4" fill="#ffe28a"/></g>` +
      strokeText(letter, x, y - 19 * s, {
        height: 6.4 * s,
        colour: '#20304a',
        weight: 1.05,
        anchor: 'middle',
      }),
    box: [x - 16 * s, y - 47 * s, 32 * s, 52 * s].map(Math.round),
  };
}

function lighthouse(x, y) {
  const bands = [0, 1, 2, 3]
    .map(
      (i) =>
        `<path d="M${-46 + i * 5.4} ${-i * 70 - 35}L${-43.4 + i * 5.4} ${-i * 70 - 70}H${43.4 - i * 5.4}L${46 - i * 5.4} ${-i * 70 - 35}Z" fill="#d6453d"/>`,
    )
    .join('');
  return (
    `<g transform="translate(${x} ${y})"><path d="M-49 0L-27 -290H27L49 0Z" fill="#fbf7ef"/>${bands}<path d="M-49 0L-27 -290H27L49 0Z" fill="url(#tower)"/>` +
    `<rect x="-40" y="-302" width="80" height="12" rx="2" fill="#3b4454"/><rect x="-22" y="-346" width="44" height="44" fill="#ffe9a6"/><path d="M-22 -346v44M-7 -346v44M7 -346v44M22 -346v44" stroke="#3b4454" stroke-width="3"/>` +
    `<path d="M-30 -346H30L0 -378Z" fill="#b5342d"/><path d="M0 -378v-16" stroke="#3b4454" stroke-width="3"/><path d="M-12 0v-38a12 12 0 0 1 24 0V0Z" fill="#5b4636"/>` +
    `${[-110, -200].map((dy) => `<rect x="-7" y="${dy}" width="14" height="22" rx="7" fill="#4a5a70"/>`).join('')}` +
    `<rect x="-15" y="-66" width="30" height="17" rx="2" fill="#fffdf6" stroke="#6b5a48"/>${strokeText('1887', 0, -61.5, { height: 8, colour: '#3c3434', weight: 1, anchor: 'middle' })}</g>`
  );
}

function houses(random) {
  let drawing = '';
  let x = 30;
  while (x < 560) {
    const width = between(random, 42, 74);
    const height = between(random, 50, 104);
    const wall = ['#f3d9b1', '#e8a87c', '#c38d9e', '#f6f1e7', '#9fc0a4', '#e27d60', '#8fb5d3'][
      Math.floor(random() * 7)
    ];
    drawing += `<rect x="${x}" y="${HORIZON - height + 8}" width="${width}" height="${height}" fill="${wall}"/><path d="M${x - 4} ${HORIZON - height + 8}L${x + width / 2} ${HORIZON - height - 22}L${x + width + 4} ${HORIZON - height + 8}Z" fill="${mix('#a5503c', '#7c3b32', random())}"/>`;
    for (let wy = HORIZON - height + 20; wy < HORIZON - 14; wy += 24)
      for (let wx = x + 9; wx < x + width - 14; wx += 19)
        drawing += `<rect x="${wx}" y="${wy}" width="9" height="12" fill="#46607a"/><rect x="${wx}" y="${wy}" width="9" height="3" fill="#fff" opacity=".4"/>`;
    x += width + between(random, -2, 3);
  }
  return drawing;
}

const BOATS = [
  [690, 545, 92, { hull: '#3f6f8f', main: '#fdfaf2', jib: '#f3dfc0', number: '27', text: 9 }],
  [520, 640, 150, { hull: '#b5483f', main: '#fffaf0', jib: '#f4c95d', number: '814', text: 13 }],
  [960, 600, 120, { hull: '#2f6b5e', main: '#f8fbff', jib: '#bfe0d4', number: '305', text: 11 }],
  [250, 800, 250, { hull: '#27496d', main: '#fffdf5', jib: '#ef8354', number: '62', text: 22 }],
  [1000, 840, 220, { hull: '#8f5aa0', main: '#fff8fb', jib: '#f2b5d4', number: '471', text: 17 }],
  [840, 505, 52, { hull: '#ad7a3d', main: '#fffdf2', jib: '#ffe3a3', number: '9', text: 8 }],
];

/** The scene as SVG with what is known about it. */
export function harbour() {
  const random = seededRandom(33);
  const boats = BOATS.map((entry) => boat(...entry));
  const buoys = [
    buoy(640, 800, 58, '#d6453d', 'J'),
    buoy(770, 690, 40, '#3d8b5a', 'V'),
    buoy(1190, 690, 38, '#e2a62e', 'Q'),
  ];
  let waves = '';
  for (let i = 0; i < 240; i++) {
    const depth = random() ** 1.4;
    const y = HORIZON + 10 + depth * (HEIGHT - HORIZON);
    const wide = 8 + depth * 46;
    const x = between(random, 0, WIDTH);
    waves += `<path d="M${x.toFixed(1)} ${y.toFixed(1)}q${(wide / 2).toFixed(1)} -${(1.5 + depth * 5).toFixed(1)} ${wide.toFixed(1)} 0" stroke="#fff" stroke-width="${(0.8 + depth * 1.5).toFixed(1)}" fill="none" opacity="${(0.18 + 0.25 * random()).toFixed(2)}"/>`;
  }
  const gulls = [
    [420, 190, 1.2],
    [480, 230, 0.8],
    [820, 150, 1],
    [1180, 250, 0.9],
    [900, 200, 0.6],
  ]
    .map(
      ([x, y, size]) =>
        `<path transform="translate(${x} ${y}) scale(${size})" d="M-24 -4Q-12 -16 0 0Q12 -16 24 -4Q12 -9 0 5Q-12 -9 -24 -4Z" fill="#fff" stroke="#6f8ba0" stroke-width=".8"/>`,
    )
    .join('');
  const body = [
    `<rect width="${WIDTH}" height="${HORIZON + 4}" fill="url(#morning)"/><circle cx="760" cy="420" r="300" fill="url(#sunlight)"/>`,
    cloud(260, 120, 1.5, 0.75),
    cloud(1050, 90, 1.9, 0.7),
    cloud(700, 220, 1, 0.55),
    cloud(1480, 210, 1.2, 0.6),
    hills(random, { width: WIDTH, bottom: HORIZON + 6, base: 452, height: 90, step: 150, fill: '#a7c6cf' }),
    hills(random, { width: WIDTH, bottom: HORIZON + 6, base: 466, height: 46, step: 100, fill: '#86b0a6' }),
    houses(random),
    `<rect y="${HORIZON}" width="${WIDTH}" height="${HEIGHT - HORIZON}" fill="url(#sea)"/>`,
    `<rect x="0" y="${HORIZON}" width="600" height="16" fill="#8b7d6b"/><rect x="0" y="${HORIZON}" width="600" height="5" fill="#b5a58f"/>`,
    waves,
    gulls,
    `<path d="M1180 640C1200 560 1260 530 1340 520C1460 500 1560 540 1610 560V700C1500 690 1260 700 1180 640Z" fill="#6f7568"/><path d="M1210 610C1240 560 1300 540 1360 534C1460 520 1560 552 1610 570V606C1480 590 1330 610 1210 610Z" fill="#8fae6d"/>`,
    lighthouse(1400, 562),
    [0, 5, 2, 1, 4, 3].map((i) => boats[i].svg).join(''),
    buoys.map((entry) => entry.svg).join(''),
    `<path d="M0 1020V930H400V1020Z" fill="${darker('#8a6a4a', 0.1)}"/>${[0, 1, 2].map((i) => `<rect x="0" y="${932 + i * 30}" width="400" height="27" fill="${mix('#a9835b', '#84613f', i / 3)}"/>`).join('')}<rect x="360" y="900" width="26" height="120" rx="4" fill="#5f4630"/><rect x="60" y="904" width="26" height="116" rx="4" fill="#5f4630"/>`,
  ];
  return {
    name: 'harbour',
    width: WIDTH,
    height: HEIGHT,
    svg: document(WIDTH, HEIGHT, defs, body),
    question: 'Is the green buoy on the left or right side of the boat with the number 305?',
    options: [
      'The green buoy is on the left side of the boat with the number 305.',
      'The green buoy is on the right side of the boat with the number 305.',
    ],
    targets: [
      { name: 'green buoy', box: buoys[1].box },
      { name: 'boat with the number 305', box: [886, 478, 150, 142] },
    ],
  };
}

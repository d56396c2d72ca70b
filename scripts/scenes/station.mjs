// A railway hall: a departure board with small lines, a clock, travellers with numbered luggage.
import { between, darker, document, lighter, linear, mix, radial, seededRandom } from './drawing.mjs';
import { strokeText, textWidth } from './strokes.mjs';

const WIDTH = 1600;
const HEIGHT = 1000;
const FLOOR = 760;

const defs = [
  linear('air', [
    [0, '#f4dfb8'],
    [0.6, '#e9c896'],
    [1, '#d3a878'],
  ]),
  linear('floor', [
    [0, '#c7a582'],
    [1, '#7d5f49'],
  ]),
  linear('daylight', [
    [0, '#bfe3f2'],
    [1, '#fff6df'],
  ]),
  linear(
    'iron',
    [
      [0, '#56705f'],
      [0.5, '#3f574a'],
      [1, '#2f4438'],
    ],
    { x2: 1, y2: 0 },
  ),
  linear('carriage', [
    [0, '#b9473f'],
    [0.5, '#a03630'],
    [1, '#6f221f'],
  ]),
  linear('beam', [
    [0, '#fff8dc', 0.55],
    [1, '#fff8dc', 0],
  ]),
  linear('shadow', [
    [0, '#3a2618', 0.4],
    [1, '#3a2618', 0],
  ]),
  radial('dial', [
    [0, '#fffef8'],
    [1, '#efe4c9'],
  ]),
];

/** Departures: time, town, platform. */
const DEPARTURES = [
  ['17:05', 'LYON', '4'],
  ['17:12', 'BERN', '11'],
  ['17:20', 'OSLO', '7'],
  ['17:34', 'PORTO', '2'],
  ['17:41', 'GENT', '9'],
  ['17:58', 'WIEN', '5'],
];

function roof() {
  let drawing = '';
  for (let i = 0; i < 5; i++) {
    const x = i * 320;
    drawing += `<path d="M${x + 30} ${FLOOR - 110}V250a130 130 0 0 1 260 0V${FLOOR - 110}Z" fill="url(#daylight)"/>`;
    for (let bar = 1; bar < 5; bar++)
      drawing += `<path d="M${x + 30 + bar * 52} ${FLOOR - 110}V${120 + [0, 40, 8, 8, 40][bar]}" stroke="#57705f" stroke-width="5"/>`;
    for (let y = 250; y < FLOOR - 110; y += 100)
      drawing += `<path d="M${x + 30} ${y}h260" stroke="#57705f" stroke-width="5"/>`;
    drawing += `<path d="M${x + 30} ${FLOOR - 110}V250a130 130 0 0 1 260 0V${FLOOR - 110}" fill="none" stroke="#3f574a" stroke-width="12"/>`;
    drawing += `<rect x="${x - 14}" y="150" width="28" height="${FLOOR - 150}" fill="url(#iron)"/><rect x="${x - 24}" y="150" width="48" height="24" rx="4" fill="#3f574a"/><rect x="${x - 24}" y="${FLOOR - 40}" width="48" height="40" rx="3" fill="#33483c"/>`;
  }
  return `${drawing}<rect width="${WIDTH}" height="92" fill="#7c5a3e"/>${Array.from({ length: 20 }, (_, i) => `<rect x="${i * 84}" y="0" width="12" height="92" fill="#694a32"/>`).join('')}<rect y="88" width="${WIDTH}" height="12" fill="#563b28"/>`;
}

function beams() {
  return [160, 480, 800, 1120, 1440]
    .map(
      (x) =>
        `<path d="M${x - 110} ${FLOOR}L${x - 40} 260H${x + 80}L${x + 330} ${HEIGHT}H${x - 10}Z" fill="url(#beam)" opacity=".4"/>`,
    )
    .join('');
}

function board(x, y) {
  const rows = DEPARTURES.map(([time, town, platform], i) => {
    const top = y + 58 + i * 25;
    const options = { height: 11, colour: '#ffcf5c', weight: 0.95 };
    return {
      svg: `<rect x="${x + 12}" y="${top - 6}" width="336" height="23" fill="${i % 2 ? '#1d2126' : '#23282e'}"/>${strokeText(time, x + 24, top, options)}${strokeText(town, x + 116, top, options)}${strokeText(platform, x + 296, top, options)}`,
      box: [x + 12, top - 6, 336, 23],
    };
  });
  const head = { height: 9, colour: '#f4efe2', weight: 0.9 };
  return {
    svg:
      `<path d="M${x + 60} 96V${y}M${x + 300} 96V${y}" stroke="#2b3138" stroke-width="6"/><rect x="${x}" y="${y}" width="360" height="216" rx="8" fill="#14171b" stroke="#3b434c" stroke-width="6"/>` +
      `${strokeText('TIME', x + 24, y + 24, head)}${strokeText('TO', x + 116, y + 24, head)}${strokeText('PLATFORM', x + 262, y + 24, head)}` +
      rows.map((row) => row.svg).join(''),
    rows: rows.map((row) => row.box),
    box: [x, y, 360, 216],
  };
}

function clock(x, y) {
  const ticks = Array.from(
    { length: 12 },
    (_, i) =>
      `<path transform="rotate(${i * 30})" d="M0 -40V-47" stroke="#2b2b2b" stroke-width="${i % 3 ? 2.5 : 5}"/>`,
  ).join('');
  return `<path d="M${x} 96V${y - 60}" stroke="#2b3138" stroke-width="7"/><g transform="translate(${x} ${y})"><circle r="60" fill="#2f4438"/><circle r="52" fill="url(#dial)"/>${ticks}<path d="M0 6V-26" transform="rotate(150)" stroke="#2b2b2b" stroke-width="6" stroke-linecap="round"/><path d="M0 8V-40" transform="rotate(12)" stroke="#2b2b2b" stroke-width="4" stroke-linecap="round"/><circle r="4.5" fill="#b5342d"/></g>`;
}

function train() {
  const parts = [`<rect x="-20" y="${FLOOR - 24}" width="1640" height="30" fill="#54433a"/>`];
  const plates = [];
  for (let car = 0; car < 3; car++) {
    const x = 60 + car * 520;
    parts.push(
      `<rect x="${x}" y="${FLOOR - 190}" width="500" height="170" rx="18" fill="url(#carriage)"/><rect x="${x}" y="${FLOOR - 82}" width="500" height="10" fill="#f3d9a0"/>`,
    );
    for (let i = 0; i < 5; i++)
      parts.push(
        `<rect x="${x + 82 + i * 70}" y="${FLOOR - 166}" width="52" height="62" rx="6" fill="#fff1c4"/><rect x="${x + 82 + i * 70}" y="${FLOOR - 166}" width="52" height="20" rx="6" fill="#cfe6ef"/>`,
      );
    for (const dx of [22, 446])
      parts.push(
        `<rect x="${x + dx}" y="${FLOOR - 170}" width="36" height="146" rx="4" fill="#832b27"/><rect x="${x + dx + 7}" y="${FLOOR - 160}" width="22" height="48" rx="3" fill="#cfe6ef"/>`,
      );
    const number = ['21', '22', '23'][car];
    parts.push(
      `<rect x="${x + 236}" y="${FLOOR - 64}" width="34" height="18" rx="3" fill="#f6f0dc"/>${strokeText(number, x + 253, FLOOR - 60, { height: 10, colour: '#402020', weight: 1, anchor: 'middle' })}`,
    );
    plates.push([x + 236, FLOOR - 64, 34, 18]);
  }
  return { svg: parts.join(''), plates };
}

/** A traveller `size` tall whose feet stand at x, y. */
function traveller(x, y, size, { coat, hair, skirt, hat, turn = 1 }) {
  const s = size / 200;
  const dark = darker(coat, 0.28);
  return (
    `<ellipse cx="${x}" cy="${y}" rx="${46 * s}" ry="${9 * s}" fill="#3a2618" opacity=".35"/><g transform="translate(${x} ${y}) scale(${s * turn} ${s})">` +
    `<path d="M-14 -84L-18 -4h14L0 -70L8 -4h14L14 -84Z" fill="#33343f"/><path d="M-20 -5h18v6h-22q0 -5 4 -6ZM6 -5h18v6H4Z" fill="#241c1c"/>` +
    (skirt ? `<path d="M-22 -90L-32 -34H32L22 -90Z" fill="${skirt}"/>` : '') +
    `<path d="M-28 -142Q0 -160 28 -142L32 -74Q0 -62 -32 -74Z" fill="${coat}"/><path d="M0 -150V-70" stroke="${dark}" stroke-width="2"/>` +
    `<path d="M-27 -140Q-44 -112 -36 -80" stroke="${dark}" stroke-width="13" fill="none" stroke-linecap="round"/><path d="M27 -140Q42 -112 40 -84" stroke="${dark}" stroke-width="13" fill="none" stroke-linecap="round"/>` +
    `<path d="M-8 -158h16v14Q0 -136 -8 -144Z" fill="#d9a582"/><circle cy="-174" r="21" fill="#e8b894"/><path d="M-22 -174a22 22 0 0 1 44 0q-8 -14 -22 -14t-22 14Z" fill="${hair}"/>` +
    '<circle cx="-7" cy="-172" r="2.2" fill="#3a2a22"/><circle cx="7" cy="-172" r="2.2" fill="#3a2a22"/><path d="M-6 -163q6 5 12 0" stroke="#9a5a4a" stroke-width="2" fill="none" stroke-linecap="round"/>' +
    (hat ? `<path d="M-30 -186h60v6h-60ZM-18 -186v-16q18 -8 36 0v16Z" fill="${hat}"/>` : '') +
    '</g>'
  );
}

/** A suitcase with a paper tag. */
function suitcase(x, y, width, colour, tag, text) {
  const height = width * 0.72;
  const tagWidth = textWidth(tag, text) + text * 1.2;
  const left = x - tagWidth / 2;
  const top = y - height * 0.62;
  return {
    svg:
      `<ellipse cx="${x}" cy="${y}" rx="${width * 0.56}" ry="7" fill="#3a2618" opacity=".35"/><path d="M${x - width * 0.14} ${y - height}v-12h${width * 0.28}v12" fill="none" stroke="#4a3527" stroke-width="6"/>` +
      `<rect x="${x - width / 2}" y="${y - height}" width="${width}" height="${height}" rx="9" fill="${colour}"/><rect x="${x - width / 2}" y="${y - height}" width="${width}" height="${height * 0.3}" rx="9" fill="${lighter(colour, 0.14)}"/>` +
      [-0.3, 0.3]
        .map(
          (at) =>
            `<rect x="${x + width * at - 5}" y="${y - height}" width="10" height="${height}" fill="${darker(colour, 0.35)}"/>`,
        )
        .join('') +
      `<rect x="${left}" y="${top}" width="${tagWidth}" height="${text * 1.9}" rx="2" fill="#fffaf0" stroke="#8b7355" stroke-width=".8"/>` +
      strokeText(tag, x, top + text * 0.45, { height: text, colour: '#3a2d2d', weight: 1, anchor: 'middle' }),
    box: [left, top, tagWidth, text * 1.9].map(Math.round),
  };
}

function tiles(random) {
  let drawing = '';
  for (let row = 0; row < 7; row++) {
    const y = FLOOR + row * row * 4 + row * 9;
    const height = 9 + row * 8;
    const wide = 70 + row * 26;
    for (let x = WIDTH / 2 - wide * 14; x < WIDTH; x += wide)
      drawing += `<path d="M${x} ${y}h${wide - 3}l${(x - WIDTH / 2) * 0.03} ${height - 3}h-${wide}Z" fill="${mix('#e0c19a', '#a98763', random())}" opacity="${between(random, 0.15, 0.4).toFixed(2)}"/>`;
  }
  return drawing;
}

/** The scene as SVG with what is known about it. */
export function station() {
  const random = seededRandom(12);
  const departures = board(620, 150);
  const cars = train();
  const cases = [
    suitcase(318, 930, 120, '#a8643a', 'MILA', 9),
    suitcase(720, 900, 96, '#3f6f7f', '402', 9),
    suitcase(1090, 950, 132, '#7a4f8a', '17', 10),
  ];
  const body = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#air)"/>`,
    roof(),
    beams(),
    `<rect y="${FLOOR}" width="${WIDTH}" height="${HEIGHT - FLOOR}" fill="url(#floor)"/>`,
    tiles(random),
    cars.svg,
    `<rect y="${FLOOR + 4}" width="${WIDTH}" height="34" fill="url(#shadow)"/>`,
    departures.svg,
    clock(480, 215),
    traveller(470, 850, 150, { coat: '#4a6f8f', hair: '#4b3325' }),
    traveller(880, 840, 140, { coat: '#c2803f', hair: '#2d2320', skirt: '#7c3f4f' }),
    traveller(1500, 850, 152, { coat: '#5d7f57', hair: '#6b4a2e', hat: '#3e4f3a' }),
    traveller(210, 940, 230, { coat: '#b2514a', hair: '#3a2a22', skirt: '#3d4a6b', turn: -1 }),
    cases[1].svg,
    traveller(640, 905, 190, { coat: '#e0b04f', hair: '#2a211d', hat: '#7b4a33' }),
    traveller(1210, 960, 250, { coat: '#6d5a94', hair: '#c98f4e' }),
    cases[0].svg,
    cases[2].svg,
  ];
  return {
    name: 'station',
    width: WIDTH,
    height: HEIGHT,
    svg: document(WIDTH, HEIGHT, defs, body),
    question: 'From which platform does the train to Oslo leave?',
    options: [
      'It leaves from platform 7.',
      'It leaves from platform 2.',
      'It leaves from platform 11.',
      'It leaves from platform 9.',
    ],
    targets: [{ name: 'departure to Oslo', box: departures.rows[2] }],
  };
}

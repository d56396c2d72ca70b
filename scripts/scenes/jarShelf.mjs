// Three kitchen shelves of jars with paper labels, and a little postcard pinned to the wall.
import { between, darker, document, lighter, linear, mix, pick, radial, seededRandom } from './drawing.mjs';
import { strokeText, textWidth } from './strokes.mjs';

const WIDTH = 1600;
const HEIGHT = 1060;

const defs = [
  linear('wall', [
    [0, '#f4e3cc'],
    [1, '#dfc3a2'],
  ]),
  linear('wood', [
    [0, '#b9814f'],
    [0.5, '#a06a3c'],
    [1, '#7c4f2a'],
  ]),
  linear(
    'glass',
    [
      [0, '#ffffff', 0.55],
      [0.16, '#ffffff', 0.08],
      [0.7, '#ffffff', 0.02],
      [0.86, '#ffffff', 0.22],
      [1, '#30201a', 0.18],
    ],
    { x2: 1, y2: 0 },
  ),
  linear(
    'round',
    [
      [0, '#000', 0.26],
      [0.25, '#000', 0],
      [0.7, '#000', 0],
      [1, '#000', 0.3],
    ],
    { x2: 1, y2: 0 },
  ),
  linear(
    'lid',
    [
      [0, '#8a6a45'],
      [0.3, '#e2bd85'],
      [0.7, '#c79a5f'],
      [1, '#6f5233'],
    ],
    { x2: 1, y2: 0 },
  ),
  linear(
    'steel',
    [
      [0, '#6f7680'],
      [0.3, '#eef1f4'],
      [0.7, '#b4bcc4'],
      [1, '#5d646d'],
    ],
    { x2: 1, y2: 0 },
  ),
  linear('drop', [
    [0, '#3b2413', 0.42],
    [1, '#3b2413', 0],
  ]),
  radial(
    'sunspot',
    [
      [0, '#fff6dd', 0.85],
      [1, '#fff6dd', 0],
    ],
    { cx: 0.3, cy: 0.2, r: 0.7 },
  ),
];

/** What fills a jar: layers of grains, or pieces. */
const FILLINGS = {
  RICE: { colours: ['#fbf6ea', '#f0e8d4', '#fffdf6'], size: 3, shape: 'grain' },
  LENTILS: { colours: ['#d9733b', '#c75f2d', '#e58a52'], size: 3.4, shape: 'dot' },
  BEANS: { colours: ['#8c2f35', '#a23b42', '#6f2228'], size: 6, shape: 'bean' },
  PASTA: { colours: ['#f3d27a', '#e8bf5c', '#f9e09a'], size: 8, shape: 'tube' },
  TEA: { colours: ['#3f3528', '#56482f', '#2d2a20'], size: 3, shape: 'grain' },
  COFFEE: { colours: ['#4a2a17', '#5d3820', '#38200f'], size: 5, shape: 'bean' },
  SUGAR: { colours: ['#fffefb', '#f5f1ea', '#ffffff'], size: 2, shape: 'dot' },
  PEPPER: { colours: ['#2e2a2a', '#4b4444', '#6b5f58'], size: 2.8, shape: 'dot' },
  HONEY: { colours: ['#e7981f', '#f2b035'], size: 0, shape: 'liquid' },
  JAM: { colours: ['#a1173a', '#c22b52'], size: 0, shape: 'liquid' },
  OATS: { colours: ['#e9d3a8', '#dcc08c', '#f3e4c4'], size: 4.4, shape: 'bean' },
  PEAS: { colours: ['#7fa045', '#93b556', '#6b8c37'], size: 4.6, shape: 'dot' },
  SALT: { colours: ['#f7f9fb', '#e9eef2', '#ffffff'], size: 2, shape: 'dot' },
  CLOVES: { colours: ['#5b3420', '#6f432b', '#47270f'], size: 3.6, shape: 'grain' },
};

function piece(random, filling, x, y) {
  const fill = pick(random, filling.colours);
  const r = filling.size;
  const turn = Math.round(random() * 180);
  const place = `transform="translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn})"`;
  if (filling.shape === 'dot')
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r}" fill="${fill}"/>`;
  if (filling.shape === 'grain') return `<ellipse ${place} rx="${r * 1.5}" ry="${r * 0.6}" fill="${fill}"/>`;
  if (filling.shape === 'tube')
    return `<rect ${place} x="${-r}" y="${-r * 0.35}" width="${r * 2}" height="${r * 0.7}" rx="${r * 0.3}" fill="${fill}" stroke="${darker(fill, 0.15)}" stroke-width=".6"/>`;
  return `<ellipse ${place} rx="${r}" ry="${r * 0.68}" fill="${fill}"/><ellipse ${place} cy="${-r * 0.2}" rx="${r * 0.5}" ry="${r * 0.16}" fill="#fff" opacity=".25"/>`;
}

function contents(random, filling, left, top, width, height) {
  if (filling.shape === 'liquid')
    return `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${filling.colours[0]}"/><rect x="${left}" y="${top}" width="${width}" height="10" fill="${filling.colours[1]}"/>`;
  let pieces = `<rect x="${left}" y="${top + 4}" width="${width}" height="${height}" fill="${darker(filling.colours[0], 0.22)}"/>`;
  const pitch = Math.max(5, filling.size * 1.75);
  for (let y = top + height; y > top; y -= pitch * 0.8) {
    for (let x = left; x < left + width; x += pitch)
      pieces += piece(random, filling, x + between(random, -2, 2), y + between(random, -2, 2));
  }
  return pieces;
}

/** A jar on the shelf whose board is at `floor`. Returns drawing and box of the label. */
function jar(random, id, { x, floor, width, height, word, text, fill = 0.8, lid = 'lid', note }) {
  const left = x - width / 2;
  const top = floor - height;
  const r = width * 0.14;
  const shape = `M${left + r} ${top}H${left + width - r}Q${left + width} ${top} ${left + width} ${top + r * 1.6}V${floor - r}Q${left + width} ${floor} ${left + width - r} ${floor}H${left + r}Q${left} ${floor} ${left} ${floor - r}V${top + r * 1.6}Q${left} ${top} ${left + r} ${top}Z`;
  const label = {
    width: Math.max(textWidth(word, text) + text * 1.8, width * 0.5),
    height: text * (note ? 3.5 : 2.2),
  };
  const labelLeft = x - label.width / 2;
  const labelTop = floor - height * 0.5 - label.height / 2;
  const small = note
    ? strokeText(note, x, labelTop + text * 2.1, {
        height: text * 0.72,
        colour: '#6b5546',
        weight: 0.95,
        anchor: 'middle',
      })
    : '';
  const level = top + height * (1 - fill);
  return {
    svg:
      `<ellipse cx="${x + 10}" cy="${floor}" rx="${width * 0.58}" ry="9" fill="#3b2413" opacity=".35"/>` +
      `<clipPath id="${id}"><path d="${shape}"/></clipPath><path d="${shape}" fill="#fff" opacity=".3"/>` +
      `<g clip-path="url(#${id})">${contents(random, FILLINGS[word], left, level, width, height * fill)}<path d="${shape}" fill="url(#round)"/></g>` +
      `<path d="${shape}" fill="url(#glass)" stroke="#fff" stroke-opacity=".55" stroke-width="2"/>` +
      `<rect x="${left + width * 0.08}" y="${top - height * 0.09}" width="${width * 0.84}" height="${height * 0.11}" rx="5" fill="url(#${lid})"/>` +
      `<rect x="${labelLeft}" y="${labelTop}" width="${label.width}" height="${label.height}" rx="3" fill="#fff9ea" stroke="#c9b48d"/>` +
      `<rect x="${labelLeft + 3}" y="${labelTop + 3}" width="${label.width - 6}" height="${label.height - 6}" rx="2" fill="none" stroke="#c98a5a" stroke-width=".9"/>` +
      strokeText(word, x, labelTop + text * 0.6, {
        height: text,
        colour: '#3d2b24',
        weight: 0.95,
        anchor: 'middle',
      }) +
      small,
    box: [labelLeft, labelTop, label.width, label.height].map(Math.round),
  };
}

function shelf(y) {
  return (
    `<rect x="60" y="${y + 26}" width="1480" height="46" fill="url(#drop)"/><rect x="60" y="${y}" width="1480" height="28" rx="3" fill="url(#wood)"/>` +
    [0.2, 0.45, 0.72]
      .map(
        (share) =>
          `<path d="M80 ${y + 28 * share}C400 ${y + 28 * share - 4} 900 ${y + 28 * share + 5} 1520 ${y + 28 * share}" stroke="#6b4423" stroke-width="1" opacity=".35" fill="none"/>`,
      )
      .join('') +
    [180, 1420].map((x) => `<path d="M${x - 10} ${y + 28}h20v34q-10 12 -20 0Z" fill="#6b4423"/>`).join('')
  );
}

const JARS = [
  { x: 190, floor: 350, width: 150, height: 210, word: 'RICE', text: 17 },
  { x: 385, floor: 350, width: 120, height: 170, word: 'LENTILS', text: 11, lid: 'steel' },
  { x: 560, floor: 350, width: 130, height: 230, word: 'PASTA', text: 14, fill: 0.86 },
  { x: 760, floor: 350, width: 92, height: 116, word: 'PEPPER', text: 9, lid: 'steel', note: 'JAN 26' },
  { x: 880, floor: 350, width: 92, height: 116, word: 'SALT', text: 9, lid: 'steel', note: 'MAR 26' },
  { x: 1000, floor: 350, width: 92, height: 116, word: 'CLOVES', text: 9, lid: 'steel', note: 'NOV 25' },
  { x: 1180, floor: 350, width: 140, height: 200, word: 'BEANS', text: 15 },
  { x: 1380, floor: 350, width: 120, height: 160, word: 'HONEY', text: 12, fill: 0.9 },
  { x: 200, floor: 640, width: 120, height: 150, word: 'JAM', text: 12, fill: 0.92, note: 'NO 3' },
  { x: 350, floor: 640, width: 120, height: 150, word: 'JAM', text: 12, fill: 0.7, note: 'NO 7' },
  { x: 560, floor: 640, width: 160, height: 220, word: 'COFFEE', text: 16, lid: 'steel' },
  { x: 780, floor: 640, width: 130, height: 180, word: 'SUGAR', text: 13, fill: 0.66 },
  { x: 1260, floor: 640, width: 150, height: 210, word: 'OATS', text: 16 },
  { x: 1430, floor: 640, width: 100, height: 140, word: 'TEA', text: 11, lid: 'steel', note: 'LOT 52' },
  { x: 300, floor: 930, width: 170, height: 200, word: 'PEAS', text: 17 },
  { x: 1330, floor: 930, width: 140, height: 190, word: 'RICE', text: 14, lid: 'steel' },
];

function plant(random, x, y) {
  let leaves = '';
  for (let i = 0; i < 46; i++) {
    const turn = between(random, -78, 78);
    const length = between(random, 40, 96);
    leaves += `<path transform="translate(${x + turn / 5} ${y - 68}) rotate(${turn})" d="M0 0C-14 -${length * 0.4} -9 -${length * 0.8} 0 -${length}C9 -${length * 0.8} 14 -${length * 0.4} 0 0Z" fill="${mix('#3f7048', '#8cb86a', random())}"/>`;
  }
  return `<ellipse cx="${x + 8}" cy="${y}" rx="68" ry="9" fill="#3b2413" opacity=".35"/>${leaves}<path d="M${x - 56} ${y - 84}h112l-14 84h-84Z" fill="#c9683f"/><rect x="${x - 62}" y="${y - 96}" width="124" height="22" rx="4" fill="#d97c51"/><path d="M${x - 56} ${y - 74}h112l-14 74h-84Z" fill="url(#round)"/>`;
}

function teapot(x, y) {
  return (
    `<ellipse cx="${x + 6}" cy="${y}" rx="96" ry="10" fill="#3b2413" opacity=".35"/><path d="M${x + 70} ${y - 80}c52 -14 46 58 -8 46" fill="none" stroke="#4f86a8" stroke-width="13"/>` +
    `<path d="M${x - 66} ${y - 60}c-38 -4 -34 -44 -64 -52l-8 12c20 12 14 52 66 74Z" fill="#4f86a8"/><ellipse cx="${x}" cy="${y - 56}" rx="86" ry="58" fill="#5f97b8"/>` +
    `<path d="M${x - 50} ${y - 104}q50 -30 100 0Z" fill="#4f86a8"/><circle cx="${x}" cy="${y - 122}" r="9" fill="#e9d2a4"/><ellipse cx="${x - 34}" cy="${y - 76}" rx="20" ry="14" fill="#fff" opacity=".28"/>` +
    [
      [-14, -48],
      [14, -58],
      [36, -40],
      [-38, -36],
      [6, -26],
    ]
      .map(([dx, dy]) => `<circle cx="${x + dx}" cy="${y + dy}" r="5.5" fill="#f4ead2" opacity=".85"/>`)
      .join('')
  );
}

function postcard(x, y) {
  return {
    svg:
      `<g transform="rotate(-4 ${x} ${y})"><rect x="${x - 52}" y="${y - 36}" width="108" height="76" fill="#5a3b22" opacity=".25"/><rect x="${x - 55}" y="${y - 40}" width="108" height="76" fill="#fffdf6"/>` +
      `<rect x="${x - 49}" y="${y - 34}" width="96" height="42" fill="#8fc3dc"/><path d="M${x - 49} ${y + 8}v-14l22 -18l16 14l20 -20l38 30v8Z" fill="#5d8f6a"/><circle cx="${x + 28}" cy="${y - 22}" r="7" fill="#ffe08a"/>` +
      `${strokeText('ROMA 1998', x, y + 17, { height: 9, colour: '#7a3f35', weight: 0.95, anchor: 'middle' })}<circle cx="${x}" cy="${y - 40}" r="5" fill="#d1495b"/></g>`,
    box: [x - 58, y - 44, 116, 84].map(Math.round),
  };
}

function hangingCups(y) {
  return [880, 980, 1080]
    .map((x, i) => {
      const colour = ['#d98f7a', '#88a97c', '#e0b65c'][i];
      return `<path d="M${x} ${y}v14" stroke="#5a4632" stroke-width="3"/><g transform="translate(${x} ${y + 44})"><path d="M26 -14c26 -6 26 28 -2 24" fill="none" stroke="${colour}" stroke-width="7"/><path d="M-28 -30h56v38q-4 18 -28 18t-28 -18Z" fill="${colour}"/><path d="M-28 -30h56v7h-56Z" fill="${lighter(colour, 0.4)}"/><path d="M-28 -30h56v38q-4 18 -28 18t-28 -18Z" fill="url(#round)" opacity=".7"/></g>`;
    })
    .join('');
}

/** The scene as SVG with what is known about it. */
export function jarShelf() {
  const random = seededRandom(5);
  const tiles = [];
  for (let y = 0; y < HEIGHT; y += 53)
    for (let x = 0; x < WIDTH; x += 106)
      tiles.push(
        `<rect x="${x + (y % 106 ? 53 : 0) - 53}" y="${y}" width="104" height="51" rx="3" fill="#fff" opacity="${between(random, 0.03, 0.14).toFixed(3)}"/>`,
      );
  const jars = JARS.map((entry, i) => jar(random, `jar${i}`, entry));
  const card = postcard(1130, 800);
  const body = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#wall)"/>`,
    tiles.join(''),
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#sunspot)"/>`,
    [350, 640, 930].map(shelf).join(''),
    card.svg,
    hangingCups(668),
    jars.map((entry) => entry.svg).join(''),
    plant(random, 1040, 640),
    teapot(560, 930),
    plant(random, 900, 930),
  ];
  const label = (word, note) =>
    jars[JARS.findIndex((entry) => entry.word === word && entry.note === note)].box;
  return {
    name: 'jar-shelf',
    width: WIDTH,
    height: HEIGHT,
    svg: document(WIDTH, HEIGHT, defs, body),
    question: 'Which date is written on the jar of cloves?',
    options: ['The date is Nov 25.', 'The date is Jan 26.', 'The date is Mar 26.', 'The date is Nov 26.'],
    targets: [{ name: 'label of the cloves', box: label('CLOVES', 'NOV 25') }],
  };
}

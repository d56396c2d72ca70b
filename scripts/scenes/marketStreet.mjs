// A street of small shops at dusk: hanging signs, door numbers, price tags on crates.
import { between, darker, document, lighter, linear, mix, pick, radial, seededRandom } from './drawing.mjs';
import { strokeText, textWidth } from './strokes.mjs';

const WIDTH = 1600;
const HEIGHT = 1000;
const PAVEMENT = 800;

const defs = [
  linear('dusk', [
    [0, '#27335f'],
    [0.55, '#7b6a9c'],
    [1, '#f3b79a'],
  ]),
  linear('road', [
    [0, '#6d6478'],
    [1, '#3f3a4d'],
  ]),
  linear('window', [
    [0, '#fff0c2'],
    [0.6, '#ffd27d'],
    [1, '#f5a94e'],
  ]),
  linear('fade', [
    [0, '#000', 0],
    [1, '#1b1633', 0.34],
  ]),
  radial('halo', [
    [0, '#ffe7a8', 0.8],
    [0.4, '#ffcf7a', 0.25],
    [1, '#ffcf7a', 0],
  ]),
];

/** Shops from left to right: width, wall, trim, sign, the number at the door, what hangs in the upper windows. */
const SHOPS = [
  {
    width: 300,
    height: 540,
    wall: '#c96f5b',
    trim: '#f6e7d2',
    sign: 'BREAD',
    number: '12',
    awning: '#f2f0e6',
  },
  {
    width: 330,
    height: 620,
    wall: '#4f8f8b',
    trim: '#f3ead6',
    sign: 'BOOKS',
    number: '14',
    awning: '#e0b04f',
  },
  { width: 280, height: 500, wall: '#e2b857', trim: '#fff6e0', sign: 'TEA', number: '16', awning: '#5b7f5a' },
  {
    width: 360,
    height: 590,
    wall: '#8d7fb8',
    trim: '#f5ecf5',
    sign: 'CLOCKS',
    number: '18',
    awning: '#d9727f',
  },
  {
    width: 330,
    height: 530,
    wall: '#6f9fc4',
    trim: '#f4f1e4',
    sign: 'FLOWERS',
    number: '20',
    awning: '#f0f0ea',
  },
];

function upperWindow(random, x, y, width, height, shop) {
  const lit = random() < 0.72;
  const glass = lit ? 'url(#window)' : '#3c4669';
  const curtain = lit
    ? `<path d="M${x} ${y}h${width * 0.3}q-2 ${height * 0.5} -${width * 0.3} ${height * 0.8}Z" fill="${shop.trim}" opacity=".75"/><path d="M${x + width} ${y}h-${width * 0.3}q2 ${height * 0.5} ${width * 0.3} ${height * 0.8}Z" fill="${shop.trim}" opacity=".75"/>`
    : '';
  const box = random() < 0.6 ? windowBox(random, x, y + height, width) : '';
  return (
    `<rect x="${x - 6}" y="${y - 6}" width="${width + 12}" height="${height + 12}" rx="3" fill="${shop.trim}"/>` +
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${glass}"/>${curtain}` +
    `<path d="M${x + width / 2} ${y}v${height}M${x} ${y + height * 0.45}h${width}" stroke="${shop.trim}" stroke-width="4"/>` +
    `<rect x="${x - 10}" y="${y + height + 4}" width="${width + 20}" height="8" rx="2" fill="${darker(shop.trim, 0.15)}"/>${box}`
  );
}

function windowBox(random, x, y, width) {
  let plants = '';
  for (let i = 0; i < 14; i++)
    plants += `<circle cx="${x + (i + 0.5) * (width / 14)}" cy="${y - between(random, 2, 12)}" r="${between(random, 4, 7)}" fill="${pick(random, ['#4d7f4f', '#6a9c58', '#3e6b47'])}"/>`;
  for (let i = 0; i < 9; i++)
    plants += `<circle cx="${x + random() * width}" cy="${y - between(random, 4, 16)}" r="3.4" fill="${pick(random, ['#f26d7d', '#ffd166', '#fff'])}"/>`;
  return `${plants}<rect x="${x - 4}" y="${y}" width="${width + 8}" height="14" rx="3" fill="#8a5a3c"/>`;
}

function awning(x, y, width, first, second) {
  const stripe = width / 10;
  let drawing = '';
  for (let i = 0; i < 10; i++) {
    const fill = i % 2 ? second : first;
    const left = x + i * stripe;
    drawing += `<path d="M${left} ${y}h${stripe}v46a${stripe / 2} 12 0 0 1 -${stripe} 0Z" fill="${fill}"/>`;
  }
  return `${drawing}<rect x="${x}" y="${y + 30}" width="${width}" height="16" fill="url(#fade)" opacity=".6"/>`;
}

/** A board hung from an iron arm. Returns drawing and box of the board. */
function hangingSign(x, y, text, height, colour) {
  const width = textWidth(text, height) + height * 1.6;
  const tall = height * 2.1;
  const left = x - width / 2;
  return {
    svg:
      `<path d="M${left - 6} ${y}H${left + width + 4}M${left + width * 0.2} ${y}v10M${left + width * 0.8} ${y}v10" stroke="#2d2838" stroke-width="2.5" fill="none"/>` +
      `<rect x="${left}" y="${y + 10}" width="${width}" height="${tall}" rx="4" fill="${colour}" stroke="#2d2838" stroke-width="2"/>` +
      strokeText(text, x, y + 10 + (tall - height) / 2, {
        height,
        colour: '#fff8e8',
        weight: 0.95,
        anchor: 'middle',
      }),
    box: [left, y + 10, width, tall].map(Math.round),
  };
}

/** A price card on a stick. */
function priceTag(x, y, text, height) {
  const width = textWidth(text, height) + height * 1.1;
  const tall = height * 1.8;
  const left = x - width / 2;
  return {
    svg:
      `<path d="M${x} ${y}v14" stroke="#6b4a2e" stroke-width="1.6"/><rect x="${left}" y="${y - tall}" width="${width}" height="${tall}" rx="1.5" fill="#fffdf4" stroke="#8d7a5a" stroke-width=".8"/>` +
      strokeText(text, x, y - tall + (tall - height) / 2, {
        height,
        colour: '#3a2f3f',
        weight: 1,
        anchor: 'middle',
      }),
    box: [left, y - tall, width, tall].map(Math.round),
  };
}

function crate(random, x, y, colours, price) {
  let fruit = '';
  for (let row = 0; row < 3; row++) {
    for (let i = 0; i < 7; i++) {
      const cx = x + 8 + i * 12 + (row % 2) * 6;
      const cy = y - 2 - row * 7;
      const colour = pick(random, colours);
      fruit += `<circle cx="${cx}" cy="${cy}" r="7" fill="${colour}"/><circle cx="${cx - 2}" cy="${cy - 2.5}" r="2" fill="#fff" opacity=".45"/>`;
    }
  }
  const tag = priceTag(x + 48, y - 20, price, 8);
  const slats = [0, 13, 26]
    .map(
      (dy) =>
        `<rect x="${x}" y="${y + dy}" width="96" height="10" rx="1" fill="${mix('#b27a47', '#8a5a33', dy / 30)}"/>`,
    )
    .join('');
  return {
    svg: `${fruit}<rect x="${x + 2}" y="${y}" width="92" height="36" fill="#4a2f1d"/>${slats}${tag.svg}`,
    box: tag.box,
  };
}

function door(x, shop) {
  const colour = darker(shop.wall, 0.42);
  const y = PAVEMENT - 178;
  const plate = { width: 22, height: 16 };
  const left = x + 33 - plate.width / 2;
  return {
    svg:
      `<rect x="${x - 6}" y="${y - 6}" width="78" height="184" fill="${shop.trim}"/><rect x="${x}" y="${y}" width="66" height="178" fill="${colour}"/>` +
      `<rect x="${x + 10}" y="${y + 12}" width="46" height="64" rx="2" fill="url(#window)"/><path d="M${x + 33} ${y + 12}v64" stroke="${colour}" stroke-width="3"/>` +
      `<rect x="${x + 10}" y="${y + 104}" width="46" height="60" rx="2" fill="${lighter(colour, 0.12)}"/><circle cx="${x + 57}" cy="${y + 94}" r="3.5" fill="#e8c46a"/>` +
      `<rect x="${left}" y="${y + 82}" width="${plate.width}" height="${plate.height}" rx="2" fill="#fffaf0" stroke="#5a4a3a" stroke-width="1"/>` +
      strokeText(shop.number, x + 33, y + 86, {
        height: 8,
        colour: '#2b2740',
        weight: 1.1,
        anchor: 'middle',
      }),
    box: [left, y + 82, plate.width, plate.height].map(Math.round),
  };
}

const GOODS = {
  BREAD: (x, y) =>
    [0, 1, 2, 3]
      .map(
        (i) =>
          `<ellipse cx="${x + 22 + i * 40}" cy="${y - 12}" rx="18" ry="10" fill="#c9853f"/><path d="M${x + 12 + i * 40} ${y - 16}l5 5m4 -7l5 5m4 -6l4 5" stroke="#f3cf93" stroke-width="2"/>`,
      )
      .join(''),
  BOOKS: (x, y) =>
    [
      '#a33b3b',
      '#e3c16f',
      '#2f5d62',
      '#f1e6d0',
      '#724e91',
      '#d17a4a',
      '#3f6fa8',
      '#8fae5d',
      '#b04a6a',
      '#4a4a5e',
      '#d8b4a0',
      '#2f7a5f',
    ]
      .map(
        (fill, i) =>
          `<rect x="${x + 4 + i * 14}" y="${y - 44 - ((i * 7) % 13)}" width="12" height="${44 + ((i * 7) % 13)}" fill="${fill}"/>`,
      )
      .join(''),
  TEA: (x, y) =>
    [0, 1, 2]
      .map(
        (i) =>
          `<rect x="${x + 12 + i * 44}" y="${y - 34}" width="32" height="34" rx="4" fill="${['#5b7f5a', '#b5533c', '#3f5f8f'][i]}"/><rect x="${x + 16 + i * 44}" y="${y - 40}" width="24" height="8" rx="2" fill="#d9c9a3"/>`,
      )
      .join(''),
  FLOWERS: (x, y) =>
    Array.from(
      { length: 22 },
      (_, i) =>
        `<path d="M${x + 6 + i * 8} ${y}v-${18 + ((i * 11) % 26)}" stroke="#4d7f4f" stroke-width="2"/><circle cx="${x + 6 + i * 8}" cy="${y - 22 - ((i * 11) % 26)}" r="6" fill="${['#f26d7d', '#ffd166', '#c78fe0', '#fff', '#ff9a6c'][i % 5]}"/>`,
    ).join(''),
};

function clocks(x, y) {
  return [
    [24, 10, 2],
    [72, 4, 30],
    [124, 7, 15],
    [172, 1, 50],
  ]
    .map(([dx, hour, minute]) => {
      const hand = (turn, length) =>
        `<path d="M0 0v-${length}" transform="rotate(${turn})" stroke="#33293d" stroke-width="2.4" stroke-linecap="round"/>`;
      return `<g transform="translate(${x + dx} ${y - 58})"><circle r="20" fill="#fffaf0" stroke="#7a5a3c" stroke-width="4"/>${hand((hour + minute / 60) * 30, 9)}${hand(minute * 6, 14)}</g>`;
    })
    .join('');
}

function shopfront(random, x, shop) {
  const top = PAVEMENT - shop.height;
  const front = PAVEMENT - 250;
  const glass = { x: x + 18, y: PAVEMENT - 178, width: shop.width - 128, height: 120 };
  const parts = [
    `<rect x="${x}" y="${top}" width="${shop.width}" height="${shop.height}" fill="${shop.wall}"/>`,
    `<rect x="${x - 4}" y="${top - 12}" width="${shop.width + 8}" height="20" fill="${lighter(shop.wall, 0.3)}"/>`,
    `<rect x="${x}" y="${top}" width="${shop.width}" height="${shop.height}" fill="url(#fade)"/>`,
  ];
  const floors = Math.floor((shop.height - 330) / 122);
  for (let floor = 0; floor < floors; floor++) {
    for (const side of [0.2, 0.62])
      parts.push(
        upperWindow(
          random,
          x + shop.width * side,
          top + (floors > 1 ? 40 : 58) + floor * 112,
          shop.width * 0.2,
          78,
          shop,
        ),
      );
  }
  parts.push(
    `<rect x="${x}" y="${front}" width="${shop.width}" height="250" fill="${darker(shop.wall, 0.18)}"/>`,
  );
  parts.push(
    `<rect x="${glass.x - 6}" y="${glass.y - 6}" width="${glass.width + 12}" height="${glass.height + 12}" fill="${shop.trim}"/><rect x="${glass.x}" y="${glass.y}" width="${glass.width}" height="${glass.height}" fill="url(#window)"/>`,
  );
  const goods = shop.sign === 'CLOCKS' ? clocks : GOODS[shop.sign];
  parts.push(goods(glass.x + 4, glass.y + glass.height));
  const entrance = door(x + shop.width - 92, shop);
  parts.push(entrance.svg, awning(x + 6, front + 2, shop.width - 12, shop.awning, darker(shop.wall, 0.25)));
  return { svg: parts.join(''), door: entrance.box };
}

function lamp(x) {
  return (
    `<circle cx="${x}" cy="518" r="120" fill="url(#halo)"/><path d="M${x} 812V540" stroke="#241f30" stroke-width="9"/><path d="M${x - 12} 812h24l-5 -22h-14Z" fill="#241f30"/>` +
    `<path d="M${x - 15} 538h30l7 -40h-44Z" fill="#ffeab0"/><path d="M${x - 24} 498h48l-24 -20Z" fill="#241f30"/>`
  );
}

function nightSky(random) {
  let drawing =
    '<circle cx="1120" cy="96" r="110" fill="url(#halo)" opacity=".6"/><circle cx="1120" cy="96" r="34" fill="#fff4d2"/><circle cx="1110" cy="88" r="7" fill="#f0dcae"/><circle cx="1132" cy="102" r="5" fill="#f0dcae"/><circle cx="1118" cy="112" r="4" fill="#f0dcae"/>';
  for (let i = 0; i < 70; i++)
    drawing += `<circle cx="${between(random, 0, WIDTH).toFixed(1)}" cy="${between(random, 4, 300).toFixed(1)}" r="${between(random, 0.6, 1.5).toFixed(2)}" fill="#fff" opacity="${between(random, 0.3, 0.85).toFixed(2)}"/>`;
  for (const [x, y, size] of [
    [210, 120, 1],
    [720, 190, 0.8],
    [1450, 150, 0.9],
  ]) {
    drawing += `<g transform="translate(${x} ${y}) scale(${size})" fill="#8f83b5" opacity=".4"><ellipse rx="120" ry="16"/><ellipse cx="-40" cy="-12" rx="50" ry="18"/><ellipse cx="36" cy="-16" rx="60" ry="22"/></g>`;
  }
  return drawing;
}

/** Pennants on a line between two points that sags by `sag`. */
function bunting([x1, y1], [x2, y2], sag) {
  const at = (share) => [x1 + (x2 - x1) * share, y1 + (y2 - y1) * share + sag * 4 * share * (1 - share)];
  const colours = ['#ef6f6c', '#ffd166', '#7fc8a9', '#f7f1e3', '#6fa8dc'];
  let flags = '';
  const count = Math.round((x2 - x1) / 28);
  for (let i = 0; i < count; i++) {
    const [x, y] = at((i + 0.5) / count);
    flags += `<path d="M${x - 9} ${y}h18l-9 21Z" fill="${colours[i % 5]}"/>`;
  }
  return `<path d="M${x1} ${y1}Q${(x1 + x2) / 2} ${(y1 + y2) / 2 + sag * 2} ${x2} ${y2}" fill="none" stroke="#3a3350" stroke-width="1.6"/>${flags}`;
}

function cat(x, y) {
  return `<g transform="translate(${x} ${y})" fill="#2a2433"><path d="M0 0c-12 0 -17 -9 -15 -22c1 -8 4 -13 3 -21l7 6h10l7 -6c-1 8 2 13 3 21c2 13 -3 22 -15 22Z"/><path d="M13 -4c14 2 20 -8 14 -18" stroke="#2a2433" stroke-width="4" fill="none" stroke-linecap="round"/><circle cx="-4" cy="-32" r="1.6" fill="#ffe08a"/><circle cx="4" cy="-32" r="1.6" fill="#ffe08a"/></g>`;
}

function paving(random) {
  let stones = '';
  for (let row = 0; row < 8; row++) {
    const y = PAVEMENT + 40 + row * (14 + row * 2.2);
    const wide = 40 + row * 9;
    for (let x = -((row * 23) % wide); x < WIDTH; x += wide)
      stones += `<rect x="${x + 1.5}" y="${y}" width="${wide - 3}" height="${12 + row * 2}" rx="5" fill="${mix('#7d7389', '#4a4459', random())}" opacity=".55"/>`;
  }
  return stones;
}

/** The scene as SVG with what is known about it. */
export function marketStreet() {
  const random = seededRandom(21);
  let x = 0;
  const fronts = SHOPS.map((shop) => {
    const front = shopfront(random, x, shop);
    x += shop.width;
    return front;
  });
  const edges = SHOPS.map((_, i) => SHOPS.slice(0, i).reduce((sum, shop) => sum + shop.width, 0));
  const signs = SHOPS.map((shop, i) =>
    hangingSign(edges[i] + shop.width * 0.5, PAVEMENT - 312, shop.sign, 15, darker(shop.wall, 0.45)),
  );
  const crates = [
    crate(random, 40, 770, ['#d94f3d', '#e0694f', '#c23a33'], '2.40'),
    crate(random, 634, 770, ['#f0a63a', '#f7bd55', '#e58f2b'], '1.85'),
    crate(random, 732, 770, ['#8fb34a', '#a6c85e', '#779c3b'], '3.10'),
    crate(random, 1290, 770, ['#a04a8c', '#7b3f7a', '#b565a3'], '4.65'),
  ];
  const body = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#dusk)"/>`,
    nightSky(random),
    fronts.map((front) => front.svg).join(''),
    bunting([0, 440], [612, 486], 26) +
      bunting([612, 486], [1278, 486], 34) +
      bunting([1278, 486], [1600, 440], 18),
    `<rect y="${PAVEMENT}" width="${WIDTH}" height="36" fill="#9a90a3"/><rect y="${PAVEMENT + 30}" width="${WIDTH}" height="8" fill="#4c4558"/>`,
    `<rect y="${PAVEMENT + 38}" width="${WIDTH}" height="170" fill="url(#road)"/>`,
    paving(random),
    signs.map((sign) => sign.svg).join(''),
    crates.map((entry) => entry.svg).join(''),
    cat(1232, 802),
    lamp(612),
    lamp(1278),
  ];
  return {
    name: 'market-street',
    width: WIDTH,
    height: HEIGHT,
    svg: document(WIDTH, HEIGHT, defs, body),
    question: 'What does the card on the crate of green fruit say?',
    options: ['It says 3.10.', 'It says 1.85.', 'It says 2.40.', 'It says 4.65.'],
    targets: [{ name: 'card on the crate of green fruit', box: crates[2].box }],
  };
}

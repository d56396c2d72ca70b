import sharp from 'sharp';
import type { BoundingBox, Size } from '../../../src/common/boundingBox';

/** Size of the drawn scene, in pixels. */
export const SCENE: Size = { width: 2240, height: 1512 };

const STALLS = [
  [180, '#b5523b', 'BAKERY'],
  [640, '#3d7a5a', 'FRUIT'],
  [1100, '#3b5f9e', 'BOOKS'],
  [1560, '#8a6a2f', 'TEA'],
] as const;

function stall([x, colour, name]: (typeof STALLS)[number]): string {
  return `<g transform="translate(${x} 620)">
    <rect y="120" width="380" height="430" fill="#e9dfc9"/>
    <path d="M-20 120 L20 0 H360 L400 120 Z" fill="${colour}"/>
    <rect x="40" y="180" width="130" height="220" fill="#7d8f9b"/><rect x="210" y="180" width="130" height="220" fill="#93a4ad"/>
    <text x="190" y="84" font-family="sans-serif" font-size="58" font-weight="bold" fill="#fff" text-anchor="middle">${name}</text></g>`;
}

/** A street with stalls and, small in it, a red machine with a price: something to zoom on. */
function drawing(): string {
  const stones = Array.from({ length: 60 }, (_, i) => {
    const [x, y] = [(i * 397) % 2240, 1220 + ((i * 211) % 280)];
    return `<ellipse cx="${x}" cy="${y}" rx="34" ry="9" fill="#00000018"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SCENE.width}" height="${SCENE.height}">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#6ea6d8"/><stop offset="1" stop-color="#dcebf5"/></linearGradient></defs>
    <rect width="2240" height="900" fill="url(#sky)"/><circle cx="1900" cy="190" r="90" fill="#fff3c4"/>
    <path d="M0 640 L300 420 L620 640 L900 380 L1300 640 L1700 450 L2240 640 V900 H0 Z" fill="#8fae93"/>
    <rect y="880" width="2240" height="632" fill="#b9a88c"/>${STALLS.map(stall).join('')}${stones.join('')}
    <g transform="translate(1176 1128)"><rect width="76" height="108" rx="6" fill="#c8202c"/><rect x="8" y="10" width="40" height="60" fill="#f5f2ea"/>
    <text x="28" y="48" font-family="sans-serif" font-size="22" font-weight="bold" fill="#c8202c" text-anchor="middle">2.50</text>
    <rect x="54" y="14" width="14" height="30" fill="#222"/><rect x="12" y="82" width="50" height="14" fill="#7c121a"/></g>
    <g transform="translate(1262 1128)"><rect width="68" height="84" fill="#9a8f7c"/><rect x="20" y="40" width="26" height="44" rx="8" fill="#3a3a3a"/></g>
  </svg>`;
}

let drawn: Promise<Buffer> | undefined;

/** A piece of the scene, or all of it, as a host would send it: its longer side at most `maxSide` pixels. */
export async function scenePicture(
  maxSide: number,
  box?: BoundingBox,
): Promise<{ mediaType: string; bytes: Uint8Array; size: Size }> {
  drawn ??= sharp(Buffer.from(drawing())).png().toBuffer();
  let image = sharp(await drawn);
  if (box) {
    const { x1, y1, x2, y2 } = box;
    image = image.extract({ left: x1, top: y1, width: x2 - x1, height: y2 - y1 });
  }
  const { data, info } = await image
    .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer({ resolveWithObject: true });
  return {
    mediaType: 'image/png',
    bytes: new Uint8Array(data),
    size: { width: info.width, height: info.height },
  };
}

"""Writes small pictures of every kind that the store decodes, and the RGB that Pillow makes of them.

Usage: python makeModes.py FOLDER, with numpy and Pillow 12. `rgb` in modes.json holds the bytes in base64: EXIF
orientation applied, mode RGBA pasted onto white, every other mode by convert("RGB"), as qwen-vl-utils 0.0.14 does.
`dropped` and `white`: how far, in levels, convert("RGB") for all modes and transformers 5's compositing of all modes
onto white are from it.
"""
import base64, io, json, struct, sys, zlib
from pathlib import Path
import numpy as np
import PIL
from PIL import Image, ImageOps, ImageCms

out = Path(sys.argv[1]); out.mkdir(parents=True, exist_ok=True)
W, H = 11, 7
rng = np.random.default_rng(5)
y, x = np.mgrid[0:H, 0:W]
smooth = np.stack([x * 23, y * 36, 255 - x * 12 - y * 18], -1).clip(0, 255)
rgb = np.where((x + y)[..., None] % 5 == 0, rng.integers(0, 256, (H, W, 3)), smooth).astype(np.uint8)
alpha = ((x * 29 + y * 41) % 256).astype(np.uint8); alpha[0, 0] = 0; alpha[0, 1] = 255
grey = rgb[..., 1].copy()
deep = ((x * 6000 + y * 37) % 65536).astype(np.uint16); deep[0, :6] = [0, 1, 254, 255, 256, 65535]
deep_rgb = (rgb.astype(np.uint16) << 8) | rng.integers(0, 256, rgb.shape).astype(np.uint16)
cases = []

def chunk(kind, body):
    return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))

def png(samples, depth, colour, extra=()):
    """samples: [H, W, channels] of plain values."""
    rows = b''
    for line in samples.reshape(H, -1):
        if depth == 16: body = line.astype('>u2').tobytes()
        elif depth == 8: body = line.astype(np.uint8).tobytes()
        else:
            bits = ((line[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8).ravel()
            body = np.packbits(bits).tobytes()
        rows += b'\0' + body
    head = struct.pack('>IIBBBBB', W, H, depth, colour, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + b''.join(chunk(*e) for e in extra) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b'')

def saved(image, kind, **kw):
    buffer = io.BytesIO(); image.save(buffer, kind, **kw); return buffer.getvalue()

def shifted(gif, left, top, width, height):
    """The same frame at another place of a larger canvas."""
    at = gif.index(b'\x2c\0\0\0\0' + struct.pack('<HH', W, H))
    return gif[:6] + struct.pack('<HH', width, height) + gif[10:at + 1] + struct.pack('<HH', left, top) + gif[at + 5:]

def to_rgb(image):
    if image.mode == 'RGBA':
        white = Image.new('RGB', image.size, (255, 255, 255)); white.paste(image, mask=image.split()[3]); return white
    return image.convert('RGB')

def composite(image):
    if 'A' in image.getbands() or image.info.get('transparency') is not None:
        image = image.convert('RGBA')
        return Image.alpha_composite(Image.new('RGBA', image.size, (255,) * 4), image).convert('RGB')
    return image.convert('RGB')

def add(name, data):
    (out / name).write_bytes(data)
    stored = Image.open(io.BytesIO(data))
    mode = stored.mode
    image = ImageOps.exif_transpose(stored)
    expected = to_rgb(image)
    a, b, c = (np.asarray(i).astype(int) for i in (expected, image.convert('RGB'), composite(image)))
    cases.append({
        'file': name, 'mode': mode, 'width': expected.width, 'height': expected.height,
        'rgb': base64.b64encode(expected.tobytes()).decode(),
        'dropped': int(np.abs(a - b).max()), 'white': int(np.abs(a - c).max()),
    })

pal = rng.integers(0, 256, (256, 3)).astype(np.uint8)
plte = lambda n: (b'PLTE', pal[:n].tobytes())
trns = lambda *v: (b'tRNS', bytes(v))
for d in (1, 2, 4): add(f'grey{d}.png', png((grey >> (8 - d))[..., None], d, 0))
add('grey1-trns.png', png((grey >> 7)[..., None], 1, 0, [trns(0, 1)]))
add('grey8.png', png(grey[..., None], 8, 0))
add('grey8-trns.png', png(grey[..., None], 8, 0, [trns(0, int(grey[3, 3]))]))
add('grey16.png', png(deep[..., None], 16, 0))
add('grey16-trns.png', png(deep[..., None], 16, 0, [trns(0, 1)]))
add('grey-alpha8.png', png(np.stack([grey, alpha], -1), 8, 4))
add('grey-alpha16.png', png(np.stack([deep, alpha.astype(np.uint16) * 257], -1), 16, 4))
add('rgb8.png', png(rgb, 8, 2))
add('rgb8-trns.png', png(rgb, 8, 2, [(b'tRNS', struct.pack('>HHH', *map(int, rgb[2, 4])))]))
add('rgb16.png', png(deep_rgb, 16, 2))
add('rgb16-trns.png', png(deep_rgb, 16, 2, [(b'tRNS', struct.pack('>HHH', *map(int, deep_rgb[2, 4])))]))
add('rgba8.png', png(np.concatenate([rgb, alpha[..., None]], -1), 8, 6))
add('rgba16.png', png(np.concatenate([deep_rgb, (alpha.astype(np.uint16) * 257)[..., None]], -1), 16, 6))
for d in (1, 2, 4, 8): add(f'palette{d}.png', png((grey >> (8 - d))[..., None], d, 3, [plte(1 << d)]))
add('palette8-trns.png', png(grey[..., None], 8, 3, [plte(256), (b'tRNS', bytes(range(256)))]))
add('palette4-one-clear.png', png((grey >> 4)[..., None], 4, 3, [plte(16), trns(255, 255, 0)]))
add('palette-grey.png', png((grey >> 4)[..., None], 4, 3, [(b'PLTE', np.repeat(np.arange(16) * 17, 3).astype(np.uint8).tobytes())]))
exif = lambda n: (lambda e: (e.__setitem__(274, n), e.tobytes())[1])(Image.Exif())
picture = Image.fromarray(rgb)
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
add('exif6.png', saved(picture, 'PNG', exif=exif(6)))
add('gamma.png', png(rgb, 8, 2, [(b'gAMA', struct.pack('>I', 100000))]))
wide = Image.fromarray(np.asarray(picture.resize((37, 29), Image.BICUBIC)))
for n in range(1, 9): add(f'exif{n}.jpg', saved(wide.crop((0, 0, 19, 10)), 'JPEG', quality=90, exif=exif(n)))
for name, s in (('444', 0), ('422', 1), ('420', 2)): add(f'ycc{name}.jpg', saved(wide, 'JPEG', quality=85, subsampling=s))
add('progressive.jpg', saved(wide, 'JPEG', quality=85, progressive=True))
add('grey.jpg', saved(wide.convert('L'), 'JPEG', quality=85))
add('rgb.jpg', saved(wide, 'JPEG', quality=85, keep_rgb=True))
add('cmyk.jpg', saved(wide.convert('CMYK'), 'JPEG', quality=90))
add('icc.jpg', saved(wide, 'JPEG', quality=85, icc_profile=srgb))
add('palette.gif', saved(picture.quantize(16), 'GIF'))
q = picture.quantize(16)
add('clear.gif', saved(q, 'GIF', transparency=q.getpixel((4, 3))))
add('interlaced-clear.gif', saved(q, 'GIF', transparency=q.getpixel((0, 0)), interlace=1))
large = Image.fromarray(rng.integers(0, 256, (90, 120), dtype=np.uint8), 'P')
large.putpalette(pal.tobytes())
add('noise-clear.gif', saved(large, 'GIF', transparency=77))
add('shifted.gif', shifted(saved(q, 'GIF'), 3, 2, 15, 12))
add('shifted-clear.gif', shifted(saved(q, 'GIF', transparency=5), 3, 2, 15, 12))
add('animated.gif', saved(picture.quantize(16), 'GIF', save_all=True, append_images=[picture.transpose(0).quantize(16)]))
add('grey.gif', saved(Image.fromarray(grey), 'GIF'))
add('rgb.webp', saved(wide, 'WEBP', quality=80))
add('rgb-lossless.webp', saved(picture, 'WEBP', lossless=True))
rgba = Image.fromarray(np.concatenate([rgb, alpha[..., None]], -1))
add('rgba-lossless.webp', saved(rgba, 'WEBP', lossless=True, exact=True))
add('rgba.webp', saved(rgba.resize((37, 29)), 'WEBP', quality=80))
add('exif6.webp', saved(picture, 'WEBP', lossless=True, exif=exif(6)))
add('animated.webp', saved(picture, 'WEBP', lossless=True, save_all=True, append_images=[picture.transpose(0)]))
add('grey8.tif', saved(Image.fromarray(grey), 'TIFF'))
add('bilevel.tif', saved(Image.fromarray(grey).convert('1'), 'TIFF'))
add('bilevel-g4.tif', saved(Image.fromarray(grey).convert('1'), 'TIFF', compression='group4'))
add('grey16.tif', saved(Image.fromarray(deep), 'TIFF'))
add('grey-alpha.tif', saved(Image.fromarray(np.stack([grey, alpha], -1), 'LA'), 'TIFF'))
add('int32.tif', saved(Image.fromarray(deep.astype(np.int32)), 'TIFF'))
add('float.tif', saved(Image.fromarray((deep / 100).astype(np.float32)), 'TIFF'))
add('rgb-lzw.tif', saved(picture, 'TIFF', compression='tiff_lzw'))
add('rgb-jpeg.tif', saved(wide, 'TIFF', compression='jpeg'))
add('rgba.tif', saved(rgba, 'TIFF'))
add('palette.tif', saved(q, 'TIFF'))
add('cmyk.tif', saved(picture.convert('CMYK'), 'TIFF'))
add('orientation6.tif', saved(picture, 'TIFF', tiffinfo={274: 6}))
json.dump({'pillow': PIL.__version__, 'cases': cases}, open(out / 'modes.json', 'w'), indent=1)

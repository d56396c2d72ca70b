import assert from 'node:assert/strict';
import {
  boxInWindow,
  fitView,
  keepInWindow,
  labelPlace,
  viewOfBox,
  zoomAt,
} from '../../../src/webview/trajectory/viewport';

const WINDOW = { width: 500, height: 400 };
const IMAGE = { width: 2000, height: 1000 };

describe('viewport', () => {
  it('fits the image, centred', () => {
    assert.deepEqual(fitView(WINDOW, IMAGE), { scale: 0.25, x: 0, y: 75 });
  });

  it('keeps the point under the pointer while zooming', () => {
    const before = fitView(WINDOW, IMAGE);
    const after = zoomAt(before, 4, { x: 200, y: 200 }, WINDOW, IMAGE);
    assert.equal(after.scale, 1);
    assert.equal((200 - after.x) / after.scale, (200 - before.x) / before.scale);
    assert.equal((200 - after.y) / after.scale, (200 - before.y) / before.scale);
  });

  it('zooms out no further than the fit', () => {
    const fit = fitView(WINDOW, IMAGE);
    assert.deepEqual(zoomAt(fit, 0.1, { x: 10, y: 10 }, WINDOW, IMAGE), fit);
  });

  it('leaves no gap beside an image that fills the window', () => {
    assert.deepEqual(keepInWindow({ scale: 1, x: 50, y: -5000 }, WINDOW, IMAGE), { scale: 1, x: 0, y: -600 });
  });

  it('brings a box into the middle', () => {
    const box = { x1: 900, y1: 450, x2: 1000, y2: 550 };
    const seen = boxInWindow(box, viewOfBox(box, WINDOW, IMAGE));
    assert.deepEqual(seen, { x1: 200, y1: 150, x2: 300, y2: 250 });
  });

  it('keeps a label in the picture: above, else below, else inside', () => {
    const label = { width: 100, height: 16 };
    assert.deepEqual(labelPlace({ x1: 50, y1: 60, x2: 90, y2: 90 }, label, WINDOW), { x: 50, y: 44 });
    assert.deepEqual(labelPlace({ x1: 450, y1: 4, x2: 490, y2: 90 }, label, WINDOW), { x: 400, y: 90 });
    assert.deepEqual(labelPlace({ x1: -5, y1: -5, x2: 490, y2: 398 }, label, WINDOW), { x: 0, y: 0 });
  });
});

import assert from 'node:assert/strict';
import { imageFileName, imageOfView } from '../../../../src/host/images/seenImage';
import type { ImageView } from '../../../../src/protocol/trajectoryView';
import { plainRollout, twoCropRollout } from '../../../webview/support/demoData';

describe('the file of a crop', () => {
  const name = (label: string, image: Partial<ImageView> = {}): string => {
    const original: ImageView = { id: 'original:0', kind: 'original', state: 'available', label };
    return imageFileName(plainRollout(7, { originals: [original] }), { ...original, ...image });
  };

  it('is named after the original and the call', () => {
    assert.equal(name('street.jpg', { kind: 'rebuilt', call: 2 }), 'street-crop2');
    assert.equal(name('street.jpg'), 'street');
    assert.equal(name('Straße 5.tar.png', { kind: 'stored', call: 1 }), 'Straße-5-tar-crop1');
  });

  it('never has a name that leads elsewhere', () => {
    assert.equal(name('../../etc/passwd', { kind: 'rebuilt', call: 1 }), 'etc-passwd-crop1');
    assert.equal(name('..', { kind: 'rebuilt', call: 1 }), 'rollout-7-crop1');
    assert.equal(name('a\u0000b\u202e\n.png'), 'a-b');
    assert.ok(name('x'.repeat(500)).length < 100);
  });

  it('is found by the id of its image', () => {
    const view = twoCropRollout(0);
    assert.equal(imageOfView(view, 'original:0')?.kind, 'original');
    assert.equal(imageOfView(view, 'observation:1:0')?.kind, 'rebuilt');
    assert.equal(imageOfView(view, 'observation:9:0'), undefined);
  });
});

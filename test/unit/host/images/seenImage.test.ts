import assert from 'node:assert/strict';
import { imageFileName, imageOfView } from '../../../../src/host/images/seenImage';
import type { ImageView, TrajectoryView } from '../../../../src/protocol/trajectoryView';

const image = (id: string, kind: ImageView['kind'], label = 'street.jpg'): ImageView => ({
  id,
  kind,
  state: 'available',
  label,
});

function viewOf(original: ImageView, observed: readonly ImageView[] = []): TrajectoryView {
  return {
    index: 7,
    question: 'What?',
    user: 'What?',
    originals: [original],
    turns: observed.map((one) => ({
      raw: '',
      parts: [{ kind: 'observation', text: '', images: [one] }],
      recovered: false,
    })),
    outcome: { status: 'finished' },
    frame: 'original',
    zoomVariant: 'trainingV2',
    zoomCount: 0,
    toolCalls: 0,
    settings: [],
    extras: [],
    bytes: { start: 0, end: 1 },
  };
}

describe('the file of a crop', () => {
  const name = (label: string, more: Partial<ImageView> = {}): string => {
    const original = image('original:0', 'original', label);
    return imageFileName(viewOf(original), { ...original, ...more });
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
    const view = viewOf(image('original:0', 'original'), [
      image('observation:0:0', 'stored'),
      image('observation:1:0', 'rebuilt'),
    ]);
    assert.equal(imageOfView(view, 'original:0')?.kind, 'original');
    assert.equal(imageOfView(view, 'observation:1:0')?.kind, 'rebuilt');
    assert.equal(imageOfView(view, 'observation:9:0'), undefined);
  });
});

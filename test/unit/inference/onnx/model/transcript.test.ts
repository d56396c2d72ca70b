import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Transcript } from '../../../../../src/inference/onnx/model/transcript';
import { tokenPositions } from '../../../../../src/inference/onnx/positions/mrope';

const IMAGE = 99;
const PICTURE = { pixels: { width: 1, height: 1, data: new Uint8Array(3) } };

interface Piece {
  readonly text?: number;
  readonly image?: { readonly rows: number; readonly columns: number };
}

const pieces = fc.array(
  fc.oneof(
    fc.record({ text: fc.integer({ min: 0, max: 90 }) }),
    fc.record({
      image: fc.record({ rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 9 }) }),
    }),
  ),
  { maxLength: 12 },
) as fc.Arbitrary<Piece[]>;

function add(transcript: Transcript, piece: Piece): void {
  if (piece.text !== undefined) transcript.addTokens(new Array<number>(piece.text).fill(7));
  if (piece.image) transcript.addImage(IMAGE, piece.image.rows * piece.image.columns, piece.image, PICTURE);
}

/** What the whole sequence says at once must be what was put together piece by piece. */
function assertRight(transcript: Transcript): void {
  const ids = transcript.history.slice();
  const grids = transcript.images.map((span) => span.merged);
  const { positions } = tokenPositions(ids, IMAGE, grids);
  assert.deepEqual(transcript.positionsOf(0, transcript.length), positions);
  for (const span of transcript.images) {
    assert.deepEqual(new Set(ids.slice(span.start, span.start + span.tokens)), new Set([IMAGE]));
  }
}

describe('Transcript', () => {
  it('places tokens as one layout of the whole would', () => {
    fc.assert(
      fc.property(pieces, (list) => {
        const transcript = Transcript.empty();
        for (const piece of list) {
          add(transcript, piece);
          assertRight(transcript);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('goes on rightly after going back, dropping an image that is cut, and leaves copies alone', () => {
    fc.assert(
      fc.property(pieces, pieces, fc.double({ min: 0, max: 1, noNaN: true }), (first, second, share) => {
        const transcript = Transcript.empty();
        for (const piece of first) add(transcript, piece);
        const copy = transcript.copy();
        const before = copy.positionsOf(0, copy.length);
        const cut = Math.floor(share * transcript.length);
        const cutImage = transcript.images.find((span) => span.start < cut && span.start + span.tokens > cut);
        transcript.rewind(cut);
        assert.equal(transcript.length, cutImage?.start ?? cut);
        for (const piece of second) add(transcript, piece);
        assertRight(transcript);
        assert.deepEqual(copy.positionsOf(0, copy.length), before);
        assertRight(copy);
      }),
      { numRuns: 200 },
    );
  });

  it('does not forget anything when going back to a longer length', () => {
    const transcript = Transcript.empty();
    add(transcript, { text: 5 });
    transcript.rewind(9);
    assert.equal(transcript.length, 5);
    transcript.rewind(0);
    assert.equal(transcript.length, 0);
    add(transcript, { image: { rows: 2, columns: 3 } });
    assertRight(transcript);
  });

  it('gives positions that nobody can write to', () => {
    const transcript = Transcript.empty();
    add(transcript, { text: 3 });
    transcript.positionsOf(0, 3).fill(77);
    assertRight(transcript);
  });
});

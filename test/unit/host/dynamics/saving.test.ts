import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { csvPieces } from '../../../../src/host/dynamics/saveTable';
import { writeWhole } from '../../../../src/host/wholeFile';
import { ScratchFolder } from '../../../support/scratchFolder';

async function* pieces(...all: (string | Uint8Array | Error)[]): AsyncGenerator<string | Uint8Array> {
  for (const piece of all) {
    if (piece instanceof Error) throw piece;
    yield piece;
  }
}

describe('a file that is written whole', () => {
  let folder: ScratchFolder;
  beforeEach(() => (folder = new ScratchFolder()));
  afterEach(() => folder.remove());

  it('has all pieces, in the place of what was there', async () => {
    const file = folder.write('curves.csv', 'old');
    await writeWhole(file, pieces('step,', 'löss\n', Uint8Array.from([49, 44, 50])));
    assert.equal(readFileSync(file, 'utf8'), 'step,löss\n1,2');
    assert.deepEqual(readdirSync(folder.path), ['curves.csv']);
  });

  it('stays as it was when the pieces end in an error, and nothing lies beside it', async () => {
    const file = folder.write('curves.csv', 'old');
    await assert.rejects(writeWhole(file, pieces('new', new Error('torn'))), /torn/);
    assert.equal(readFileSync(file, 'utf8'), 'old');
    await assert.rejects(writeWhole(path.join(folder.path, 'none', 'x.csv'), pieces('new')));
    assert.deepEqual(readdirSync(folder.path), ['curves.csv']);
  });
});

describe('the pieces of a table', () => {
  const never = new AbortController().signal;
  const all = async (source: AsyncIterable<string>): Promise<string> => {
    let text = '';
    for await (const piece of source) text += piece;
    return text;
  };

  it('are asked for one after the other, up to the last', async () => {
    const asked: number[] = [];
    const written: number[] = [];
    const read = (from: number): Promise<{ text: string; next?: number }> => {
      asked.push(from);
      return Promise.resolve({ text: `rows ${from}\n`, ...(from < 20 && { next: from + 10 }) });
    };
    const text = await all(csvPieces(read, never, (characters) => written.push(characters)));
    assert.equal(text, 'rows 0\nrows 10\nrows 20\n');
    assert.deepEqual(
      [asked, written],
      [
        [0, 10, 20],
        [7, 15, 23],
      ],
    );
  });

  it('end when somebody stops them, and when they would not come to an end', async () => {
    const abort = new AbortController();
    const endless = (from: number): Promise<{ text: string; next: number }> => {
      if (from >= 3) abort.abort();
      return Promise.resolve({ text: 'x', next: from + 1 });
    };
    await assert.rejects(all(csvPieces(endless, abort.signal, () => undefined)), { code: 'cancelled' });
    const circle = (): Promise<{ text: string; next: number }> => Promise.resolve({ text: 'x', next: 0 });
    await assert.rejects(all(csvPieces(circle, never, () => undefined)), { code: 'internal' });
  });
});

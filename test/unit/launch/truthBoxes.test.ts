import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { boxToArray } from '../../../src/common/boundingBox';
import { boxesBeside } from '../../../src/launch/truthBeside';
import { readTruthFile } from '../../../src/launch/truthFile';
import { TruthTable } from '../../../src/launch/truthTable';
import { ScratchFolder } from '../../support/scratchFolder';

describe('ground-truth boxes', () => {
  const scratch = new ScratchFolder();
  after(() => scratch.remove());
  const write = (name: string, content: unknown): string =>
    scratch.write(name, typeof content === 'string' ? content : JSON.stringify(content));
  const asked = (image: string | undefined, question = 'What colour is it?') => ({
    image,
    question,
    user: `${question}\n(A) red`,
  });
  const found = async (file: string, image: string | undefined, question?: string) => {
    const { entries } = await readTruthFile(file);
    return new TruthTable(entries).find(asked(image, question))?.map(boxToArray);
  };

  it('are read from JSON lines, corners and extents by the name of the field', async () => {
    const lines = [
      { image: 'a/one.jpg', question: 'What colour is it?', boxes: [[1, 2, 11, 22]] },
      { image: 'a/two.jpg', bbox: [[10, 20, 5, 6]] },
      { image: 'a/three.jpg', bbox_2d: [3, 4, 5, 6] },
    ];
    const file = write('boxes.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    assert.deepEqual(await found(file, '/data/a/one.jpg'), [[1, 2, 11, 22]]);
    assert.deepEqual(await found(file, 'two.png'), [[10, 20, 15, 26]]);
    assert.deepEqual(await found(file, 'three.jpg'), [[3, 4, 5, 6]]);
    assert.equal(await found(file, 'four.jpg'), undefined);
  });

  it('of a question are for that question alone', async () => {
    const file = write('questions.json', [
      { image: 'one.jpg', question: 'What  colour is it?', boxes: [1, 2, 3, 4] },
      { image: 'one.jpg', question: 'Where is the dog?', boxes: [5, 6, 7, 8] },
      { image: 'two.jpg', question: 'Where is the cat?', boxes: [5, 6, 7, 8] },
    ]);
    assert.deepEqual(await found(file, 'one.jpg', 'what colour is it?'), [[1, 2, 3, 4]]);
    assert.deepEqual(await found(file, 'one.jpg', 'Where is the dog?'), [[5, 6, 7, 8]]);
    assert.equal(await found(file, 'two.jpg'), undefined);
    assert.deepEqual(await found(file, undefined, 'Where is the cat?'), [[5, 6, 7, 8]]);
  });

  it('of pictures of one name are told apart by folder, and left out where that does not tell', async () => {
    const file = write('folders.json', {
      'left/sa_1.jpg': [[1, 1, 2, 2]],
      'right/sa_1.jpg': { bbox: [3, 3, 1, 1] },
    });
    assert.deepEqual(await found(file, '/pictures/right/sa_1.jpg'), [[3, 3, 4, 4]]);
    assert.deepEqual(await found(file, 'x/left/sa_1.jpg'), [[1, 1, 2, 2]]);
    assert.equal(await found(file, 'sa_1.jpg'), undefined);
  });

  it('are read from COCO and from tables', async () => {
    const coco = write('coco.json', {
      images: [{ id: 7, file_name: 'one.jpg' }],
      annotations: [
        { image_id: 7, bbox: [1, 2, 3, 4] },
        { image_id: 7, bbox: [10, 10, 5, 5] },
        { image_id: 8, bbox: [0, 0, 1, 1] },
      ],
    });
    assert.deepEqual(await found(coco, 'one.jpg'), [
      [1, 2, 4, 6],
      [10, 10, 15, 15],
    ]);
    const { bad, problem } = await readTruthFile(coco);
    assert.equal(bad, 1);
    assert.match(problem ?? '', /annotation 2/);
    const corners = write('corners.csv', 'image,x1,y1,x2,y2\none.jpg,1,2,3,4\n');
    assert.deepEqual(await found(corners, 'one.jpg'), [[1, 2, 3, 4]]);
    const lists = write('lists.csv', 'image;question;boxes\none.jpg;What colour is it?;[[1, 2, 3, 4]]\n');
    assert.deepEqual(await found(lists, 'one.jpg'), [[1, 2, 3, 4]]);
  });

  it('that are empty, or no boxes, are told', async () => {
    const none = write('none.json', [{ image: 'one.jpg', boxes: [5, 5, 5, 9] }]);
    await assert.rejects(readTruthFile(none), /left, top, right, bottom/);
    const text = write('notes.txt', 'hello\nthere');
    await assert.rejects(readTruthFile(text), { code: 'input' });
    await assert.rejects(readTruthFile(path.join(scratch.path, 'absent.json')), { code: 'missing' });
  });

  it('beside an image are those of V*, for its question, and never those behind a link', async () => {
    const picture = write('v/sa_1.jpg', 'picture');
    write('v/sa_1.json', { question: 'What colour is it?', bbox: [[10, 20, 30, 40]] });
    const there = await boxesBeside(picture, asked('sa_1.jpg'));
    assert.deepEqual(there?.boxes.map(boxToArray), [[10, 20, 40, 60]]);
    assert.equal(there.name, 'sa_1.json');
    assert.equal(await boxesBeside(picture, asked('sa_1.jpg', 'Where is the dog?')), undefined);
    const other = write('v/sa_2.jpg', 'picture');
    assert.equal(await boxesBeside(other, asked('sa_2.jpg')), undefined);
    symlinkSync(path.join(scratch.path, 'v/sa_1.json'), path.join(scratch.path, 'v/sa_2.json'));
    assert.equal(await boxesBeside(other, asked('sa_2.jpg')), undefined);
  });
});

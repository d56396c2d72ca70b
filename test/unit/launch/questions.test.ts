import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readQuestions } from '../../../src/launch/questions';

const SAMPLES = path.join(__dirname, '../../../media/demo/samples');

describe('readQuestions', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'imcot-questions-'));
    for (const name of ['a.jpg', 'b.jpg']) writeFileSync(path.join(folder, name), 'x');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string | Uint8Array): string => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const jsonl = (...lines: readonly unknown[]): string =>
    write(
      'q.jsonl',
      lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
    );

  describe('from JSONL', () => {
    it('reads every field, with pictures relative to the file', async () => {
      const file = jsonl({
        image: 'a.jpg',
        question: ' What? ',
        answer: 7,
        options: ['six', 7],
        boxes: [[1, 2, 3.5, 4]],
        category: 'count',
        id: 12,
        more: null,
      });
      const { questions, problems, bad } = await readQuestions(file);
      assert.deepEqual(questions, [
        {
          image: path.join(folder, 'a.jpg'),
          question: 'What?',
          groundTruth: '7',
          options: ['six', '7'],
          boxes: [[1, 2, 3.5, 4]],
          split: 'count',
          id: '12',
        },
      ]);
      assert.deepEqual([problems, bad], [[], 0]);
    });

    it('takes kind before split before category, a box without a list around it, and an absolute path', async () => {
      const image = path.join(folder, 'b.jpg');
      const fields = { image, question: 'q', boxes: [1, 2, 3, 4] };
      const { questions } = await readQuestions(
        jsonl({ ...fields, kind: 'k', split: 's', category: 'c' }, { ...fields, split: 's', category: 'c' }),
      );
      assert.deepEqual(
        questions.map(({ split }) => split),
        ['k', 's'],
      );
      assert.deepEqual(questions[0]?.boxes, [[1, 2, 3, 4]]);
      assert.equal(questions[0]?.image, image);
    });

    it('names a question by picture and text, and a repeated one by its repetition', async () => {
      const same = { image: 'a.jpg', question: 'q' };
      const { questions } = await readQuestions(
        jsonl(same, same, { ...same, image: './a.jpg' }, same, { ...same, id: 'x' }, { ...same, id: 'x' }),
      );
      const key = createHash('sha256').update('["a.jpg","q"]').digest('hex').slice(0, 12);
      const ids = questions.map(({ id }) => id);
      assert.deepEqual([ids[0], ids[1], ids[3]], [key, `${key}-1`, `${key}-2`]);
      assert.deepEqual(ids.slice(4), ['x', 'x-1']);
      assert.equal(new Set(ids).size, 6);
    });

    it('tells what is no question by file and line, and reads the others', async () => {
      const good = { image: 'a.jpg', question: 'q' };
      const file = jsonl(
        good,
        '',
        '{"image": "a.jpg", ',
        '[1]',
        { question: 'q' },
        { image: 'a.jpg', question: '  ' },
        { ...good, image: 'c.jpg' },
        { ...good, image: 'https://example.org/a.jpg' },
        { ...good, boxes: [[10, 10, 5, 20]] },
        { ...good, boxes: [[1, 2, 3]] },
        { ...good, options: 'A or B' },
        { ...good, question: { text: 'q' } },
        good,
      );
      const { questions, problems, bad } = await readQuestions(file);
      assert.equal(questions.length, 2);
      assert.equal(bad, 10);
      // One whose picture is missing is known a little later than the others.
      const byLine = problems.map((text) => text.slice(file.length)).sort();
      const said = byLine.map((text) => text.replace(/\(.*\)/, '(...)'));
      assert.deepEqual(
        said.sort((x, y) => Number(x.slice(7, 9).replace(':', '')) - Number(y.slice(7, 9).replace(':', ''))),
        [
          ', line 3: it is no JSON (...).',
          ', line 4: it is a list, and should be an object.',
          ', line 5: it has no "image", the path of a picture.',
          ', line 6: it has no "question".',
          `, line 7: there is no picture ${path.join(folder, 'c.jpg')}.`,
          ', line 8: its "image" is an address; a path of a file is needed.',
          ', line 9: its box [10, 10, 5, 20] is empty: [x1, y1, x2, y2] are the left, top, right and bottom edge.',
          ', line 10: its "boxes" should be lists of four numbers, [[x1, y1, x2, y2], ...].',
          ', line 11: its "options" are a text, and should be a list of texts.',
          ', line 12: its "question" is an object, and should be a text.',
        ],
      );
    });

    it('divides at line feeds alone, and knows a byte order mark and carriage returns', async () => {
      const one = JSON.stringify({ image: 'a.jpg', question: 'x\u2028y\u0085z' });
      const file = write('q.jsonl', `\ufeff${one}\r\n\r\n${one.replace('z', 'w')}\r\n`);
      const { questions } = await readQuestions(file);
      assert.deepEqual(
        questions.map(({ question }) => question),
        ['x\u2028y\u0085z', 'x\u2028y\u0085w'],
      );
    });

    it('reads a hundred thousand lines, and keeps the first thousand problems', async function () {
      this.timeout(120_000);
      const line = (index: number): string =>
        index % 4 === 0
          ? '{"question": "no picture"}'
          : `{"image": "${index % 2 === 0 ? 'a' : 'b'}.jpg", "question": "What is thing ${index}, ä?"}`;
      const file = write('q.jsonl', Array.from({ length: 100_000 }, (_, index) => line(index)).join('\n'));
      const { questions, problems, bad } = await readQuestions(file);
      assert.deepEqual([questions.length, problems.length, bad], [75_000, 1000, 25_000]);
      assert.equal(questions[74_999]?.question, 'What is thing 99999, ä?');
    });

    it('stops when it is told to', async () => {
      const file = jsonl({ image: 'a.jpg', question: 'q' });
      await assert.rejects(readQuestions(file, AbortSignal.abort()), { code: 'cancelled' });
    });
  });

  describe('from a table', () => {
    it('reads quotes, line ends in fields, boxes and options', async () => {
      const file = write(
        'q.csv',
        '\ufeffImage,Question,answer,boxes,options,kind\r\n' +
          'a.jpg,"What, ""here""?\r\nSay it.",red,"[[1,2,3,4]]",red | blue,colour\r\n' +
          '\r\n' +
          'b.jpg,Which?,,,"[""x"",""y""]"\r\n' +
          'b.jpg,One, too many,red,,,,\r\n' +
          'c.jpg,Where?,,,,\r\n',
      );
      const { questions, problems } = await readQuestions(file);
      const [first, second] = questions;
      assert.deepEqual(
        { ...first, id: '' },
        {
          image: path.join(folder, 'a.jpg'),
          question: 'What, "here"?\r\nSay it.',
          groundTruth: 'red',
          boxes: [[1, 2, 3, 4]],
          options: ['red', 'blue'],
          split: 'colour',
          id: '',
        },
      );
      assert.deepEqual(second?.options, ['x', 'y']);
      assert.deepEqual(problems, [
        `${file}, line 6: it has 8 fields and the first row 6; a field with a separator in it must stand in quotes.`,
        `${file}, line 7: there is no picture ${path.join(folder, 'c.jpg')}.`,
      ]);
    });

    it('reads semicolons and lettered options', async () => {
      const file = write('q.csv', 'id;image;question;answer;A;B;C\n7;a.jpg;Which, then?;B;one;two;\n');
      const { questions } = await readQuestions(file);
      assert.deepEqual(questions, [
        {
          image: path.join(folder, 'a.jpg'),
          question: 'Which, then?',
          groundTruth: 'B',
          options: ['one', 'two'],
          id: '7',
        },
      ]);
    });

    it('tells of a quote that is never closed', async () => {
      const file = write('q.csv', 'image,question\na.jpg,fine\nb.jpg,"open\na.jpg,swallowed\n');
      const { questions, problems } = await readQuestions(file);
      assert.equal(questions.length, 1);
      assert.deepEqual(problems, [`${file}, line 3: a quote that opens in this row is never closed.`]);
    });
  });

  describe('from a folder as V* has it', () => {
    it('reads each kind from its folder: the first option is right, boxes have corners', async () => {
      const kind = path.join(folder, 'relative_position');
      mkdirSync(kind);
      for (const name of ['harbour.json', 'harbour.jpg']) {
        copyFileSync(path.join(SAMPLES, name), path.join(kind, name));
      }
      writeFileSync(path.join(kind, 'settings.json'), '{"other": 1}');
      writeFileSync(path.join(kind, 'alone.json'), '{"question": "Where?"}');
      writeFileSync(path.join(folder, 'a.json'), '{"options": ["x"]}');
      const { questions, problems } = await readQuestions(folder);
      const source = JSON.parse(readFileSync(path.join(SAMPLES, 'harbour.json'), 'utf8')) as {
        question: string;
        options: string[];
      };
      assert.deepEqual(questions, [
        {
          image: path.join(kind, 'harbour.jpg'),
          question: source.question,
          options: source.options,
          groundTruth: source.options[0],
          boxes: [
            [754, 643, 786, 695],
            [886, 478, 1036, 620],
          ],
          split: 'relative_position',
          id: 'relative_position/harbour',
        },
      ]);
      assert.deepEqual(problems, [
        `${path.join(folder, 'a.json')}: it has no "question".`,
        `${path.join(kind, 'alone.json')}: there is no picture alone beside it.`,
      ]);
    });

    it('reads the sample scenes', async () => {
      const { questions } = await readQuestions(SAMPLES);
      assert.deepEqual(
        questions.map(({ id }) => id),
        ['evening-sky', 'harbour', 'jar-shelf', 'market-street', 'station'].map((name) => `samples/${name}`),
      );
    });
  });

  it('says what is wrong with a place that holds no questions', async function () {
    this.timeout(60_000);
    const rejects = (place: string, code: string, message: RegExp): Promise<void> =>
      assert.rejects(readQuestions(place), { name: 'ImcotError', code, message });
    await rejects(path.join(folder, 'none.jsonl'), 'missing', /^There is no file .*none\.jsonl\.$/);
    await rejects(write('empty.jsonl', ' \n\n'), 'input', /empty\.jsonl holds no questions\.$/);
    await rejects(write('list.json', '[{"image": "a.jpg"}]'), 'input', /is one JSON list/);
    await rejects(write('utf16.csv', Uint8Array.of(0xff, 0xfe, 0x69, 0)), 'input', /UTF-16/);
    await rejects(write('other.txt', 'some words\nand more\n'), 'input', /no column "image" and "question"/);
    await rejects(jsonl({ question: 'q' }, { question: 'q' }), 'input', /line 1: .* 1 more like this\.$/);
    await rejects(
      write('long.txt', 'x'.repeat(17 * 2 ** 20)),
      'limit',
      /^.*long\.txt: line 1 has more than 16 /,
    );
    mkdirSync(path.join(folder, 'bare'));
    await rejects(path.join(folder, 'bare'), 'input', /bare holds no questions\.$/);
    const latin = Uint8Array.from('{"image": "a.jpg", "question": "caf\u00e9?"}', (letter) =>
      letter.charCodeAt(0),
    );
    await rejects(write('latin.jsonl', latin), 'input', /its "question" is no UTF-8 text/);
  });
});

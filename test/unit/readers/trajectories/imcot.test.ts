import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';
import path from 'node:path';
import { parseJson } from '../../../../src/common/json';
import { DAMAGED_EVENTS, imcotReader } from '../../../../src/readers/trajectories/imcot';
import { linesOfTrajectory } from '../../../../src/readers/trajectories/imcotFromTrajectory';
import { readerOf } from '../../../../src/readers/registry';
import type { TrajectoryEvent } from '../../../../src/trajectory/eventLog';
import { eventLine, headerLine } from '../../../../src/trajectory/eventLog';
import { parseTurn } from '../../../../src/trajectory/parseTurn';
import type { Trajectory } from '../../../../src/trajectory/trajectory';
import { anyTrajectory } from '../../../support/arbitraryTrajectory';
import { FORMATS, fixtureFiles, fixtureRecords } from '../../../support/fixtureRecords';
import { contextAt, readGood, reasonOf } from '../../../support/readRecords';

const ROOT = path.join(__dirname, '../../../..');
const schema = JSON.parse(
  readFileSync(path.join(ROOT, 'docs/trajectory-format.schema.json'), 'utf8'),
) as object;
// NaN and infinities are numbers in this format.
const validate = new Ajv2020({ strictNumbers: false, strict: true, allowUnionTypes: true }).compile(schema);

function checkedValue(line: string): unknown {
  const parsed = parseJson(line);
  assert.ok(parsed.ok, line);
  assert.ok(validate(parsed.value), `${JSON.stringify(validate.errors)} in ${line.slice(0, 400)}`);
  return parsed.value;
}

const readEvents = (...events: TrajectoryEvent[]) =>
  readGood(imcotReader, ...events.map((event) => checkedValue(eventLine(0, event)))).trajectory;

const START: TrajectoryEvent = { event: 'start', prompt: { user: 'q' } };

function withoutOrigin({ origin: _origin, ...rest }: Trajectory): Omit<Trajectory, 'origin'> {
  return rest;
}

describe('event log: reading', () => {
  it('reads the fixture: a finished, a wrong, a failed and a running rollout', () => {
    const [a, b, c, d] = fixtureRecords('imcot').map((values) => readGood(imcotReader, ...values));
    assert.ok(a && b && c && d);
    assert.deepEqual(
      [a, b, c, d].map(({ trajectory }) => [
        trajectory.id,
        trajectory.outcome.status,
        trajectory.verdict?.correct,
      ]),
      [
        ['a', 'finished', true],
        ['b', 'finished', false],
        ['c', 'error', undefined],
        ['d', 'running', undefined],
      ],
    );
    const { turns, tokens, prompt, extras, groundTruthBoxes } = a.trajectory;
    assert.deepEqual(prompt.images, [{ kind: 'file', path: 'scene.png', size: { width: 64, height: 56 } }]);
    assert.deepEqual([...extras.keys()], ['model', 'settings']);
    assert.deepEqual(groundTruthBoxes, [{ x1: 21, y1: 19, x2: 35, y2: 29 }]);
    assert.equal(turns.length, 2);
    assert.deepEqual(
      turns[0]?.parts.map((part) => [part.kind, part.tokens]),
      [
        ['thought', { start: 1, end: 5 }],
        ['toolCall', { start: 7, end: 8 }],
      ],
    );
    const image = turns[0]?.observation?.images[0];
    assert.ok(image?.kind === 'inline' && image.mediaType === 'image/png');
    assert.deepEqual([...a.images.keys()], [image.hash]);
    assert.deepEqual(turns[0]?.observation?.tokens, { start: 9, end: 12 });
    assert.deepEqual(tokens?.actionMask.map(Number).join(''), '111111111000111');
    assert.equal(tokens?.logProbabilities?.[3], -2.25);
    assert.deepEqual(tokens?.logProbabilities?.slice(9, 12), [NaN, NaN, NaN]);
    assert.equal(b.trajectory.tokens?.logProbabilities?.[4], -Infinity);
    const call = c.trajectory.turns[0]?.parts[1];
    assert.ok(call?.kind === 'toolCall' && call.call.status === 'parsed');
    assert.deepEqual(call.call.box, { x1: 0, y1: 0, x2: 40, y2: 40 });
    assert.equal(c.trajectory.turns[0]?.observation?.error, 'Error: there is no image');
    assert.equal(c.trajectory.outcome.reason, 'The model server went away.');
    assert.equal(d.trajectory.turns[0]?.raw, '<think>Hm');
    assert.equal(d.trajectory.turns[0]?.parts[0]?.closed, false);
  });

  it('puts a turn together from any pieces of its text', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string(), { minLength: 1 }), { maxLength: 4 }), (turns) => {
        const events = turns.flatMap((pieces, turn) =>
          pieces.map((text): TrajectoryEvent => ({ event: 'text', turn, text })),
        );
        const raws = turns.map((pieces) => pieces.join(''));
        const found = readEvents(START, ...events).turns;
        assert.deepEqual(
          found,
          raws.map((raw) => ({ raw, parts: parseTurn(raw, 'trainingV2').parts })),
        );
      }),
    );
  });

  it('passes over events and fields that it does not know', () => {
    const later = { t: 0, event: 'laterInvention', turn: 'x' };
    const start = { t: 0, event: 'start', prompt: { user: 'q', later: 1 }, later: true };
    assert.ok(validate(later), JSON.stringify(validate.errors));
    assert.ok(validate(start), JSON.stringify(validate.errors));
    const { trajectory } = readGood(imcotReader, start, later);
    assert.equal(trajectory.extras.size, 0);
  });

  it('takes all boxes of the ground truth, or shows what stands there with the extras', () => {
    const boxesOf = (boxes: unknown) => {
      const { trajectory } = readGood(imcotReader, { t: 0, event: 'start', prompt: { user: 'q' }, boxes });
      return [trajectory.groundTruthBoxes, trajectory.extras.get('boxes')];
    };
    assert.deepEqual(boxesOf([[1, 2, 3, 4.5]]), [[{ x1: 1, y1: 2, x2: 3, y2: 4.5 }], undefined]);
    assert.deepEqual(boxesOf([]), [[], undefined]);
    for (const wrong of [
      [
        [1, 2, 3, 4],
        [1, 2],
      ],
      'none',
      { x1: 1 },
      [[1, 2, 3, 'NaN']],
    ])
      assert.deepEqual(boxesOf(wrong), [undefined, wrong]);
  });

  it('refuses a newer major version with a sentence, and accepts its own header among the values', () => {
    const start = checkedValue(eventLine(0, START));
    assert.match(reasonOf(imcotReader, { imcot: 2 }, start), /has version 2/);
    assert.equal(readGood(imcotReader, checkedValue(headerLine()), start).trajectory.prompt.user, 'q');
  });

  it('counts damaged lines and reads the rest', () => {
    const broken: unknown[] = [
      undefined,
      5,
      { t: 0, event: 'text', turn: -1, text: 'x' },
      { t: 0, event: 'text', turn: 0, text: 3 },
      { t: 0, event: 'observation', turn: 0 },
      { t: 0, event: 'verdict', correct: 'yes' },
      { t: 0, event: 'outcome', status: 'great' },
      { t: 0, event: 'parts', turn: 0, parts: [{ kind: 'text' }] },
      { t: 0, event: 'tokens', texts: ['a'], actionMask: [] },
      { t: 0, event: 'start', prompt: { user: 'a second one' } },
    ];
    const good = [START, { event: 'text' as const, turn: 0, text: 'hello' }].map((event) =>
      checkedValue(eventLine(0, event)),
    );
    const { trajectory } = readGood(imcotReader, ...good, ...broken);
    assert.equal(trajectory.extras.get(DAMAGED_EVENTS), broken.length);
    assert.equal(trajectory.turns[0]?.raw, 'hello');
    assert.equal(trajectory.prompt.user, 'q');
    assert.deepEqual(trajectory.outcome, { status: 'running' });
    assert.match(reasonOf(imcotReader, ...broken.slice(0, -1)), /no start event/);
  });

  it('does not believe a hash', () => {
    const image = { kind: 'inline', hash: 'f'.repeat(64), mediaType: 'image/png', data: 'AAAA' } as const;
    const { trajectory, images } = readGood(imcotReader, {
      t: 0,
      event: 'start',
      prompt: { user: 'q', images: [image] },
    });
    const found = trajectory.prompt.images[0];
    assert.ok(found?.kind === 'inline' && found.hash !== image.hash);
    assert.deepEqual([...images.keys()], [found.hash]);
  });

  it('is told from other files by its header, of whatever version', () => {
    const sniff = (...lines: string[]) =>
      imcotReader.sniff({
        name: 'a.jsonl',
        lines,
        values: lines.map((line) => {
          const parsed = parseJson(line);
          return parsed.ok ? parsed.value : undefined;
        }),
      });
    assert.equal(sniff(headerLine()), 1);
    assert.equal(sniff('', '{"imcot":9}'), 1);
    assert.ok(sniff(eventLine(0, START)) > 0.5);
    assert.equal(sniff('{"messages":[]}', '{"step":1}'), 0);
  });
});

describe('event log: any trajectory written and read back', () => {
  const roundTrip = (trajectory: Trajectory, images: ReadonlyMap<string, Uint8Array>) => {
    const values = linesOfTrajectory(12, trajectory, images).map((line) => {
      assert.ok(line.startsWith('{"t":12,"event":"'));
      return checkedValue(line);
    });
    return readGood(imcotReader, ...values);
  };

  it('is equal, for trajectories of every kind', () => {
    fc.assert(
      fc.property(anyTrajectory, ({ trajectory, images }) => {
        const found = roundTrip(trajectory, images);
        assert.deepEqual(withoutOrigin(found.trajectory), withoutOrigin(trajectory));
        assert.deepEqual(found.images, images);
      }),
      { numRuns: 300 },
    );
  });

  for (const format of FORMATS) {
    it(`is equal, for the fixtures of ${format}`, () => {
      const reader = readerOf(format);
      assert.ok(reader);
      const records = fixtureRecords(format);
      assert.ok(records.length >= 3 && fixtureFiles(format).length > 0);
      for (const [index, values] of records.entries()) {
        const result = reader.read(values, contextAt(index));
        assert.equal(result.status, 'ok');
        if (result.status !== 'ok') continue;
        const found = roundTrip(result.trajectory, result.images);
        assert.deepEqual(withoutOrigin(found.trajectory), withoutOrigin(result.trajectory));
        assert.deepEqual([...found.images], [...result.images]);
      }
    });
  }
});

describe('event log: settings', () => {
  it('that became known later are added to those of the start', () => {
    const { extras } = readEvents(
      { event: 'start', prompt: { user: 'q' }, settings: { temperature: 0, device: 'not known' } },
      { event: 'settings', settings: { device: 'CPU, 8 threads' } },
      { event: 'settings', settings: { contextLength: 4096 } },
    );
    assert.deepEqual(extras.get('settings'), {
      temperature: 0,
      device: 'CPU, 8 threads',
      contextLength: 4096,
    });
  });

  it('of another kind count as damage', () => {
    const { extras } = readEvents(START, { event: 'text', turn: 0, text: 'a' });
    assert.equal(extras.has(DAMAGED_EVENTS), false);
    const broken = readGood(imcotReader, checkedValue(eventLine(0, START)), {
      t: 0,
      event: 'settings',
      settings: 5,
    });
    assert.equal(broken.trajectory.extras.get(DAMAGED_EVENTS), 1);
  });
});

describe('event log: its schema', () => {
  it('accepts every line of the fixture', () => {
    for (const file of fixtureFiles('imcot')) {
      readFileSync(file, 'utf8').trimEnd().split('\n').forEach(checkedValue);
    }
  });

  it('refuses what the reader would count as damaged', () => {
    const wrong: unknown[] = [
      5,
      {},
      { imcot: 2 },
      { t: -1, event: 'text', turn: 0, text: '' },
      { t: 0.5, event: 'text', turn: 0, text: '' },
      { t: 0 },
      { t: 0, event: 'text', turn: 0 },
      { t: 0, event: 'text', turn: 0, text: 3 },
      { t: 0, event: 'start', prompt: {} },
      { t: 0, event: 'observation', turn: 0 },
      { t: 0, event: 'outcome', status: 'running' },
      { t: 0, event: 'verdict', correct: 1 },
      { t: 0, event: 'start', prompt: { user: 'q', images: [{ kind: 'file' }] } },
    ];
    for (const value of wrong) assert.equal(validate(value), false, JSON.stringify(value));
  });
});

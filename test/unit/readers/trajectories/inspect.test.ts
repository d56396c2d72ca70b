import assert from 'node:assert/strict';
import { openTrajectorySource } from '../../../../src/files/openSource';
import { READERS } from '../../../../src/readers/registry';
import type { RecordResult } from '../../../../src/readers/reader';
import { chooseReader } from '../../../../src/readers/sniff';
import { inspectJsonReader } from '../../../../src/readers/trajectories/inspect';
import type { Trajectory } from '../../../../src/trajectory/trajectory';
import { goldenBytes, goldenLog } from '../../../support/goldenLogs';
import { readTable } from '../../../support/memoryFile';
import { sameResult, seeded } from '../../../support/mutations';
import { readGood, reasonOf } from '../../../support/readRecords';

async function trajectories(name: string): Promise<readonly Trajectory[]> {
  const source = await openTrajectorySource(goldenLog('inspect', name), { index: 'inProcess' });
  const { records } = await source.indexed();
  const results = await source.records(0, records);
  source.dispose();
  return results.map((result) => {
    assert.ok(result.status === 'ok', result.status === 'bad' ? result.reason : '');
    return result.trajectory;
  });
}

const inner = (entry: object, head: object = {}): object => ({ head, entry, part: 0 });
const sample = (more: object): object => ({ id: 'a', epoch: 1, messages: [], ...more });

describe('Inspect logs', () => {
  it('.eval: ids with a slash, scores, step of the run, pictures from questions and from the tool', async () => {
    const all = await trajectories('vstar-zoom.eval');
    assert.equal(all.length, 6);
    const [odd] = all;
    assert.equal(odd?.id, 'odd id/with slash');
    assert.equal(odd.step, 1);
    assert.deepEqual(odd.group, { key: 'odd id/with slash', provenance: 'uid' });
    assert.equal(odd.verdict?.correct, true);
    assert.deepEqual(
      odd.reward?.parts.map(({ name, value }) => [name, value]),
      [
        ['includes', 1],
        ['zooms', 1],
      ],
    );
    assert.deepEqual(
      all.map(({ prompt, turns }) => [
        prompt.images.map(({ kind }) => kind).join(),
        turns.map(({ observation }) => observation?.images.length ?? '-').join(),
      ]),
      [
        ['inline', '1,-'],
        ['inline', '1,-'],
        ['inline', '1,-'],
        ['inline', '-'],
        ['inline', '0,-'],
        ['inline', '1,1,-'],
      ],
    );
    assert.equal(all[4]?.turns[0]?.observation?.error, 'ZOOM IN ARGUMENTS ARE INVALID');
  });

  it('.json reads as .eval does; without pictures there are none, and all else is there', async () => {
    const [archive, json, without] = await Promise.all(
      ['vstar-zoom.eval', 'vstar-zoom.json', 'vstar-zoom-no-images.eval'].map(trajectories),
    );
    const words = (one: Trajectory | undefined): unknown => [
      one?.prompt.user,
      one?.turns.map(({ raw, parts, observation }) => [raw, parts.length, observation?.text]),
      one?.groundTruth,
    ];
    assert.deepEqual(
      json?.map(({ id }) => id),
      ['odd id/with slash', 'sa_1004'],
    );
    for (const one of json ?? [])
      assert.deepEqual(words(one), words(archive?.find(({ id }) => id === one.id)));
    assert.deepEqual(without?.map(words), archive?.map(words));
    assert.deepEqual(without?.[0]?.prompt.images, [{ kind: 'blank' }]);
    assert.deepEqual(without?.[0]?.turns[0]?.observation?.images, [{ kind: 'blank' }]);
  });

  it('is known by its content, whatever its name; other objects are not taken', () => {
    const choose = (value: object): string => {
      const input = { name: 'x', lines: [JSON.stringify(value)], values: [value] };
      const choice = chooseReader(input, READERS);
      return 'reader' in choice ? choice.reader.format : '';
    };
    assert.equal(choose({ version: 2, eval: { task: 't' }, samples: [] }), 'inspect-json');
    assert.equal(choose({ eval: 1, samples: [] }), '');
  });

  it('attachments stand where they are named; epochs are of one group; errors and limits end a sample', () => {
    const message = { role: 'user', content: [{ type: 'text', text: 'attachment://f1' }] };
    const first = readGood(
      inspectJsonReader,
      inner(sample({ id: 7, epoch: 2, messages: [message], attachments: { f1: 'long question' } })),
    ).trajectory;
    assert.equal(first.prompt.user, 'long question');
    assert.deepEqual([first.id, first.group?.key, first.extras.get('epoch')], ['7', '7', 2]);
    const outcome = (more: object): unknown =>
      readGood(inspectJsonReader, inner(sample(more))).trajectory.outcome;
    assert.deepEqual(outcome({ error: { message: 'boom' } }), { status: 'error', reason: 'boom' });
    assert.deepEqual(outcome({ limit: { type: 'token' } }), { status: 'length', reason: 'token' });
    assert.deepEqual(outcome({ limit: { type: 'message' } }), { status: 'turnLimit', reason: 'message' });
    assert.deepEqual(outcome({ output: { choices: [{ stop_reason: 'max_tokens' }] } }), {
      status: 'length',
      reason: 'max_tokens',
    });
    assert.match(
      reasonOf(inspectJsonReader, inner({ id: 1 })),
      /"messages" should be a list, but is nothing/,
    );
    assert.match(reasonOf(inspectJsonReader, inner([])), /A sample is an object/);
  });

  it('JSON cut in 500 places: samples that are whole are read as before, and nothing throws', async () => {
    const bytes = goldenBytes('inspect', 'vstar-zoom.json');
    const whole = await readTable(inspectJsonReader, bytes);
    const ends = whole.map((result) => (result.status === 'ok' ? result.trajectory.origin.bytes.end : 0));
    const random = seeded(3);
    for (let round = 0; round < 250; round++) {
      const cut = random(bytes.length);
      const found: RecordResult[] = await readTable(inspectJsonReader, bytes.subarray(0, cut));
      for (const [index, result] of whole.entries()) {
        if ((ends[index] ?? 0) >= cut || result.status === 'bad') continue;
        const again = found[index];
        assert.ok(again?.status === 'ok', `cut at ${cut}`);
        // What the whole run says about itself may stand behind the cut.
        assert.deepEqual(again.trajectory.turns, result.trajectory.turns);
      }
      const flipped = Uint8Array.from(bytes);
      const at = random(flipped.length);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random(8));
      const damaged = await readTable(inspectJsonReader, flipped);
      // Behind the first sample: that one reads as before.
      const [first, again] = [whole[0], damaged[0]];
      assert.ok(first && (at <= (ends[0] ?? 0) || (again && sameResult(again, first))), `flipped at ${at}`);
    }
  }).timeout(60_000);
});

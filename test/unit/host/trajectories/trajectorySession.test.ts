import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { recoverReward } from '../../../../src/analysis/recoverReward';
import { ALL_FORMULAS } from '../../../../src/analysis/rewardFormula';
import { ImcotError } from '../../../../src/common/errors';
import { silentLogger } from '../../../../src/common/logger';
import type { TrajectorySource } from '../../../../src/readers/trajectorySource';
import { OpenedSource } from '../../../../src/host/trajectories/openedSource';
import type { RecordPlace } from '../../../../src/host/trajectories/trajectorySession';
import { TrajectorySession } from '../../../../src/host/trajectories/trajectorySession';
import type { SourceView } from '../../../../src/protocol/trajectoryView';
import { turnsOfResponse } from '../../../../src/trajectory/segment';
import { answer, FakeImages, FakeSource, read, trajectory, turn, zoomCall } from '../support/fakes';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const record = (text: string) =>
  read(trajectory([turn([zoomCall([0, 0, 90, 90])], [{ kind: 'blank' }]), turn([answer(text)])]));

class Fixture {
  readonly images = new FakeImages();
  readonly revealed: RecordPlace[] = [];
  readonly stepsShown: number[] = [];
  readonly seen: SourceView[] = [];
  readonly opened: OpenedSource<TrajectorySource>;
  readonly session: TrajectorySession;

  constructor(open: () => Promise<FakeSource>) {
    this.opened = new OpenedSource(open);
    const actions = {
      chooseImageFolder: () => Promise.resolve(true),
      revealRecord: (place: RecordPlace) => Promise.resolve(void this.revealed.push(place)),
      showInCurves: (step: number) => Promise.resolve(void this.stepsShown.push(step)),
    };
    this.session = new TrajectorySession(this.opened, this.images, actions, silentLogger);
    this.session.onDidChangeSource((view) => this.seen.push(view));
  }
}
const over = (source: FakeSource): Fixture => new Fixture(() => Promise.resolve(source));

describe('a page session', () => {
  it('remembers where its page is to go until the page asks for that record', async () => {
    const { session } = over(new FakeSource([record('red'), record('blue')]));
    assert.equal(session.wantedRecord, undefined);
    session.wantShown(1);
    await session.trajectory(0);
    assert.equal(session.wantedRecord, 1, 'another record is asked for first');
    session.wentTo(0);
    assert.equal(session.wantedRecord, 1, 'an older wish came true');
    await session.trajectory(1);
    assert.equal(session.wantedRecord, undefined);
  });

  it('gives the rows that are there', async () => {
    const bad = {
      status: 'bad',
      reason: 'No JSON.',
      file: '/logs/run.jsonl',
      index: 1,
      bytes: { start: 5, end: 9 },
    } as const;
    const { session } = over(new FakeSource([record('red'), bad, record('blue')]));
    const rows = await session.rows(0, 50);
    assert.deepEqual(rows[0], {
      status: 'ok',
      index: 0,
      question: 'What?',
      answer: 'red',
      zoomCount: 1,
      toolCalls: 1,
      outcome: 'finished',
    });
    assert.deepEqual(rows[1], { status: 'bad', index: 1, reason: 'No JSON.', offset: 5, bytes: 4 });
    assert.equal(rows.length, 3);
    assert.deepEqual(await session.rows(3, 50), []);
  });

  it('gives the IoU of calls and, as their mean, of rows where the ground truth is known', async () => {
    const calls = [
      turn([zoomCall([0, 0, 100, 100])]),
      turn([zoomCall([50, 0, 150, 100])]),
      turn([answer('a')]),
    ];
    const fixture = over(new FakeSource([read(trajectory(calls))]));
    const box = { x1: 0, y1: 0, x2: 100, y2: 100 };
    fixture.images.truth = { boxes: [{ x1: 500, y1: 500, x2: 600, y2: 600 }, box], from: 'chosenFile' };
    const view = await fixture.session.trajectory(0);
    assert.ok('turns' in view);
    const ious = view.turns.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.kind === 'toolCall' ? [part.call.iou] : [])),
    );
    assert.deepEqual(ious, [1, 1 / 3]);
    assert.deepEqual(view.groundTruthBoxes, fixture.images.truth);
    const [row] = await fixture.session.rows(0, 1);
    assert.ok(row?.status === 'ok');
    assert.equal(row.iou, 2 / 3);
    fixture.images.truth = undefined;
    fixture.session.forgetImages();
    const [later] = await fixture.session.rows(0, 1);
    assert.equal(later && 'iou' in later, false);
  });

  it('gives no reward where the file has one that is no number', async () => {
    const parts = [{ name: 'tool', value: Infinity, provenance: 'stored' }] as const;
    const { session } = over(
      new FakeSource([read(trajectory([], { reward: { total: Number.NaN, parts } }))]),
    );
    const [row] = await session.rows(0, 1);
    assert.equal(row && 'reward' in row, false);
    const view = await session.trajectory(0);
    assert.ok('reward' in view);
    assert.deepEqual(view.reward, { parts: [] });
  });

  it('shows rewards by the formula that is chosen, in rows and views, and as recorded again', async () => {
    const scored = (text: string, total: number) => {
      const response = `<think>a</think><answer>${text}</answer>`;
      const turns = turnsOfResponse(response, 'trainingV2');
      return read(
        trajectory(turns, {
          reward: recoverReward(total, { response }),
          verdict: { correct: total > 0, provenance: 'recovered' },
        }),
      );
    };
    const { session } = over(new FakeSource([scored('red', 0.8), scored('blue', 0)]));
    const rewards = async (): Promise<unknown[]> =>
      (await session.rows(0, 2)).map((row) => (row.status === 'ok' ? row.reward : undefined));
    const shown = async () => {
      const view = await session.trajectory(0);
      assert.ok('turns' in view);
      return [view.reward?.total, view.reward?.formula, view.recordedReward];
    };
    assert.deepEqual(await rewards(), [0.8, 0]);
    assert.deepEqual(await shown(), [0.8, 'deepeyes', undefined]);
    assert.equal(await session.useFormula('deepeyes-tool-2.0'), 'deepeyes-tool-2.0');
    assert.equal(session.formulaName, 'deepeyes-tool-2.0');
    assert.deepEqual(await rewards(), [1, 0]);
    assert.deepEqual(await shown(), [1, 'deepeyes-tool-2.0', 0.8]);
    assert.equal(await session.useFormula('no such formula'), 'recorded');
    assert.deepEqual(await rewards(), [0.8, 0]);
    assert.deepEqual(await shown(), [0.8, 'deepeyes', undefined]);
  });

  it('tells form, patterns and signals of what is over, and of nothing that goes on', async () => {
    const response = '<think>a<think>b</think><answer>c</answer>';
    const turns = turnsOfResponse(response, 'trainingV2');
    const running = { outcome: { status: 'running' as const } };
    const { session } = over(new FakeSource([read(trajectory(turns)), read(trajectory(turns, running))]));
    const over1 = await session.trajectory(0);
    assert.ok('turns' in over1);
    assert.deepEqual(over1.form, {
      formula: 'deepeyes',
      errors: ['<think> occurs 2 times and </think> once.'],
    });
    assert.deepEqual(over1.patterns, []);
    assert.deepEqual(over1.signals, { found: [], unknown: [] });
    const live = await session.trajectory(1);
    assert.ok('turns' in live);
    assert.deepEqual([live.form, live.patterns, live.signals], [undefined, undefined, undefined]);
  });

  it('begins with the formula of the settings where the page has chosen none', async () => {
    const opened = new OpenedSource(() => Promise.resolve(new FakeSource([])));
    const never = () => Promise.reject(new Error('not asked for'));
    const actions = { chooseImageFolder: never, revealRecord: never, showInCurves: never };
    const settings = { ...actions, defaultFormula: () => 'ablation-none' };
    const session = new TrajectorySession(opened, new FakeImages(), settings, silentLogger);
    assert.equal(await session.useFormula(), 'ablation-none');
    assert.equal(await session.useFormula('recorded'), 'recorded');
    const { contributes } = JSON.parse(
      readFileSync(path.join(__dirname, '../../../../package.json'), 'utf8'),
    ) as { contributes: { configuration: { properties: Record<string, { enum?: readonly string[] }> } } };
    assert.deepEqual(contributes.configuration.properties['imcot.rewardFormula']?.enum, [
      'recorded',
      ...ALL_FORMULAS.map(({ name }) => name),
    ]);
  });

  it('gives the rows of ranges, up to the end of the file', async () => {
    const { session } = over(new FakeSource(['a', 'b', 'c', 'd', 'e'].map(record)));
    const indices = async (ranges: readonly (readonly [number, number])[]): Promise<number[]> =>
      (await session.rowsIn(ranges)).map(({ index }) => index);
    assert.deepEqual(
      await indices([
        [0, 2],
        [3, 4],
      ]),
      [0, 1, 3],
    );
    assert.deepEqual(
      await indices([
        [4, 9],
        [11, 12],
      ]),
      [4],
    );
    await assert.rejects(session.rowsIn('all' as never), { code: 'usage' });
  });

  it('keeps what its list is narrowed to until that is lifted, or the file is replaced', async () => {
    const source = new FakeSource([record('red')]);
    const { session } = over(source);
    const filter = { label: 'step 46', ranges: [[0, 1]] } as const;
    assert.equal(await session.filter(), undefined);
    session.showOnly(filter);
    assert.deepEqual(await session.filter(), filter);
    await session.clearFilter();
    assert.equal(await session.filter(), undefined);
    session.showOnly(filter);
    await settled();
    source.change({ generation: 1 });
    assert.equal(await session.filter(), undefined);
  });

  it('leads to the curves from a record that tells its step, and says so where none does', async () => {
    const stepped = read(trajectory([turn([answer('red')])], { step: 46 }));
    const { session, stepsShown } = over(new FakeSource([record('blue'), stepped]));
    await session.showInCurves(1);
    assert.deepEqual(stepsShown, [46]);
    await assert.rejects(session.showInCurves(0), { code: 'missing', message: /step/ });
    await assert.rejects(session.showInCurves(-1), { code: 'usage' });
  });

  it('reads a row once', async () => {
    const source = new FakeSource([record('red')]);
    const { session } = over(source);
    await session.rows(0, 1);
    await session.rows(0, 1);
    assert.deepEqual(source.asked, [0]);
  });

  it('asks the source beyond what is known while it is being indexed', async () => {
    const source = new FakeSource([record('red'), record('blue')]);
    source.change({ records: 0, complete: false });
    const { session } = over(source);
    assert.equal((await session.rows(0, 10)).length, 2);
  });

  it('forgets everything when the file is replaced', async () => {
    const source = new FakeSource([record('red')]);
    const { session, seen } = over(source);
    await settled();
    await session.rows(0, 1);
    source.content = [record('green')];
    source.change({ generation: 1 });
    const [row] = await session.rows(0, 1);
    assert.ok(row?.status === 'ok');
    assert.equal(row.answer, 'green');
    const last = seen.at(-1);
    assert.ok(last?.status === 'ready');
    assert.equal(last.generation, 1);
  });

  it('reads a trajectory of an event log again after it grew', async () => {
    const source = new FakeSource([record('so f')], 'imcot');
    const { session } = over(source);
    await settled();
    await session.trajectory(0);
    source.content = [record('so far')];
    source.change({ totalBytes: 200 });
    const view = await session.trajectory(0);
    assert.ok(!('status' in view));
    assert.deepEqual(view.turns[1]?.parts[0], { kind: 'answer', text: 'so far', closed: true });
  });

  it('keeps no view of an event log that was begun before it grew', async () => {
    const source = new FakeSource([record('so f')], 'imcot');
    const { session, images } = over(source);
    await settled();
    let found = (): void => undefined;
    const real = images.resolve.bind(images);
    images.resolve = async () => {
      await new Promise<void>((resolve) => (found = resolve));
      return real();
    };
    const early = session.trajectory(0);
    await settled();
    images.resolve = real;
    source.content = [record('so far')];
    source.change({ totalBytes: 200 });
    found();
    await early;
    const view = await session.trajectory(0);
    assert.ok(!('status' in view));
    assert.equal(view.turns[1]?.parts[0]?.text, 'so far');
  });

  it('reads the last line again when the file goes on', async () => {
    const source = new FakeSource([record('red'), record('blu')]);
    const { session } = over(source);
    await settled();
    await session.rows(0, 2);
    source.content = [record('red'), record('blue')];
    source.change({ totalBytes: 200 });
    const row = (await session.rows(0, 2))[1];
    assert.ok(row?.status === 'ok');
    assert.equal(row.answer, 'blue');
    assert.deepEqual(source.asked, [0, 1, 1]);
  });

  it('makes pictures for the ids of the trajectory and for no others', async () => {
    const { session, images } = over(new FakeSource([record('red')]));
    const picture = await session.image(0, 'observation:0:0', 1e9);
    // A Buffer would reach a webview as a list of numbers, a view of something larger would take all of it along.
    assert.equal(Object.getPrototypeOf(picture.bytes), Uint8Array.prototype);
    assert.equal(picture.bytes.buffer.byteLength, picture.bytes.byteLength);
    assert.deepEqual(picture.size, { width: 4, height: 3 });
    assert.equal(images.pictures[0]?.maxSide, 4096);
    await assert.rejects(session.image(0, 'observation:7:0', 100), { code: 'missing' });
    await assert.rejects(session.image(0, '../../etc/passwd', 100), { code: 'usage' });
    await assert.rejects(session.image(-1, 'original:0', 100), { code: 'usage' });
    await assert.rejects(session.image(9, 'original:0', 100), { code: 'missing' });
  });

  it('gives a crop as the policy saw it, with a name for its file, and no other picture', async () => {
    const { session, images } = over(new FakeSource([record('red')]));
    const seen = await session.seenImage(0, 'observation:0:0');
    assert.equal(seen.name, 'photo-crop1');
    assert.equal(images.pictures[0]?.plan.kind, 'rebuilt');
    await assert.rejects(session.seenImage(0, 'observation:5:0'), { code: 'missing' });
    await assert.rejects(session.seenImage(0, '../photo.png'), { code: 'usage' });
  });

  it('looks images up anew after it was told to forget them', async () => {
    const { session, images } = over(new FakeSource([record('red')]));
    await session.trajectory(0);
    await session.trajectory(0);
    assert.equal(images.resolved, 1);
    images.found = { state: 'missing', message: 'Gone.' };
    session.forgetImages();
    const view = await session.trajectory(0);
    assert.ok(!('status' in view));
    assert.equal(view.originals[0]?.state, 'missing');
  });

  it('says why a source did not open, and what changed when it did', async () => {
    let allowed = false;
    const { session, opened, seen } = new Fixture(() =>
      allowed
        ? Promise.resolve(new FakeSource([record('red')]))
        : Promise.reject(new ImcotError('denied', 'Not trusted.')),
    );
    assert.deepEqual(await session.ready(), { status: 'error', message: 'Not trusted.' });
    await assert.rejects(session.rows(0, 1), { code: 'denied' });
    allowed = true;
    opened.reopen();
    await settled();
    assert.equal(seen.at(-1)?.status, 'ready');
    assert.equal((await session.rows(0, 1)).length, 1);
  });

  it('reveals a record by its own place in the file', async () => {
    const { session, revealed } = over(new FakeSource([record('red')]));
    await session.revealRecord(0);
    assert.deepEqual(revealed, [{ file: '/logs/run.jsonl', index: 0, bytes: { start: 10, end: 110 } }]);
    await assert.rejects(session.revealRecord(Number.NaN), { code: 'usage' });
  });

  it('remembers the record that was shown last', async () => {
    const { session } = over(new FakeSource([record('red'), record('blue')]));
    assert.equal(session.lastShown, undefined);
    await session.trajectory(1);
    assert.equal(session.lastShown, 1);
  });

  it('lets go of its source with the document', async () => {
    const source = new FakeSource([]);
    const { opened } = over(source);
    opened.dispose();
    await settled();
    assert.equal(source.disposed, true);
  });
});

describe('a page session over an event log', () => {
  it('reads rows again only of rollouts that may still get events', async () => {
    const scored = read(trajectory([], { reward: { total: 2, parts: [] } }));
    const running = read(trajectory([], { outcome: { status: 'running' } }));
    const source = new FakeSource([scored, running], 'imcot');
    const { session } = over(source);
    await settled();
    await session.rows(0, 2);
    source.change({ totalBytes: 200 });
    await session.rows(0, 2);
    assert.deepEqual(source.asked, [0, 1, 1]);
  });

  it('tells when something was last written, once it grew', async () => {
    const source = new FakeSource([record('red')], 'imcot');
    const { session, seen } = over(source);
    await settled();
    const first = await session.ready();
    assert.ok(first.status === 'ready' && first.isEventLog === true);
    assert.equal('writtenAt' in first, false, 'there is no such file');
    const before = Date.now();
    source.change({ totalBytes: 200 });
    const last = seen.at(-1);
    assert.ok(last?.status === 'ready' && last.writtenAt !== undefined && last.writtenAt >= before);
  });
});

import assert from 'node:assert/strict';
import type { PartView, TrajectoryView } from '../../../src/protocol/trajectoryView';
import {
  durationWords,
  livePhase,
  liveState,
  withoutHalfTag,
} from '../../../src/webview/trajectory/liveRollout';
import { readingOrder } from '../../../src/webview/trajectory/readingOrder';
import { TokenRate } from '../../../src/webview/trajectory/tokenRate';

const base: TrajectoryView = {
  index: 0,
  question: '',
  user: '',
  originals: [],
  turns: [],
  outcome: { status: 'running' },
  frame: 'original',
  zoomVariant: 'trainingV2',
  zoomCount: 0,
  toolCalls: 0,
  settings: [],
  extras: [],
  bytes: { start: 0, end: 1 },
};
const saying = (...parts: PartView[]): TrajectoryView => ({
  ...base,
  turns: [{ raw: '', parts, recovered: false }],
});
const words = (kind: 'text' | 'thought' | 'answer', text: string, closed = false): PartView => ({
  kind,
  text,
  closed,
});

describe('what a rollout that goes on is at', () => {
  it('follows from its last part', () => {
    const call = {
      status: 'parsed',
      text: '{}',
      name: 'image_zoom_in_tool',
      acted: true,
      number: 1,
    } as const;
    const made: PartView = { kind: 'toolCall', text: '{}', closed: true, call };
    const phases = [
      base,
      saying(words('thought', 'I')),
      saying({ kind: 'toolCall', text: '{"na', closed: false, call: { ...call, acted: false } }),
      saying(made),
      saying(made, { kind: 'observation', text: '', images: [], pending: true }),
      saying(made, { kind: 'observation', text: '', images: [] }),
      saying(words('answer', 'B')),
      saying(words('answer', 'B', true)),
      saying(words('thought', 'I', true)),
      { ...base, outcome: { status: 'finished' as const } },
    ].map(livePhase);
    assert.deepEqual(phases, [
      'starting',
      'thinking',
      'calling',
      'acting',
      'acting',
      'looking',
      'answering',
      'ending',
      'writing',
      undefined,
    ]);
  });

  it('hides the half of a tag at the end, and nothing else', () => {
    const ends = (text: string, kind: 'text' | 'thought' = 'thought'): string | undefined =>
      withoutHalfTag(saying(words(kind, text))).turns[0]?.parts[0]?.text;
    assert.equal(ends('It is red.</thi'), 'It is red.');
    assert.equal(ends('It is red.<'), 'It is red.');
    assert.equal(ends('red <|im_en'), 'red ');
    assert.equal(ends('a < b and c'), 'a < b and c');
    assert.equal(ends('x <tool_ca', 'text'), 'x ');
    assert.equal(ends('<tool_ca', 'text'), undefined, 'a part of nothing else is none yet');
    const finished = { ...saying(words('thought', 'a</thi')), outcome: { status: 'length' as const } };
    assert.equal(withoutHalfTag(finished), finished, 'what has ended is shown as it is');
  });

  it('marks the last part alone as being written', () => {
    const steps = readingOrder(saying(words('thought', 'I', true), words('answer', 'B')));
    assert.deepEqual(
      steps.map(({ writing }) => writing),
      [undefined, true],
    );
  });

  it('says for how long nothing came, once that is worth a word', () => {
    assert.equal(liveState('thinking', 900, 7, 3).quiet, undefined);
    assert.equal(liveState('looking', 61_000, undefined, undefined).quiet, 'nothing written for 1 min');
    assert.equal(liveState('looking', 3600_000, undefined, undefined).alive, false);
    assert.equal(liveState('starting', undefined, undefined, undefined).alive, true);
    assert.deepEqual([42_900, 3_599_000, 7_200_000, 260_000_000].map(durationWords), [
      '42 s',
      '59 min',
      '2 h',
      '3 days',
    ]);
  });
});

describe('tokenRate', () => {
  it('counts over the last five seconds', () => {
    const rate = new TokenRate();
    rate.add(100, 0);
    assert.equal(rate.perSecond(100), undefined, 'one look tells nothing');
    rate.add(110, 500);
    assert.equal(rate.perSecond(500), undefined, 'too short a time');
    rate.add(120, 1000);
    assert.equal(rate.perSecond(1000), 20);
    for (let second = 2; second <= 20; second++) rate.add(120 + (second - 1) * 5, second * 1000);
    assert.equal(rate.perSecond(20_000), 5, 'what was before does not count');
    assert.equal(rate.perSecond(30_000), undefined, 'it has stopped');
  });

  it('begins anew with fewer tokens', () => {
    const rate = new TokenRate();
    rate.add(500, 0);
    rate.add(3, 1000);
    rate.add(13, 2000);
    assert.equal(rate.perSecond(2000), 10);
  });
});

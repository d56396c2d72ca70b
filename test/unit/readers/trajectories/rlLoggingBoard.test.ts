import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { trajectoryFacts } from '../../../../src/analysis/trajectoryFacts';
import { smartResize, visualTokenCount } from '../../../../src/common/smartResize';
import { rlLoggingBoardReader as reader } from '../../../../src/readers/trajectories/rlLoggingBoard';
import type { ToolCallPart, Turn } from '../../../../src/trajectory/turn';
import { fixturePath, fixtureValues, readFixture, readGood, readValue } from '../../../support/readFixture';

interface ExpectedRow {
  readonly step: number;
  readonly reward: number;
  readonly acc: number;
  readonly format: number;
  readonly tool: number;
  readonly tokens: number;
  readonly calls: number;
  readonly images: number;
  readonly crops: readonly {
    readonly bbox_2d: readonly [number, number, number, number];
    readonly ok: boolean;
  }[];
  readonly ground_truth: string;
  readonly image_size: readonly [number, number];
  readonly model_tokens: number;
  readonly logprob_sum: number;
  readonly replacement_chars_in_tokens: number;
}

const expected = JSON.parse(
  readFileSync(fixturePath('rl-logging-board', 'expected.json'), 'utf8'),
) as Readonly<Record<string, readonly ExpectedRow[]>>;

const callOf = (turn: Turn): ToolCallPart | undefined =>
  turn.parts.find((part): part is ToolCallPart => part.kind === 'toolCall');
const sum = (numbers: readonly number[] = []): number => numbers.reduce((total, number) => total + number, 0);
const tokensOf = ([width, height]: readonly [number, number]): number =>
  visualTokenCount(smartResize({ width, height }));

for (const [name, rows] of Object.entries(expected)) {
  const file = fixturePath('rl-logging-board', name);
  const trajectories = readFixture(reader, file);
  const values = fixtureValues(file) as readonly { readonly response: string }[];

  describe(`RL Logging Board: ${name} against its true values`, () => {
    it('has every row', () => assert.equal(trajectories.length, rows.length));

    rows.forEach((row, index) => {
      const trajectory = trajectories[index];
      assert.ok(trajectory);

      it(`row ${index}: reward and parts, step, ground truth, group`, () => {
        assert.equal(trajectory.reward?.total, row.reward);
        assert.equal(trajectory.reward.formula, 'deepeyes');
        const parts = trajectory.reward.parts.map(({ name: part, value, provenance }) => [
          part,
          value,
          provenance,
        ]);
        assert.deepEqual(parts, [
          ['accuracy', row.acc + 0, 'recovered'],
          ['format', row.format + 0, 'recovered'],
          ['tool', row.tool + 0, 'recovered'],
        ]);
        assert.equal(trajectory.step, row.step);
        assert.equal(trajectory.groundTruth, row.ground_truth);
        assert.equal(trajectory.group?.provenance, 'derived');
        assert.deepEqual(trajectory.verdict, { correct: row.acc === 1, provenance: 'recovered' });
      });

      it(`row ${index}: tokens and action mask`, () => {
        const facts = trajectoryFacts(trajectory);
        assert.equal(trajectory.tokens?.texts.length, row.tokens);
        assert.equal(facts.modelTokens, row.model_tokens);
        assert.equal(facts.observationTokens, row.tokens - row.model_tokens);
        assert.ok(Math.abs(sum(trajectory.tokens.logProbabilities) - row.logprob_sum) < 1e-9);
        const unreadable = trajectory.tokens.texts.filter((text) => text.includes('\uFFFD')).length;
        assert.equal(unreadable, row.replacement_chars_in_tokens);
        for (const part of trajectory.turns.flatMap((turn) => turn.parts)) {
          assert.ok(part.tokens);
          const joined = trajectory.tokens.texts.slice(part.tokens.start, part.tokens.end).join('');
          if (!joined.includes('\uFFFD')) assert.ok(joined.includes(part.text));
        }
      });

      it(`row ${index}: calls, boxes, crops with their visual tokens`, () => {
        const facts = trajectoryFacts(trajectory);
        assert.equal(facts.toolCalls, row.calls);
        assert.equal(facts.zoomCount, row.images);
        assert.equal(facts.toolErrors, row.crops.filter((crop) => !crop.ok).length);
        const turns = trajectory.turns.filter((turn) => callOf(turn));
        assert.equal(turns.length, row.crops.length);
        row.crops.forEach(({ bbox_2d: [x1, y1, x2, y2], ok }, number) => {
          const turn = turns[number];
          const call = turn && callOf(turn)?.call;
          assert.ok(turn && call);
          if (call.status === 'parsed') assert.deepEqual(call.box, { x1, y1, x2, y2 });
          else {
            const words = `Error: Invalid tool call format: ${call.text.trim()}. Error: ${call.error}`;
            assert.equal(turn.observation?.error, words);
          }
          const crop = { kind: 'blank', visualTokens: tokensOf([Math.floor(x2 - x1), Math.floor(y2 - y1)]) };
          assert.deepEqual(turn.observation?.images, ok ? [crop] : []);
        });
      });

      it(`row ${index}: prompt, response byte for byte, end`, () => {
        assert.deepEqual(
          trajectory.prompt.images.map((image) => image.visualTokens),
          [tokensOf(row.image_size)],
        );
        assert.match(trajectory.prompt.question, /^What is the color of the .*\?$/);
        const joined = trajectory.turns.map((turn) => turn.raw + (turn.observation?.raw ?? '')).join('');
        assert.equal(joined, values[index]?.response);
        assert.equal(trajectory.outcome.status, 'finished');
        assert.equal(trajectory.extras.size, 0);
      });
    });
  });
}

describe('RL Logging Board: variants', () => {
  const row = {
    step: 1,
    prompt: 'Why?',
    response: '<answer>x</answer><|im_end|>',
    reward: 0.8,
    ground_truth: 'x',
  };

  it('the early version has reference log probabilities and values', () => {
    const [first] = readFixture(reader, fixturePath('rl-logging-board', 'early.jsonl'));
    const length = first?.tokens?.texts.length;
    assert.equal(first?.tokens?.referenceLogProbabilities?.length, length);
    assert.equal(first?.tokens?.values?.length, length);
    assert.equal(first?.tokens?.rewards?.at(-1), first?.reward?.total);
  });

  it('a list of another length than the tokens is an extra', () => {
    const read = readGood(reader, {
      ...row,
      response_tokens: ['a', 'b'],
      logprobs: [1],
      token_rewards: [0, 1],
    });
    assert.equal(read.tokens?.logProbabilities, undefined);
    assert.deepEqual(read.tokens?.rewards, [0, 1]);
    assert.deepEqual([...read.extras.keys()], ['logprobs']);
  });

  it('without tokens nothing is known of them', () => {
    const read = readGood(reader, row);
    assert.equal(read.tokens, undefined);
    assert.equal(trajectoryFacts(read).modelTokens, undefined);
  });

  it('groups by step, prompt and ground truth', () => {
    const key = (change: object): string | undefined => readGood(reader, { ...row, ...change }).group?.key;
    assert.equal(key({ response: 'other', reward: 0 }), key({}));
    for (const change of [{ step: 2 }, { prompt: 'How?' }, { ground_truth: 'y' }])
      assert.notEqual(key(change), key({}));
  });

  it('a reward that is not recorded is absent, NaN stays among the extras', () => {
    const { reward: _reward, ...without } = row;
    assert.equal(readGood(reader, without).reward, undefined);
    const nan = readGood(reader, { ...row, reward: NaN });
    assert.equal(nan.reward, undefined);
    assert.deepEqual([...nan.extras], [['reward', NaN]]);
  });

  it('a response that was cut reached the length limit, one that ends with a call the limit of turns', () => {
    assert.equal(
      readGood(reader, {
        ...row,
        response: '<think>and<|im_end|>\n<|im_start|>user\nGo<|im_end|>\n<|im_start|>assistant\nthen',
      }).outcome.status,
      'length',
    );
    assert.equal(
      readGood(reader, { ...row, response: '<tool_call>{}</tool_call><|im_end|>' }).outcome.status,
      'turnLimit',
    );
  });

  it('fields of any type are read or left aside', () => {
    for (const value of [null, 1, 'x', [], {}, [[1]], NaN, true]) {
      const odd = {
        prompt: '',
        response: '',
        response_tokens: value,
        logprobs: value,
        values: value,
        step: value,
        reward: value,
        ground_truth: value,
        token_rewards: value,
      };
      assert.equal(readValue(reader, odd).status, 'ok');
      assert.equal(
        readValue(reader, { prompt: value, response: value }).status,
        typeof value === 'string' ? 'ok' : 'bad',
      );
    }
  });
});

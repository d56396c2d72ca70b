import assert from 'node:assert/strict';
import type { FoundPattern } from '../../../../src/analysis/patterns/pattern';
import { thinkingPatterns } from '../../../../src/analysis/patterns/thinkingPatterns';
import { rolloutOfTurns } from './support/rolloutOfTurns';

const COLOUR =
  'Question: What is the color of the bin?\nOptions:\nA. The color of the bin is green.\nB. The color of the bin is blue.\n';
const SIDE = 'Question: Is the bin on the left or right side of the gate?\n';
const WHERE = 'Question: Where is the key?\n';

function look(thought: string, box: readonly number[], label?: string): string {
  const more = label === undefined ? '' : `, "label": "${label}"`;
  return `<think>${thought}</think><tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [${box.join(', ')}]${more}}}</tool_call>`;
}
const say = (thought: string, answer: string): string =>
  `<think>${thought}</think><answer>${answer}</answer>`;

function found(turns: readonly string[], user: string): readonly FoundPattern[] {
  return thinkingPatterns(rolloutOfTurns(turns, user));
}
const names = (turns: readonly string[], user: string): string[] =>
  found(turns, user).map(({ name }) => name);
const A = [100, 100, 200, 200];
const B = [500, 100, 600, 200];
const C = [900, 600, 990, 700];

describe('thinking patterns', () => {
  it('are none in most rollouts', () => {
    assert.deepEqual(names([say('The bin is green.', 'The bin is green.')], COLOUR), [], 'no zoom');
    assert.deepEqual(names([look('I need to see the bin.', A), say('It is green.', 'green')], COLOUR), []);
    assert.deepEqual(
      names([look('Let me see whether the bin is green.', A), say('It is.', 'green')], COLOUR),
      [],
    );
    const meant = look('To determine if the bin is green, I will zoom in.', A);
    assert.deepEqual(names([meant, say('It is.', 'green')], COLOUR), []);
    const other = look('The bin stands beside the green fence.', A);
    assert.deepEqual(names([other, say('It is green.', 'The bin is green.')], COLOUR), []);
  });

  it('confirm a belief that was stated before the zoom', () => {
    const [pattern, ...others] = found(
      [look('The bin seems to be green. I look closer.', A), say('Yes, the bin is green.', 'A')],
      COLOUR,
    );
    assert.deepEqual(others, []);
    assert.equal(pattern?.name, 'visual confirmation');
    assert.deepEqual(
      pattern.evidence.map((one) => (one.kind === 'phrase' ? `${one.role}: ${one.text}` : one.kind)),
      ['belief: The bin seems to be green.', 'box', 'outcome: Yes, the bin is green.'],
    );
    assert.deepEqual(names([look('The bin is on the left of the gate.', A), say('', 'left')], SIDE), [
      'visual confirmation',
    ]);
    const wish = look('There appears to be a key on the shelf. Let me verify it.', A);
    assert.deepEqual(names([wish, say('There it is.', 'On the shelf.')], WHERE), ['visual confirmation']);
  });

  it('do not take a place in the picture for an answer', () => {
    const turns = [look('The bin is on the left side of the image, before the gate.', A), say('', 'right')];
    assert.deepEqual(names(turns, SIDE), []);
  });

  it('mitigate a belief that the zoom corrects', () => {
    const turns = [look('The bin looks blue.', A), say('In the crop the bin is green.', 'The bin is green.')];
    const [pattern] = found(turns, COLOUR);
    assert.equal(pattern?.name, 'hallucination mitigation');
    assert.deepEqual(
      pattern.evidence.map((one) => (one.kind === 'phrase' ? one.role : one.kind)),
      ['belief', 'box', 'outcome'],
    );
    const words = [
      look('Rocks lie on the shelf.', A),
      say('I initially thought these were rocks; it is a clock.', 'a clock'),
    ];
    assert.deepEqual(names(words, 'What lies on the shelf?'), ['hallucination mitigation']);
    const before = [look('I initially thought of rocks.', A), say('A clock.', 'a clock')];
    assert.deepEqual(names(before, 'What lies on the shelf?'), [], 'no zoom came before the words');
    const unclear = [look('I look at it.', A), say('It is not sharp, but it is a clock.', 'a clock')];
    assert.deepEqual(names(unclear, 'What lies on the shelf?'), []);
  });

  it('find both when a belief is dropped and the next one confirmed', () => {
    const turns = [
      look('The bin is blue.', A),
      look('The bin is green after all.', B),
      say('', 'The bin is green.'),
    ];
    assert.deepEqual(names(turns, COLOUR).sort(), ['hallucination mitigation', 'visual confirmation']);
  });

  it('search over regions', () => {
    const apart = [look('I look here.', A), look('The key is not visible here.', B), say('There.', 'left')];
    const [pattern] = found(apart, WHERE);
    assert.equal(pattern?.name, 'visual search');
    assert.deepEqual(
      pattern.evidence.map((one) => (one.kind === 'phrase' ? one.role : one.kind)),
      ['box', 'not found', 'box'],
    );
    assert.deepEqual(
      names([look('a', A, 'key'), look('b', B, 'key'), look('c', C, 'key'), say('', 'x')], WHERE),
      ['visual search'],
    );
    assert.deepEqual(
      names([look('a', A), look('b', B), say('', 'x')], WHERE),
      [],
      'two regions, and no word of a search',
    );
    const closer = [
      look('I look here.', A),
      look('The key is not visible here.', [120, 120, 180, 180]),
      say('', 'x'),
    ];
    assert.deepEqual(names(closer, WHERE), [], 'the second box lies in the first');
  });

  it('compare different things', () => {
    const question = 'Which is taller, the red cup or the blue cup?';
    const turns = [
      look('First the one.', A, 'red cup'),
      look('Now the other.', B, 'blue cup'),
      say('Comparing both, the red one is.', 'red'),
    ];
    const [pattern] = found(turns, question);
    assert.equal(pattern?.name, 'visual comparison');
    assert.equal(pattern.evidence.length, 3);
    const unlabelled = [
      look('First the one.', A),
      look('Now the other.', B),
      say('Comparing the two, the left one is.', 'left'),
    ];
    assert.deepEqual(names(unlabelled, 'Which is taller?'), ['visual comparison']);
    const same = [look('a', A, 'the cup'), look('b', B, 'red cup'), say('Comparing both.', 'x')];
    assert.deepEqual(names(same, question), [], 'both labels may mean one cup');
  });

  it('count neither calls that gave no crop nor boxes that were ignored', () => {
    const trajectory = rolloutOfTurns([look('The bin seems green.', A), say('', 'green')], COLOUR);
    const [first, second] = trajectory.turns;
    assert.ok(first && second);
    const { raw, parts } = first;
    assert.deepEqual(thinkingPatterns({ ...trajectory, turns: [{ raw, parts }, second] }), []);
    assert.deepEqual(thinkingPatterns({ ...trajectory, turns: [{ ...first, recovered: true }, second] }), []);
  });

  it('take little time with a very long thought', () => {
    const long = 'The bin seems to be green and the gate is not here but it is there '.repeat(20_000);
    const start = performance.now();
    names([look(long, A), look(`${'x'.repeat(500_000)}`, B), say(long, 'green')], COLOUR);
    assert.ok(performance.now() - start < 3000, `${performance.now() - start} ms`);
  });
});

import assert from 'node:assert/strict';
import {
  COMPUTED_RULES,
  CONCEPT_NAMES,
  CONCEPT_RULES,
  conceptKeysOf,
  conceptsOf,
} from '../../../src/metrics/concepts';

const keysOf = (...keys: string[]): Record<string, string> =>
  Object.fromEntries([...conceptsOf(keys)].map(([concept, { key }]) => [concept, key]));

describe('concepts', () => {
  it('of what trainers log', () => {
    for (const [keys, expected] of [
      [
        [
          'agent/tool_call_mean',
          'agent/tool_call_max',
          'obs_length/mean',
          'critic/score/mean',
          'actor/entropy_loss',
        ],
        {
          toolCalls: 'agent/tool_call_mean',
          observationLength: 'obs_length/mean',
          score: 'critic/score/mean',
          entropy: 'actor/entropy_loss',
        },
      ],
      [
        ['num_turns/mean', 'tool_call_counts/mean'],
        { toolCalls: 'tool_call_counts/mean', turns: 'num_turns/mean' },
      ],
      [
        ['train/reward', 'train/completions/mean_length', 'train/rewards/accuracy_reward/mean', 'train/loss'],
        {
          responseLength: 'train/completions/mean_length',
          accuracy: 'train/rewards/accuracy_reward/mean',
          score: 'train/reward',
        },
      ],
      [
        ['tool_call_count_raw', 'response_length_raw', 'grounding_iou_raw'],
        { toolCalls: 'tool_call_count_raw', responseLength: 'response_length_raw', iou: 'grounding_iou_raw' },
      ],
      [['val-core/vstar/acc/mean_at_1'], { accuracy: 'val-core/vstar/acc/mean_at_1' }],
      [['tool_call_mean', 'response_length/max', 'loss'], {}],
    ] as const) {
      assert.deepEqual(keysOf(...keys), expected);
    }
  });

  it("of verl's length, which counts observations or not", () => {
    const forked = conceptsOf(['response_length/mean', 'obs_length/mean']).get('responseLength');
    assert.equal(forked?.key, 'response_length/mean');
    assert.match(forked?.rule.note ?? '', /not counted/);
    const plain = conceptsOf(['response_length/mean', 'num_turns/mean']);
    assert.equal(plain.has('responseLength'), false);
    assert.match(plain.get('responseLengthWithObservations')?.rule.note ?? '', /as well/);
  });

  it('takes the key whose rule stands first, whatever the order of the keys', () => {
    for (const keys of [
      ['critic/rewards/mean', 'critic/score/mean'],
      ['critic/score/mean', 'critic/rewards/mean'],
    ])
      assert.deepEqual(keysOf(...keys), { score: 'critic/score/mean' });
  });

  it("takes a log's own key before one that was worked out from rollouts, and knows all of them", () => {
    const keys = [
      'rollouts/iou_last_call',
      'rollouts/iou',
      'rollouts/response_length',
      'rollouts/reward/iou',
    ];
    const all = conceptKeysOf([
      ...keys,
      'response_length/mean',
      'obs_length/mean',
      'val_iou',
      'rollouts/iou_best_call',
    ]);
    assert.deepEqual(
      [...all].map(([concept, found]) => [concept, found.map(({ key }) => key)]),
      [
        ['responseLength', ['response_length/mean', 'rollouts/response_length']],
        ['observationLength', ['obs_length/mean']],
        ['iou', ['val_iou', 'rollouts/iou', 'rollouts/iou_best_call', 'rollouts/iou_last_call']],
      ],
    );
    assert.deepEqual(keysOf(...keys), { responseLength: 'rollouts/response_length', iou: 'rollouts/iou' });
  });

  it('names a producer and a source for each rule, and all concepts', () => {
    for (const { concept, producer, source } of [...CONCEPT_RULES, ...COMPUTED_RULES]) {
      assert.ok(producer !== '' && source !== '');
      assert.ok(Object.hasOwn(CONCEPT_NAMES, concept));
    }
    const order = Object.keys(CONCEPT_NAMES);
    const found = [
      ...conceptsOf(['entropy', 'iou', 'zooms', 'obs_length/mean', 'response_length/mean']).keys(),
    ];
    assert.deepEqual(
      found,
      [...found].sort((a, b) => order.indexOf(a) - order.indexOf(b)),
    );
  });
});

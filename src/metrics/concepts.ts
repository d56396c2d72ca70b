/*
 * What the keys of metric files mean. Each producer has its own names; one table says what they stand for, and where
 * that is known from. A key that is not in the table keeps its own name and can be drawn like any other.
 */

/** What a curve is about. Lengths are in tokens of the response; shares and IoU are fractions. */
export type Concept =
  /** Crops that came back, per rollout. */
  | 'zoomCount'
  /** Calls that the model made, failed ones included, per rollout. */
  | 'toolCalls'
  /** Observation tokens not counted. */
  | 'responseLength'
  /** Observation and image tokens counted: not comparable with `responseLength`. */
  | 'responseLengthWithObservations'
  | 'observationLength'
  | 'iou'
  | 'accuracy'
  /** What the reward function gives; its scale is the producer's. */
  | 'score'
  | 'toolSuccess'
  | 'turns'
  | 'entropy';

/** The concepts in words. */
export const CONCEPT_NAMES: Readonly<Record<Concept, string>> = {
  zoomCount: 'zoom count',
  toolCalls: 'tool calls',
  responseLength: 'response length',
  responseLengthWithObservations: 'response length with observations',
  observationLength: 'observation length',
  iou: 'IoU',
  accuracy: 'accuracy',
  score: 'score',
  toolSuccess: 'tool success',
  turns: 'turns',
  entropy: 'entropy',
};

/** A key, or all keys of a form, of one producer. */
export interface ConceptRule {
  readonly concept: Concept;
  readonly key: string | RegExp;
  readonly producer: string;
  /** Where the meaning is known from. */
  readonly source: string;
  /** What a person must know when reading the curve. */
  readonly note?: string;
}

const FORK = 'DeepEyes (fork of verl)';
const METRICS = '`verl/trainer/ppo/metric_utils.py`';
const WHOLE_BATCH = 'Mean over the whole batch, rows without tools included.';

/** The table; the first rule that fits a key counts, and of several keys for one concept the one whose rule stands first. */
export const CONCEPT_RULES: readonly ConceptRule[] = [
  {
    concept: 'zoomCount',
    key: /^(?:zoom_count|zooms|zoom_count\/mean)$/,
    producer: 'own metrics',
    source: 'the name says so',
  },
  {
    concept: 'toolCalls',
    key: 'agent/tool_call_mean',
    producer: FORK,
    source: `${METRICS} of the fork`,
    note: WHOLE_BATCH,
  },
  {
    concept: 'toolCalls',
    key: 'tool_call_counts/mean',
    producer: 'verl',
    source: METRICS,
    note: WHOLE_BATCH,
  },
  {
    concept: 'toolCalls',
    key: /^tool_call_count(?:_raw)?$/,
    producer: 'curves of the DeepEyes paper',
    source: 'Figure 3 of arXiv 2505.14362',
  },
  {
    concept: 'toolCalls',
    key: /^(?:train\/)?tools\/call_frequency$/,
    producer: 'TRL',
    source: '`GRPOTrainer`, tool metrics',
  },
  {
    concept: 'responseLength',
    key: /^response_length(?:_raw)?$/,
    producer: 'curves of the DeepEyes paper',
    source: 'Figure 3 of arXiv 2505.14362',
  },
  {
    concept: 'responseLength',
    key: /^(?:train\/)?completions\/mean_length$/,
    producer: 'TRL, ms-swift',
    source: '`GRPOTrainer._generate_and_score_completions`',
    note: 'Tokens of the completion; whether the results of tools are among them, the log does not say.',
  },
  { concept: 'observationLength', key: 'obs_length/mean', producer: FORK, source: `${METRICS} of the fork` },
  {
    concept: 'iou',
    key: /^grounding_iou(?:_raw)?$/,
    producer: 'curves of the DeepEyes paper',
    source: 'Figure 3 of arXiv 2505.14362',
  },
  {
    concept: 'iou',
    key: /^(?:grounding\/iou(?:_mean|\/mean)?|iou|iou_mean|val_iou)$/,
    producer: 'own metrics',
    source: 'the name says so; no trainer logs it by itself',
  },
  {
    concept: 'accuracy',
    key: /^val-core\/[^/]+\/acc\/mean(?:@|_at_)\d+$/,
    producer: 'verl',
    source:
      '`verl/trainer/ppo/metric_utils.py`, `process_validation_metrics`; MLflow takes `_at_` for the `@`',
    note: 'On validation data.',
  },
  {
    concept: 'accuracy',
    key: /^(?:accuracy|acc|val\/accuracy|val\/acc|reward\/accuracy_ratio)$/,
    producer: 'own metrics',
    source: 'the name says so',
  },
  {
    concept: 'accuracy',
    key: /^(?:train\/)?rewards\/(?:accuracy|acc)[^/]*\/mean$/i,
    producer: 'TRL, ms-swift',
    source: '`rewards/<function>/mean` of `GRPOTrainer`',
  },
  { concept: 'score', key: 'critic/score/mean', producer: 'verl and forks', source: METRICS },
  { concept: 'score', key: 'critic/rewards/mean', producer: 'verl and forks', source: METRICS },
  { concept: 'score', key: /^(?:train\/)?reward$/, producer: 'TRL, ms-swift', source: '`GRPOTrainer.log`' },
  {
    concept: 'toolSuccess',
    key: /^(?:tool_success|tool\/success_rate)$/,
    producer: 'own metrics',
    source: 'the name says so',
  },
  { concept: 'turns', key: 'num_turns/mean', producer: 'verl', source: METRICS },
  { concept: 'turns', key: 'num_turns', producer: 'ms-swift', source: "ms-swift's GRPO trainer" },
  {
    concept: 'entropy',
    key: /^actor\/entropy(?:_loss)?$/,
    producer: 'verl and forks',
    source: '`dp_actor.py`',
  },
  {
    concept: 'entropy',
    key: /^(?:train\/)?entropy$/,
    producer: 'TRL, ms-swift',
    source: '`GRPOTrainer.compute_loss`',
  },
];

const VERL_LENGTH = 'response_length/mean';
const VERL_LENGTH_SOURCES = {
  // The fork counts with its action mask and logs what it left out beside it; later verl counts by the attention mask.
  excluded: {
    concept: 'responseLength',
    key: VERL_LENGTH,
    producer: FORK,
    source: `${METRICS} of the fork`,
    note: 'Observation tokens are not counted.',
  },
  included: {
    concept: 'responseLengthWithObservations',
    key: VERL_LENGTH,
    producer: 'verl',
    source: METRICS,
    note: 'Counts observation and image tokens as well, where the environment gave any.',
  },
} satisfies Record<string, ConceptRule>;

const OWN = 'this program, from rollouts';
const computed = (concept: Concept, key: string, note?: string): ConceptRule => ({
  concept,
  key: `rollouts/${key}`,
  producer: OWN,
  source: '`src/analysis/rolloutCurves/rolloutMeasures.ts`',
  ...(note !== undefined && { note }),
});
const IOU = 'Per call the highest over the ground truth boxes; of a rollout';

/** Keys of curves that were worked out from rollouts. A log's own keys, which its trainer counted, stand before them. */
export const COMPUTED_RULES: readonly ConceptRule[] = [
  computed('zoomCount', 'zoom_count', 'Crops that came back, mean over the rollouts in the dump.'),
  computed('toolCalls', 'tool_calls', 'Calls, failed ones included, mean over the rollouts in the dump.'),
  computed(
    'responseLength',
    'response_length',
    'Tokens that the policy wrote; observation tokens are not counted.',
  ),
  computed(
    'responseLengthWithObservations',
    'response_length_with_observations',
    'Tokens of the policy and of the observations.',
  ),
  computed('observationLength', 'observation_length'),
  computed('iou', 'iou', `${IOU} the mean over its calls.`),
  computed('iou', 'iou_best_call', `${IOU} its best call.`),
  computed('iou', 'iou_last_call', `${IOU} its last call.`),
  computed('accuracy', 'accuracy', 'Share of right answers among the rollouts that were judged.'),
  computed('score', 'reward', 'Mean of the rewards in the dump, on their own scale.'),
  computed('toolSuccess', 'tool_success', 'Share of the calls that gave a crop.'),
  computed('turns', 'turns', 'Generations of the policy per rollout.'),
];

/** A run's key that stands for a concept, and the rule that says so. */
export interface ConceptKey {
  readonly key: string;
  readonly rule: ConceptRule;
}

function fits({ key }: ConceptRule, name: string): boolean {
  return typeof key === 'string' ? key === name : key.test(name);
}

/**
 * All keys of a run for each concept that it has, the first choice first, in the order of `CONCEPT_NAMES`.
 * @param keys all keys of the run: which of verl's lengths it is, only the others tell
 */
export function conceptKeysOf(keys: Iterable<string>): ReadonlyMap<Concept, readonly ConceptKey[]> {
  const names = [...keys];
  const isFork = names.some((name) => name.startsWith('obs_length/') || name.startsWith('agent/tool_call_'));
  const length = isFork ? VERL_LENGTH_SOURCES.excluded : VERL_LENGTH_SOURCES.included;
  const found = new Map<Concept, ConceptKey[]>();
  const taken = new Set<string>();
  for (const rule of [...CONCEPT_RULES, length, ...COMPUTED_RULES]) {
    for (const key of names) {
      if (taken.has(key) || !fits(rule, key)) continue;
      taken.add(key);
      const known = found.get(rule.concept);
      if (known) known.push({ key, rule });
      else found.set(rule.concept, [{ key, rule }]);
    }
  }
  const order = Object.keys(CONCEPT_NAMES);
  return new Map([...found].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

/** The key of a run for each concept that it has: the first of `conceptKeysOf`. */
export function conceptsOf(keys: Iterable<string>): ReadonlyMap<Concept, ConceptKey> {
  return new Map(
    [...conceptKeysOf(keys)].map(([concept, found]) => [concept, found[0] as ConceptKey] as const),
  );
}

import assert from 'node:assert/strict';
import type { RewardFacts } from '../../../../src/rollout/rewards/composite';
import { composeReward, formOf } from '../../../../src/rollout/rewards/composite';
import type { Reward } from '../../../../src/trajectory/reward';
import {
  NAMED_FORMULAS,
  REWARD_FORMULAS,
  rewardFormula,
  rewardLattice,
} from '../../../../src/analysis/rewardFormula';

const ERROR = { kind: 'think tags', reason: 'They differ.' } as const;

interface Case {
  readonly correct?: boolean;
  readonly bad?: boolean;
  readonly crops?: number;
  readonly searched?: boolean;
}

function facts({ correct, bad = false, crops = 0, searched = false }: Case): RewardFacts {
  return { accuracy: { correct, reason: 'So.' }, form: formOf(bad ? [ERROR] : []), crops, searched };
}

function compose(name: string, given: Case): Reward {
  const formula = rewardFormula(name);
  assert.ok(formula, name);
  return composeReward(formula, facts(given));
}

/** Totals for right and wrong, form kept and not, with 0, 1 and 3 crops: 12 in this order. */
function totals(name: string): (number | undefined)[] {
  return [true, false].flatMap((correct) =>
    [false, true].flatMap((bad) => [0, 1, 3].map((crops) => compose(name, { correct, bad, crops }).total)),
  );
}

describe('composeReward', () => {
  // The doubles that Python gives for the same sums, by `repr`.
  const EXPECTED: Readonly<Record<string, readonly number[]>> = {
    deepeyes: [0.8, 2.0, 2.0, 0.6000000000000001, 1.8, 1.8, 0.0, 0.0, 0.0, -0.2, -0.2, -0.2],
    'ablation-conditional': [0.8, 2.0, 2.0, 0.6000000000000001, 1.8, 1.8, 0.0, 0.0, 0.0, -0.2, -0.2, -0.2],
    'ablation-unconditional': [0.8, 2.0, 2.0, 0.6000000000000001, 1.8, 1.8, 0.0, 1.2, 1.2, -0.2, 1.0, 1.0],
    'ablation-none': [
      0.8, 0.8, 0.8, 0.6000000000000001, 0.6000000000000001, 0.6000000000000001, 0.0, 0.0, 0.0, -0.2, -0.2,
      -0.2,
    ],
    'deepeyes-math': [
      1.2, 1.2, 1.2, 0.7999999999999999, 0.7999999999999999, 0.7999999999999999, 0.0, 0.0, 0.0, -0.4, -0.4,
      -0.4,
    ],
    'deepeyes-crop-0.4': [
      0.8, 1.2000000000000002, 1.2000000000000002, 0.6000000000000001, 1.0, 1.0, 0.0, 0.4, 0.4, -0.2, 0.2,
      0.2,
    ],
    'deepeyes-tool-2.0': [1.0, 3.0, 3.0, 0.8, 2.8, 2.8, 0.0, 0.0, 0.0, -0.2, -0.2, -0.2],
    'deepeyes-tool-1.0-crop-0.2': [1.0, 2.2, 2.2, 0.8, 2.0, 2.0, 0.0, 0.2, 0.2, -0.2, 0.0, 0.0],
    'deepeyes-tool-1.0': [0.5, 1.5, 1.5, 0.4, 1.4, 1.4, 0.0, 0.0, 0.0, -0.1, -0.1, -0.1],
    'deepeyes-further-crops': [
      0.8, 1.2000000000000002, 1.2000000000000002, 0.6000000000000001, 1.0, 1.0, 0.0, 0.4, 0.8, -0.2, 0.2,
      0.6000000000000001,
    ],
    'deepeyes-v2': [1.0, 1.0, 1.0, 0.8, 0.8, 0.8, 0.2, 0.2, 0.2, 0.0, 0.0, 0.0],
    'deepeyes-v2-search': [1.0, 1.0, 1.0, 0.8, 0.8, 0.8, 0.2, 0.2, 0.2, 0.0, 0.0, 0.0],
  };

  for (const [name, expected] of Object.entries(EXPECTED)) {
    it(`${name}: every total`, () => {
      assert.deepEqual(
        totals(name).map((total) => (total ?? NaN) + 0),
        expected,
      );
    });
  }

  it('names every formula that there is, each once', () => {
    const names = [...REWARD_FORMULAS, ...NAMED_FORMULAS].map(({ name }) => name);
    assert.deepEqual([...names].sort(), Object.keys(EXPECTED).sort());
    assert.equal(new Set(names).size, names.length);
    assert.equal(rewardFormula('none such'), undefined);
  });

  it('gives outcomes of the lattice alone, and all of them', () => {
    for (const formula of [...REWARD_FORMULAS, ...NAMED_FORMULAS]) {
      const key = (values: Iterable<readonly [string, number]>): string =>
        JSON.stringify([...values].map(([name, value]) => [name, value + 0]));
      const reached = new Set<string>();
      for (const correct of [true, false])
        for (const bad of [true, false])
          for (const searched of [true, false])
            for (let crops = 0; crops <= 31; crops++) {
              const reward = composeReward(formula, facts({ correct, bad, crops, searched }));
              reached.add(key(reward.parts.map(({ name, value }) => [name, value] as const)));
            }
      const lattice = new Set(rewardLattice(formula).map(({ values }) => key(values)));
      assert.deepEqual(
        [...reached].filter((each) => !lattice.has(each)),
        [],
        formula.name,
      );
      // Where a formula has both, a crop and a right answer always make the tool's part 1; a lattice can't say "always".
      const hasBoth = formula.name === 'deepeyes-tool-1.0-crop-0.2';
      assert.equal(lattice.size - reached.size, hasBoth ? 2 : 0, formula.name);
    }
  });

  it("a search costs a tenth of a right answer's accuracy", () => {
    assert.equal(
      compose('deepeyes-v2-search', { correct: true, searched: true }).total?.toFixed(12),
      '0.920000000000',
    );
    assert.equal(compose('deepeyes-v2-search', { correct: false, searched: true }).total, 0.2);
  });

  it('without accuracy there is no total; what depends on it is not known, what does not is', () => {
    const reward = compose('deepeyes', { crops: 2 });
    assert.equal(reward.total, undefined);
    assert.deepEqual(
      reward.parts.map(({ name, value }) => [name, value]),
      [['format', 0]],
    );
    assert.deepEqual(reward.unknown, [
      { name: 'accuracy', reason: 'So.' },
      { name: 'tool', reason: '2 crops came back. It depends on accuracy, which is not known.' },
    ]);
    const bare = compose('deepeyes', { crops: 0 });
    assert.deepEqual(
      bare.unknown?.map(({ name }) => name),
      ['accuracy'],
    );
    assert.deepEqual(
      bare.parts.map(({ name }) => name),
      ['format', 'tool'],
    );
  });

  it('each part says why', () => {
    const { parts } = compose('deepeyes', { correct: true, bad: true, crops: 1 });
    assert.deepEqual(parts, [
      { name: 'accuracy', value: 1, weight: 0.8, provenance: 'recomputed', reason: 'So.' },
      { name: 'format', value: -1, weight: 0.2, provenance: 'recomputed', reason: 'They differ.' },
      {
        name: 'tool',
        value: 1,
        weight: 1.2,
        provenance: 'recomputed',
        reason: '1 crop came back, and the answer is right.',
      },
    ]);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ImcotError } from '../../../src/common/errors';
import type { SamplingParameters } from '../../../src/inference/backend';
import { logProbabilityOf, summarizeLogits, topChoices } from '../../../src/inference/logits';
import { seededNumbers } from '../../../src/inference/randomNumbers';
import { Sampler } from '../../../src/inference/sampling';
import { TokenHistory } from '../../../src/inference/tokenHistory';
import { checkProperty } from '../../support/property';

interface Golden {
  readonly seen: readonly number[];
  readonly distributions: Readonly<
    Record<string, { logits: number[]; logProbabilities: number[]; entropy: number }>
  >;
  readonly cases: readonly {
    readonly distribution: string;
    readonly parameters: SamplingParameters;
    readonly kept: readonly number[];
    readonly scores: readonly number[];
    readonly greedy: number;
  }[];
}

const golden = JSON.parse(readFileSync(path.join(__dirname, '../../golden/sampling.json'), 'utf8')) as Golden;

function historyOf(ids: readonly number[]): TokenHistory {
  const history = new TokenHistory();
  history.addAll(ids);
  return history;
}

const close = (actual: number, expected: number, tolerance: number): void => {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
};

/** The definition, word for word: every score, a full sort, nothing clever. */
function naiveShares(
  logits: Float32Array,
  seen: readonly number[],
  parameters: SamplingParameters,
): { id: number; score: number; share: number }[] {
  const { temperature, topK = 0, topP = 1, minP = 0, repetitionPenalty = 1 } = parameters;
  const penalty = Math.fround(repetitionPenalty);
  let rows = Array.from(logits, (logit, id) => {
    const punished = seen.includes(id) ? Math.fround(logit < 0 ? logit * penalty : logit / penalty) : logit;
    return { id, score: Math.fround(punished / Math.fround(temperature)) };
  }).sort((a, b) => b.score - a.score || a.id - b.id);
  if (topK > 0) {
    const least = rows[Math.min(topK, rows.length) - 1]!.score;
    rows = rows.filter((row) => row.score >= least);
  }
  const weights = rows.map((row) => Math.exp(row.score - rows[0]!.score));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  const kept: { id: number; score: number; weight: number }[] = [];
  for (const [place, row] of rows.entries()) {
    const weight = weights[place]!;
    const fits = (topP >= 1 || before < topP * total) && weight >= minP;
    if (place === 0 || fits) kept.push({ ...row, weight });
    before += weight;
  }
  const mass = kept.reduce((sum, { weight }) => sum + weight, 0);
  return kept.map(({ id, score, weight }) => ({ id, score, share: weight / mass }));
}

function naiveDraw(shares: readonly { id: number; share: number }[], uniform: number): number {
  let cumulative = 0;
  for (const { id, share } of shares) {
    cumulative += share;
    if (cumulative > uniform) return id;
  }
  return shares.findLast(({ share }) => share > 0)!.id;
}

describe('sampling: against transformers', () => {
  for (const [index, one] of golden.cases.entries()) {
    const name = `${one.distribution} ${JSON.stringify(one.parameters)}`;
    const logits = Float32Array.from(golden.distributions[one.distribution]!.logits);

    it(`case ${index}: ${name}`, () => {
      const history = historyOf(golden.seen);
      if (one.parameters.temperature === 0) {
        assert.equal(new Sampler(one.parameters).next(logits, history).id, one.greedy);
        return;
      }
      const shares = naiveShares(logits, golden.seen, one.parameters);
      const falling = (values: readonly number[]): number[] => [...values].sort((x, y) => y - x);
      assert.deepEqual(falling(shares.map(({ score }) => score)), falling(one.scores));
      // Which of equal scores top-p drops depends on torch's sort; everywhere else the ids are the same ones.
      if (one.distribution !== 'ties' || one.parameters.topP === undefined) {
        assert.deepEqual(
          shares.map(({ id }) => id).sort((x, y) => x - y),
          one.kept,
        );
      }
      const expected = new Map(shares.map(({ id, share }) => [id, share]));
      const draws = 2000;
      const sampler = new Sampler({ ...one.parameters, seed: 11 });
      const counts = new Map<number, number>();
      for (let draw = 0; draw < draws; draw++) {
        const { id } = sampler.next(logits, history);
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
      assert.deepEqual(
        [...counts.keys()].filter((id) => !expected.has(id)),
        [],
        'an id was drawn that transformers drops',
      );
      for (const [id, share] of expected) {
        const spread = Math.sqrt((share * (1 - share)) / draws);
        close((counts.get(id) ?? 0) / draws, share, 5 * spread + 1e-3);
      }
    });
  }

  it('has cases with ties, cuts of each kind, and a penalty that changes the greedy choice', () => {
    const greedy = golden.cases.filter((one) => one.parameters.temperature === 0);
    assert.ok(
      new Set(greedy.filter((one) => one.distribution === 'peaked').map((one) => one.greedy)).size > 1,
    );
    for (const cut of ['topK', 'topP', 'minP'] as const) {
      const cutting = golden.cases.filter((one) => one.parameters[cut] !== undefined && one.kept.length < 96);
      assert.ok(cutting.length > 5, cut);
    }
    const tied = golden.cases.find(
      (one) => one.distribution === 'ties' && one.parameters.topK === 5 && one.parameters.topP === undefined,
    );
    assert.ok(tied!.kept.length > 5);
  });

  it('gives the plain log-probabilities and entropy whatever the parameters', () => {
    for (const { logits, logProbabilities, entropy } of Object.values(golden.distributions)) {
      const sampler = new Sampler({ temperature: 3, topK: 2, repetitionPenalty: 2, seed: 1 });
      const drawn = sampler.next(Float32Array.from(logits), historyOf(golden.seen), 4);
      close(drawn.logProbability, logProbabilities[drawn.id]!, 1e-12);
      close(drawn.entropy, entropy, 1e-12);
      const best = [...logProbabilities.entries()].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 4);
      assert.deepEqual(
        drawn.top.map((token) => token.id),
        best.map(([id]) => id),
      );
      drawn.top.forEach((token, place) => {
        close(token.logProbability, best[place]![1], 1e-12);
      });
    }
  });
});

const logit = fc.oneof(
  fc.double({ min: -30, max: 30, noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, -0, -700, -2000),
);
const manyLogits = fc
  .oneof(
    fc.array(logit, { minLength: 1, maxLength: 40 }),
    fc.array(logit, { minLength: 200, maxLength: 900 }),
  )
  .map((values) => Float32Array.from(values));
const someParameters: fc.Arbitrary<SamplingParameters> = fc.record(
  {
    temperature: fc.constantFrom(1e-6, 0.3, 0.7, 1, 1.5, 40),
    topK: fc.constantFrom(0, 1, 2, 7, 50, 300, 5000),
    topP: fc.constantFrom(1e-9, 0.1, 0.5, 0.95, 0.999, 1),
    minP: fc.constantFrom(0, 0.01, 0.2, 1),
    repetitionPenalty: fc.constantFrom(0.5, 1, 1.05, 2),
    seed: fc.nat(),
  },
  { requiredKeys: ['temperature', 'seed'] },
);

describe('sampling: against the definition', () => {
  it('draws what a full sort would, with the same random number', () => {
    const seen = fc.array(fc.nat({ max: 60 }), { maxLength: 20 });
    checkProperty(
      fc.property(manyLogits, someParameters, seen, (logits, parameters, ids) => {
        const sampler = new Sampler(parameters);
        const numbers = seededNumbers(parameters.seed!);
        const shares = naiveShares(logits, ids, parameters);
        for (let draw = 0; draw < 5; draw++) {
          const before = logits.slice();
          assert.equal(sampler.next(logits, historyOf(ids)).id, naiveDraw(shares, numbers.uniform()));
          assert.deepEqual(logits, before, 'the logits were changed');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('finds the most likely ids as a full sort does', () => {
    checkProperty(
      fc.property(manyLogits, fc.nat({ max: 1000 }), (logits, count) => {
        const sorted = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, count);
        assert.deepEqual(
          topChoices(logits, count).map(({ id }) => id),
          sorted,
        );
      }),
      { numRuns: 150 },
    );
  });

  it('normalises as Math.exp does', () => {
    checkProperty(
      fc.property(manyLogits, (logits) => {
        const summary = summarizeLogits(logits);
        const highest = Math.max(...logits);
        const total = logits.reduce((sum, value) => sum + Math.exp(value - highest), 0);
        const shares = Array.from(logits, (value) => Math.exp(value - highest) / total);
        const entropy = shares.reduce((sum, share) => sum - (share > 0 ? share * Math.log(share) : 0), 0);
        close(summary.entropy, entropy, 1e-11);
        const id = logits.length - 1;
        close(logProbabilityOf(logits, id, summary), logits[id]! - highest - Math.log(total), 1e-11);
      }),
      { numRuns: 100 },
    );
  });
});

describe('sampling: rules', () => {
  const flat = new Float32Array(1000);

  it('takes the lowest id among equals when greedy', () => {
    assert.equal(new Sampler({ temperature: 0 }).next(Float32Array.of(1, 5, 5, 0), new TokenHistory()).id, 1);
    assert.equal(new Sampler({ temperature: 0 }).next(flat, new TokenHistory()).id, 0);
  });

  it('gives the same tokens for the same seed, others for another, and names the seed', () => {
    const run = (seed?: number): { ids: number[]; seed: number | undefined } => {
      const sampler = new Sampler({ temperature: 1, ...(seed !== undefined && { seed }) });
      const ids = Array.from({ length: 20 }, () => sampler.next(flat, new TokenHistory()).id);
      return { ids, seed: sampler.seed };
    };
    assert.deepEqual(run(5), run(5));
    assert.notDeepEqual(run(5).ids, run(6).ids);
    const fresh = run();
    assert.ok(fresh.seed !== undefined);
    assert.deepEqual(run(fresh.seed).ids, fresh.ids);
    assert.equal(new Sampler({ temperature: 0 }).seed, undefined);
  });

  it('draws each of a vocabulary of equals about as often, without a cut', () => {
    const sampler = new Sampler({ temperature: 1, seed: 3 });
    const counts = new Uint32Array(50);
    for (let draw = 0; draw < 20_000; draw++) {
      const { id } = sampler.next(flat.subarray(0, 50), new TokenHistory());
      counts[id]!++;
    }
    for (const count of counts) close(count, 400, 5 * Math.sqrt(400));
  });

  it('counts an id once however often it was seen, and none beyond the vocabulary', () => {
    const sampler = new Sampler({ temperature: 0, repetitionPenalty: 1.5 });
    const logits = Float32Array.of(2, 3, -1);
    assert.equal(sampler.next(Float32Array.of(2.1, 3, -1), historyOf([1])).id, 0);
    assert.equal(sampler.next(Float32Array.of(1.9, 3, -1), historyOf([1, 1, 1, 1])).id, 1);
    assert.equal(sampler.next(logits, historyOf([99])).id, 1);
    assert.equal(sampler.next(Float32Array.of(-2, -1.9, -3), historyOf([1])).id, 0);
  });

  it('never chooses what is excluded: as if the model did not have it', () => {
    const cut = fc.record({
      temperature: fc.constantFrom(0, 0.5, 1, 2),
      topK: fc.constantFrom(0, 1, 3, 100),
      topP: fc.constantFrom(0.3, 0.9, 1),
      minP: fc.constantFrom(0, 0.2),
      repetitionPenalty: fc.constantFrom(1, 1.5),
      seed: fc.nat(1000),
    });
    const scores = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 3, maxLength: 40 });
    checkProperty(
      fc.property(scores, cut, fc.array(fc.nat(39), { maxLength: 6 }), (values, parameters, excluded) => {
        const left = values.flatMap((_, id) => (excluded.includes(id) ? [] : [id]));
        fc.pre(left.length > 0);
        const logits = Float32Array.from(values);
        const fewer = logits.filter((_, id) => !excluded.includes(id));
        const sampler = new Sampler(parameters, excluded);
        const smaller = new Sampler(parameters);
        const history = historyOf([left[0]!, ...excluded]);
        for (let draw = 0; draw < 5; draw++) {
          const drawn = sampler.next(logits, history, 2);
          assert.equal(drawn.id, left[smaller.next(fewer, historyOf([0])).id]);
          // What it says about them is what the model thinks, the excluded included.
          const summary = summarizeLogits(logits);
          assert.equal(drawn.logProbability, logProbabilityOf(logits, drawn.id, summary));
          assert.equal(drawn.entropy, summary.entropy);
          assert.deepEqual(drawn.top, topChoices(logits, 2));
        }
        assert.deepEqual(logits, Float32Array.from(values), 'the logits are left as they are');
      }),
      { numRuns: 300 },
    );
  });

  it('takes no notice of excluded ids that the model does not have', () => {
    assert.equal(
      new Sampler({ temperature: 0 }, [3, 99]).next(Float32Array.of(1, 5, 4), historyOf([])).id,
      1,
    );
  });

  for (const [what, value] of [
    ['NaN', NaN],
    ['infinity', Infinity],
    ['minus infinity', -Infinity],
  ] as const) {
    it(`refuses ${what} among the logits`, () => {
      for (const place of [0, 1, 2]) {
        const logits = Float32Array.of(1, 2, 3);
        logits[place] = value;
        for (const temperature of [0, 1]) {
          assert.throws(
            () => new Sampler({ temperature }).next(logits, new TokenHistory()),
            (thrown) => thrown instanceof ImcotError && /produced no numbers/.test(thrown.message),
          );
        }
      }
    });
  }

  it('refuses empty logits', () => {
    assert.throws(
      () => new Sampler({ temperature: 0 }).next(new Float32Array(0), new TokenHistory()),
      ImcotError,
    );
  });

  it('refuses parameters out of range, naming them', () => {
    const wrong: [string, Partial<SamplingParameters>][] = [
      ['temperature', { temperature: -1 }],
      ['temperature', { temperature: NaN }],
      ['temperature', { temperature: 1e-40 }],
      ['topK', { topK: -1 }],
      ['topK', { topK: 1.5 }],
      ['topP', { topP: 0 }],
      ['topP', { topP: 1.1 }],
      ['minP', { minP: -0.1 }],
      ['minP', { minP: NaN }],
      ['repetitionPenalty', { repetitionPenalty: 0 }],
      ['seed', { seed: -1 }],
      ['seed', { seed: 0.5 }],
    ];
    for (const [name, parameters] of wrong) {
      assert.throws(
        () => new Sampler({ temperature: 1, ...parameters }),
        (thrown) => thrown instanceof ImcotError && thrown.code === 'usage' && thrown.message.includes(name),
        name,
      );
    }
  });
});

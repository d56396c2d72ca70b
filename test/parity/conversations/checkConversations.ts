import { tokenPositions } from '../../../src/inference/onnx/positions/mrope';
import { errorMessage } from '../../../src/common/errors';
import type { Message } from '../../../src/inference/backend';
import { axes, mergedGrids } from '../checks/positions';
import { largestDifference } from '../../support/goldenQwen';
import { differing, numbersOf } from '../compare';
import type { OpenedModel } from '../openedModel';
import { EXACT, type Kind, type Report, type Tolerance, within } from '../report';
import type { ConversationCase } from './cases';
import { Content } from './content';
import { compareGreedy, generateGreedily, NEAR_TIE, partingOf } from './greedy';
import { type Reached, WAYS } from './ways';

/** What of a run is asked for. */
export interface ConversationLimits {
  /** Of greedy continuations; Infinity: all that are recorded. */
  readonly steps: number;
  /** Names of `WAYS`. */
  readonly ways: readonly string[];
  readonly logits: Tolerance;
}

/** Everything that a conversation's reference says, once for each way in which it can come to stand in a sequence. */
export async function checkConversation(
  opened: OpenedModel,
  source: ConversationCase,
  messages: readonly Message[],
  limits: ConversationLimits,
  report: Report,
): Promise<void> {
  await checkPlaces(opened, source, report);
  const content = new Content(source, opened.core.config.specialTokens);
  for (const name of limits.ways) {
    try {
      const reached = await WAYS[name]?.(opened, content, messages);
      if (!reached) continue;
      await compareReached(reached, source, name, limits, report);
      await reached.sequence.close();
      const fault = reached.finish?.();
      if (fault !== undefined) throw new Error(fault);
    } catch (thrown) {
      report.faults.push(`"${source.name}" ${name}: ${errorMessage(thrown)}`);
    }
  }
}

/** position_ids and rope_delta. */
async function checkPlaces(opened: OpenedModel, source: ConversationCase, report: Report): Promise<void> {
  const { positions, ropeDelta, ids } = source;
  if (!positions && ropeDelta === undefined) return;
  const kind = report.kind('conversations, positions', EXACT);
  kind.expect(1);
  await kind.check(`"${source.name}"`, () => {
    const { vision, specialTokens } = opened.core.config;
    const found = tokenPositions(ids, specialTokens.image, mergedGrids(source.grids, vision.mergeSize));
    return (
      (positions ? differing(axes(found.positions).flat(), positions.flat()) : 0) +
      Number(ropeDelta !== undefined && found.next - ids.length !== ropeDelta)
    );
  });
}

async function compareReached(
  reached: Reached,
  source: ConversationCase,
  way: string,
  limits: ConversationLimits,
  report: Report,
): Promise<void> {
  const { sequence } = reached;
  const kind = (name: string, tolerance: Tolerance): Kind => report.kind(`${way}: ${name}`, tolerance);
  if (sequence.length !== source.ids.length)
    throw new Error(`it has ${sequence.length} tokens, not ${source.ids.length}`);
  const end = sequence.mark();
  const logProbabilities = kind('log-probabilities', limits.logits);
  if (source.greedy) {
    const steps = Math.min(limits.steps, source.greedy.ids.length);
    const found = await generateGreedily(sequence, {
      steps,
      ...(reached.between && { between: reached.between }),
    });
    compareGreedy(source, found, steps, {
      tokens: kind('greedy tokens', EXACT),
      logProbabilities,
      ...(way === 'in one go' && {
        seconds: kind('second choices', EXACT),
        margins: kind('margins of the first choice', twice(limits.logits)),
      }),
    });
    await sequence.rewind(end);
  }
  for (const wanted of source.penalised) {
    await comparePenalised(reached, source, wanted, limits.steps, kind('greedy tokens, with penalty', EXACT));
    await sequence.rewind(end);
  }
  await compareLogits(reached, source, kind('logits', limits.logits));
  await compareForced(reached, source, logProbabilities);
}

/** For the difference of two logits. */
function twice(tolerance: Tolerance): Tolerance {
  return tolerance.unit === 'absolute' ? within(2 * tolerance.most) : tolerance;
}

async function comparePenalised(
  { sequence, between }: Reached,
  source: ConversationCase,
  wanted: ConversationCase['penalised'][number],
  limit: number,
  kind: Kind,
): Promise<void> {
  const steps = Math.min(limit, wanted.ids.length);
  const recorded = { ...wanted, ids: wanted.ids.slice(0, steps) };
  kind.expect(wanted.ids.length);
  if (steps < wanted.ids.length) kind.excuse(wanted.ids.length - steps, `limited to ${steps} steps`);
  const start = sequence.length;
  const found = await generateGreedily(sequence, {
    steps,
    repetitionPenalty: wanted.penalty,
    ...(between && { between }),
  });
  const parting = await partingOf(sequence, start, source.ids, found, recorded);
  const place = `"${source.name}" penalty ${wanted.penalty}`;
  if (!parting) return kind.compared(place, 0, steps);
  kind.compared(place, 0, parting.step);
  if (parting.gap < NEAR_TIE) {
    kind.excuse(
      steps - parting.step,
      `${place} parts at step ${parting.step}, rightly: the two are ${parting.gap.toExponential(1)} apart`,
    );
  } else kind.compared(`${place} step ${parting.step}`, 1, steps - parting.step);
}

/** Logits at the stored places; on a running cache, at those that do not belong to it. */
async function compareLogits(
  { sequence, from }: Reached,
  source: ConversationCase,
  kind: Kind,
): Promise<void> {
  const wanted = numbersOf(source.logits);
  const [rows = 0, width = 0] = source.logits.shape;
  if (rows !== source.logitPositions.length) throw new Error('logits and their positions differ in number');
  const chosen = source.logitPositions
    .map((place, row) => ({ place, row }))
    .filter(({ place }) => place >= from);
  kind.expect(chosen.length);
  const ordered = [...chosen].sort((a, b) => a.place - b.place);
  const found = await sequence.logitsAfter(ordered.map(({ place }) => place));
  for (const [index, { place, row }] of ordered.entries()) {
    const ours = found.subarray(index * width, (index + 1) * width);
    const error = largestDifference(ours, wanted.subarray(row * width, (row + 1) * width));
    kind.compared(`"${source.name}" after token ${place}`, error);
  }
}

/** Log-probabilities of the conversation's own tokens. */
async function compareForced(
  { sequence, from }: Reached,
  source: ConversationCase,
  kind: Kind,
): Promise<void> {
  if (!source.forced) return;
  const wanted = numbersOf(source.forced);
  const count = Math.min(source.ids.length - Math.max(from, 1), source.ids.length - 1);
  if (wanted.length !== source.ids.length - 1)
    throw new Error(`${source.forced.place} has ${wanted.length} numbers`);
  kind.expect(count);
  const found = await sequence.score(count);
  const first = wanted.length - count;
  for (const [index, ours] of found.entries()) {
    kind.compared(
      `"${source.name}" token ${first + index + 1}`,
      Math.abs(ours - (wanted[first + index] ?? NaN)),
    );
  }
}

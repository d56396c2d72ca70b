import { parseTurn } from '../../../../../src/trajectory/parseTurn';
import { questionOf } from '../../../../../src/trajectory/promptText';
import type { Trajectory } from '../../../../../src/trajectory/trajectory';

/** A rollout of DeepEyes' evaluation: a crop came back after each turn but the last. */
export function rolloutOfTurns(
  turns: readonly string[],
  user: string,
  more: Partial<Trajectory> = {},
): Trajectory {
  return {
    origin: { file: 'f', index: 0, bytes: { start: 0, end: 0 } },
    prompt: { user, question: questionOf(user), images: [{ kind: 'blank' }] },
    turns: turns.map((raw, index) => ({
      raw,
      parts: parseTurn(raw, 'evaluation').parts,
      ...(index < turns.length - 1 && {
        observation: {
          kind: 'observation' as const,
          raw: '',
          text: '',
          images: [{ kind: 'blank' as const }],
        },
      }),
    })),
    outcome: { status: 'finished' },
    frame: 'original',
    zoomVariant: 'evaluation',
    extras: new Map(),
    ...more,
  };
}

import type { Trajectory } from '../../trajectory/trajectory';

/** The answer: what was judged where the file has it apart, else the last one that was given. Trimmed. */
export function answerText({ prediction, turns }: Trajectory): string | undefined {
  if (prediction !== undefined) return prediction.trim();
  for (const { parts } of turns.toReversed()) {
    const answer = parts.findLast(({ kind }) => kind === 'answer');
    if (answer) return answer.text.trim();
  }
  return undefined;
}

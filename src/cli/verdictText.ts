import type { Reward } from '../trajectory/reward';
import type { Trajectory, Verdict } from '../trajectory/trajectory';
import type { Printer } from './text/printer';

/** Six digits: trainers write 32-bit floats, whose 0.8 reads 0.800000011920929. */
const short = (value: number): string => String(Number(value.toPrecision(6)));

/** Whether the parts are all that the total is made of. */
function isWholeSum({ total, parts }: Reward): boolean {
  let sum = 0;
  for (const { value, weight } of parts) sum += value * (weight ?? NaN);
  return total !== undefined && parts.length > 0 && Math.abs(sum - total) < 1e-4;
}

/** `2 = 0.8 x accuracy 1 + 0.2 x format 0 + 1.2 x tool 1 (recovered), formula deepeyes`. */
function rewardText(reward: Reward): string {
  const { total, parts, formula, candidates, unknown } = reward;
  const origins = new Set(parts.map(({ provenance }) => provenance));
  const terms = parts.map(({ name, value, weight, provenance }) => {
    const term = `${name} ${short(value)}${origins.size > 1 ? ` (${provenance})` : ''}`;
    return weight === undefined ? term : `${weight} x ${term}`;
  });
  const isSum = isWholeSum(reward);
  const origin = origins.size === 1 ? ` (${[...origins].join('')})` : '';
  const sum = terms.length === 0 ? '' : `${isSum ? ' = ' : '; '}${terms.join(isSum ? ' + ' : ', ')}${origin}`;
  const name = formula === undefined ? '' : `, formula ${formula}`;
  const doubt = candidates ? `; its parts are unknown: ${candidates.join(' and ')} explain it equally` : '';
  const none = unknown && unknown.length > 0 ? 'unknown' : 'not recorded';
  return `${total === undefined ? none : short(total)}${sum}${name}${doubt}`;
}

function verdictText({ correct, provenance, by, reason }: Verdict): string {
  const who = by === undefined ? provenance : `${provenance} by ${by}`;
  return `${correct ? 'right' : 'wrong'} (${who})${reason === undefined ? '' : `: ${reason}`}`;
}

/** Why the parts are what they are, and what a judge said; what the verdict said already is left out. */
function printReasons(printer: Printer, { parts, unknown = [] }: Reward, told: string | undefined): void {
  const { dim, yellow } = printer.options.style;
  for (const { name, reason } of parts) {
    if (reason !== undefined && reason !== told) printer.field('', `${name}: ${reason}`, dim);
  }
  for (const { name, reason } of unknown) {
    if (reason !== told) printer.field('', `${name} is unknown: ${reason}`, yellow);
  }
  const replies = [...parts, ...unknown].flatMap((part) => part.replies ?? []);
  replies.forEach((reply, index) => {
    const attempt = replies.length > 1 ? `${index + 1} of ${replies.length}: ` : '';
    printer.field(index === 0 ? 'judge said' : '', `${attempt}${reply.trim() === '' ? '(nothing)' : reply}`);
  });
}

/** Whether the answer is right, who says so and why, and the reward with its parts. */
export function printVerdict(
  printer: Printer,
  { verdict, reward }: Pick<Trajectory, 'verdict' | 'reward'>,
): void {
  const { green, red } = printer.options.style;
  const open = reward?.unknown?.find(({ name }) => name === 'accuracy')?.reason;
  const told = verdict?.reason ?? open;
  if (verdict) printer.field('verdict', verdictText(verdict), verdict.correct ? green : red);
  else printer.field('verdict', open === undefined ? 'not judged' : `not judged: ${open}`);
  if (!reward) return;
  printer.field('reward', rewardText(reward));
  printReasons(printer, reward, told);
}

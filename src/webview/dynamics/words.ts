import type { Alarm, AlarmKind } from '../../analysis/alarms';
import type { XMode } from '../../protocol/dynamicsView';
import { visibleLine } from '../shared/visibleText';

// Made once: making one takes far longer than using it, and a table draws hundreds of numbers.
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count for people: thousands apart. */
export function countOf(value: number): string {
  return WHOLE.format(value);
}

/** `1 step`, `80 steps`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${countOf(count)} ${count === 1 ? one : many}`;
}

/** A step: whole numbers as they are, others with what they have. */
export function stepWords(step: number): string {
  return Number.isInteger(step) ? WHOLE.format(step) : String(Number(step.toFixed(3)));
}

/** `93 %`. */
export function shareWords(share: number): string {
  return `${Math.round(share * 100)}\u00a0%`;
}

/** How sure a person may be, in one word. */
export function confidenceWord(confidence: number): 'high' | 'medium' | 'low' {
  return confidence >= 0.8 ? 'high' : confidence >= 0.5 ? 'medium' : 'low';
}

const MODES: Readonly<Record<XMode, string>> = { step: 'step', relative: 'relative time', wall: 'wall time' };

/** Name of what stands on the axis. */
export function modeWords(mode: XMode): string {
  return MODES[mode];
}

const ALARMS: Readonly<Record<AlarmKind, string>> = {
  toolCollapse: 'collapse of zooming',
  homogenisedUse: 'homogenised zooming',
  rewardWithoutAccuracy: 'reward without accuracy',
  lengthRunaway: 'runaway length',
};

/** Name of an alarm. */
export function alarmWords(kind: Alarm['kind']): string {
  return ALARMS[kind];
}

/** The first letter large; 'IoU' keeps its own. */
export function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A name out of a file, for one line. */
export function nameLine(name: string): string {
  return visibleLine(name, 120) || '(no name)';
}

/** A moment in the reader's own zone. @param seconds since 1970 */
export function momentWords(seconds: number): string {
  const moment = new Date(seconds * 1000);
  if (Number.isNaN(moment.getTime())) return String(seconds);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day} ${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
}

/** A sentence, possibly with names out of a file; a number keeps its percent sign. @param limit in UTF-16 units */
export function sentence(words: string, limit = 600): string {
  return visibleLine(words, limit).replace(/(\d) %/g, '$1\u00a0%');
}

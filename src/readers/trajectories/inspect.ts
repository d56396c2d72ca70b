import { asRecord, field } from '../fields';
import type { SniffInput, TrajectoryReader } from '../reader';
import { readInspectSample } from './inspectSample';

/*
 * Inspect's logs: `.eval`, a ZIP archive with a member per sample and epoch, and `.json`, one object with a list of
 * samples. While an evaluation is going the archive has no `header.json` yet, but how it began stands in its journal.
 * Source: Inspect's `log/_recorders/eval.py` and `json.py`, 0.3.
 */

const SAMPLE = /^samples\/.+\.json$/s;
const HEADERS = ['header.json', '_journal/start.json'];

/** Inspect's archives. */
export const inspectEvalReader: TrajectoryReader = {
  format: 'inspect-eval',
  label: 'Inspect log',
  layout: 'archive',
  isRecord: (member) => SAMPLE.test(member),
  headers: HEADERS,
  sniff({ members = [] }: SniffInput): number {
    const isKnown = members.some((member) => HEADERS.includes(member));
    if (members.some((member) => SAMPLE.test(member))) return isKnown ? 1 : 0.7;
    return isKnown ? 0.9 : 0;
  },
  read: readInspectSample,
};

/** Inspect's logs as JSON. */
export const inspectJsonReader: TrajectoryReader = {
  format: 'inspect-json',
  label: 'Inspect log (JSON)',
  layout: 'list',
  listName: 'samples',
  sniff({ lines, values }: SniffInput): number {
    const whole = asRecord(values.find((value) => value !== undefined));
    if (whole && asRecord(field(whole, 'eval')) && Object.hasOwn(whole, 'version')) return 1;
    // Written over many lines, or too long to be seen whole: then it is known by how it begins.
    const head = lines.slice(0, 12).join('\n').slice(0, 4096);
    return /^\s*\{\s*"version"\s*:\s*\d+\s*,/.test(head) && /"eval"\s*:\s*\{/.test(head) ? 0.9 : 0;
  },
  read: readInspectSample,
};

import type { ErrorCode } from '../../../common/errors';
import { ImcotError } from '../../../common/errors';

/** How a process ended, as the system tells it. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it printed. */
  readonly output: string;
}

/** Windows gives an exception's number as the exit code (NTSTATUS values, ntstatus.h). */
const WINDOWS_FAULTS: Readonly<Record<number, string>> = {
  0xc0000005: 'access violation',
  0xc000001d: 'illegal instruction',
  0xc0000017: 'not enough memory',
  0xc00000fd: 'stack overflow',
  0xc0000374: 'heap corruption',
  0xc0000409: 'abort',
  0x80000003: 'breakpoint trap',
};

const HEAP_FULL = /JavaScript heap out of memory|Reached heap limit/;
const NATIVE_MEMORY = /std::bad_alloc|Cannot allocate memory|failed to allocate|CUDA out of memory/i;
const OTHER_SIGNATURE = /code signature|different Team IDs/;

const CRASHED = 'The next request starts it again';

/**
 * Why a model's process ended that nobody had told to: one sentence on what happened, one on what can be done.
 * @param doing what it was at: "loading", "running"
 */
export function describeEnd(model: string, doing: string, end: ProcessEnd): ImcotError {
  const subject = `The process of ${model} ended while ${doing}: `;
  const error = (code: ErrorCode, what: string, next: string): ImcotError =>
    new ImcotError(code, `${subject}${what}. ${next}.`);
  if (HEAP_FULL.test(end.output)) {
    return error('limit', 'its JavaScript heap was full', `${CRASHED}; a shorter context needs less`);
  }
  if (end.signal === 'SIGKILL') {
    const next = `Choose a lower precision or a shorter context, or close what needs memory. ${CRASHED}`;
    return error('internal', 'it was killed (SIGKILL), often for lack of memory', next);
  }
  if (NATIVE_MEMORY.test(end.output)) {
    const next = `Choose a lower precision or a shorter context. ${CRASHED}`;
    return error('limit', `it ran out of memory (${howEnded(end)})${said(end)}`, next);
  }
  if (OTHER_SIGNATURE.test(end.output)) {
    const next = 'Name another Node program in the setting imcot.inference.nodeExecutable';
    return error('internal', `the system refused a library that this editor did not sign${said(end)}`, next);
  }
  const next = `${CRASHED}; if it happens again, choose another provider in imcot.inference.provider`;
  return error('internal', `it ${howEnded(end)}${said(end)}`, next);
}

function howEnded({ code, signal }: ProcessEnd): string {
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP') return `was ended by ${signal}`;
  if (signal !== null) return `crashed (${signal})`;
  const fault = WINDOWS_FAULTS[(code ?? 0) >>> 0];
  return fault === undefined ? `ended with exit code ${code ?? 'unknown'}` : `crashed (${fault})`;
}

/** The line of the output that tells most: the last one that names an error. */
function said({ output }: ProcessEnd): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => /error|fatal|exception|terminate|what\(\)|abort/i.test(line));
  const line = telling.at(-1)?.trim().slice(0, 300);
  return line === undefined ? '' : `; it said "${line}"`;
}

/** A process that says nothing any more. */
export function describeHang(model: string, doing: string, silentMs: number): ImcotError {
  return new ImcotError(
    'internal',
    `The process of ${model} gave no sign of life for ${Math.round(silentMs / 1000)} s while ${doing}, so it was ended. ` +
      `${CRASHED}; if it happens again, choose another provider in imcot.inference.provider.`,
  );
}

/** A process that could not be started at all. */
export function describeFailedStart(executable: string, reason: string): ImcotError {
  return new ImcotError(
    'missing',
    `The model's process could not be started with ${executable} (${reason}). ` +
      'Name another Node program in the setting imcot.inference.nodeExecutable.',
  );
}

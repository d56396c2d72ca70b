import { isDeepStrictEqual } from 'node:util';
import { FileSource } from '../../../src/files/fileSource';
import { walkArchive } from '../../../src/files/zip/archiveTable';
import type { ImageReference } from '../../../src/trajectory/imageReference';
import type { ModelPart, ObservationPart, Turn } from '../../../src/trajectory/turn';
import type { Fields } from '../comparison';
import { fieldsOf, listOf } from '../comparison';
import type { Ledger, Path } from '../ledger';
import type { ReadRollout, RolloutComparison } from './rolloutFile';
import { checkCount, recordAt } from './rolloutFile';

/** What stands in a log whose pictures were not kept. */
const REMOVED = '<base64-data-removed>';

/** Inspect's logs: samples with their messages, and the archive's members. */
export const inspectComparison: RolloutComparison = {
  formats: ['inspect-eval', 'inspect-json'],
  async compare(entry, file, ledger) {
    const samples = listOf(entry['samples']).map(fieldsOf);
    checkCount(file, samples.length, ledger);
    for (const [index, sample] of samples.entries()) {
      const record = recordAt(file, index, ledger);
      if (record) compareSample(sample, ['samples', index], record, ledger);
    }
    if ('members' in entry) await compareMembers(listOf(entry['members']), file.path, ledger);
  },
};

function compareSample(sample: Fields, path: Path, record: ReadRollout, ledger: Ledger): void {
  const { trajectory } = record;
  for (const [key, wanted] of Object.entries(sample)) {
    const here = [...path, key];
    if (key === 'id') ledger.compare(here, trajectory.id, String(wanted));
    else if (key === 'epoch') ledger.compare(here, trajectory.extras.get('epoch'));
    else if (key === 'target') ledger.compare(here, trajectory.groundTruth);
    else if (key === 'scores') {
      const scores = fieldsOf(trajectory.extras.get('scores'));
      for (const name of Object.keys(fieldsOf(wanted)))
        ledger.compare([...here, name], fieldsOf(scores[name])['value']);
    } else if (key === 'messages') compareMessages(listOf(wanted).map(fieldsOf), here, record, ledger);
  }
}

/** A message as expected.json has it and what the model has in its place. */
function compareMessages(wanted: readonly Fields[], path: Path, record: ReadRollout, ledger: Ledger): void {
  const { prompt, turns } = record.trajectory;
  const first = wanted.findIndex(({ role }) => role === 'assistant');
  const asked = wanted.slice(0, first < 0 ? undefined : first);
  const users = asked.filter(({ role }) => role !== 'system');
  const at = (message: Fields): Path => [...path, wanted.indexOf(message)];
  for (const message of asked) {
    const text = message['role'] === 'system' ? prompt.system : prompt.user;
    const same = asked.filter(({ role }) => (role === 'system') === (message['role'] === 'system'));
    compareText(same, text, at(message), ledger);
    rest(message, at(message), [], undefined, ledger);
  }
  compareImages(users, prompt.images, at, ledger);
  let turn = -1;
  for (const message of wanted.slice(asked.length)) {
    if (message['role'] === 'assistant') {
      turn++;
      compareText([message], turns[turn]?.raw, at(message), ledger);
      rest(message, at(message), turns[turn]?.parts ?? [], undefined, ledger);
      compareImages([message], [], at, ledger);
      const end = wanted.findIndex(
        (next, index) => index > wanted.indexOf(message) && next['role'] === 'assistant',
      );
      const replies = wanted.slice(wanted.indexOf(message) + 1, end < 0 ? undefined : end);
      compareReplies(replies, turns[turn], at, ledger);
    }
  }
  if (turns.length !== turn + 1)
    ledger.wrong(`${path.join(' > ')}: ${turns.length} turns, ${turn + 1} expected`);
}

function compareReplies(
  replies: readonly Fields[],
  turn: Turn | undefined,
  at: (message: Fields) => Path,
  ledger: Ledger,
): void {
  const observation = turn?.observation;
  for (const message of replies) {
    // An error's words stand where there is no other text.
    if (message['text'] === '' && typeof message['error'] === 'string')
      ledger.check([...at(message), 'text'], observation?.raw === message['error'], observation?.raw);
    else compareText(replies, observation?.raw, [...at(message)], ledger);
    rest(message, at(message), [], observation, ledger);
  }
  compareImages(replies, observation?.images ?? [], at, ledger);
}

/** Messages that are shown as one: their texts, with an empty line between. */
function compareText(messages: readonly Fields[], got: string | undefined, path: Path, ledger: Ledger): void {
  const joined = messages.flatMap(({ text }) => (text === '' ? [] : [String(text)])).join('\n\n');
  ledger.check([...path, 'text'], got === joined, got);
}

/** Role, calls and error. */
function rest(
  message: Fields,
  path: Path,
  parts: readonly ModelPart[],
  observation: ObservationPart | undefined,
  ledger: Ledger,
): void {
  ledger.check([...path, 'role'], typeof message['role'] === 'string', message['role']);
  const calls = parts.flatMap((part) =>
    part.kind === 'toolCall' && part.call.status === 'parsed' ? [part.call] : [],
  );
  const wanted = listOf(message['tool_calls']).map(fieldsOf);
  if (calls.length !== wanted.length)
    ledger.wrong(`${path.join(' > ')}: ${calls.length} calls, ${wanted.length} expected`);
  for (const [index, call] of wanted.entries()) {
    const got = calls[index];
    ledger.compare([...path, 'tool_calls', index, 'function'], got?.name);
    const given = got && Object.fromEntries(got.arguments);
    ledger.checkAll(
      [...path, 'tool_calls', index, 'arguments'],
      isDeepStrictEqual(given, call['arguments']),
      given,
    );
  }
  if (message['error'] === null)
    ledger.check([...path, 'error'], observation?.error === undefined, observation?.error);
  else ledger.compare([...path, 'error'], observation?.error);
}

function compareImages(
  messages: readonly Fields[],
  got: readonly ImageReference[],
  at: (message: Fields) => Path,
  ledger: Ledger,
): void {
  let next = 0;
  for (const message of messages) {
    for (const [index, wanted] of listOf(message['images']).entries()) {
      const image = got[next++];
      const told = image?.kind === 'inline' ? image.hash : image?.kind === 'blank' ? REMOVED : image?.path;
      ledger.check([...at(message), 'images', index], told === wanted, told);
    }
  }
  if (next !== got.length) ledger.wrong(`${got.length} pictures, ${next} expected`);
}

async function compareMembers(wanted: readonly unknown[], file: string, ledger: Ledger): Promise<void> {
  const source = await FileSource.open(file);
  const members: (readonly unknown[])[] = [];
  try {
    await walkArchive(source, await source.size(), {
      add: ({ name, method, packed, unpacked }) => members.push([name, method, packed, unpacked]),
      restart: () => members.splice(0),
    });
  } finally {
    await source.close();
  }
  if (members.length !== wanted.length) ledger.wrong(`${members.length} members, ${wanted.length} expected`);
  for (const [index, member] of wanted.entries())
    for (const place of listOf(member).keys())
      ledger.compare(['members', index, place], members[index]?.[place]);
}

import { ImcotError } from '../../common/errors';
import { joinSignals } from './joinSignals';
import { field, listField, numberField, textField } from './fields';
import { retryPause, sleep } from './retries';
import type { ServerConnection } from './serverConnection';
import { rootFailure } from './serverFailure';
import { ServerRefusal } from './serverRefusal';
import type { ServerKind, ServerModelOptions } from './serverOptions';

/** What a server tells of itself. */
export interface ServerDescription {
  readonly kind: ServerKind;
  readonly model: string;
  /** Absent where it does not tell. */
  readonly contextLength?: number;
}

const NAMES_TOLD = 10;

/** These can't serve what they do not list. */
const LIST_ALL: readonly ServerKind[] = ['vllm', 'sglang', 'llama-server'];

/** A server that lacks a path, or fails on it whatever is asked. */
const NOT_OFFERED = [404, 405, 500, 501];

const KIND_OF_OWNER: Readonly<Record<string, ServerKind>> = {
  vllm: 'vllm',
  sglang: 'sglang',
  llamacpp: 'llama-server',
};

/**
 * Asks a server what it is and which models it has: `GET /v1/models`, where vLLM, SGLang and llama-server name
 * themselves as the models' owner and the first two give `max_model_len`; llama-server's `/props` has the context of
 * one slot; `transformers serve` is known by a path of its own in `/openapi.json`.
 * @throws ImcotError when it can't be reached, refuses, or does not have the model
 */
export async function describeServer(
  connection: ServerConnection,
  options: ServerModelOptions,
): Promise<ServerDescription> {
  const ask = (url: string): Promise<unknown> => askJson(connection, url, true, options.signal);
  // With a name at hand the list is of little use, and `transformers serve` fails to make one where it has no cache.
  const list = await askJson(
    connection,
    `${connection.address.base}/models`,
    options.model !== undefined,
    options.signal,
  );
  const models = listField(list, 'data');
  const kind = options.kind ?? (await kindOf(connection, models, ask));
  const model = chooseModel(models, options.model, kind, connection.address.origin);
  const contextLength =
    options.contextLength ??
    (kind === 'llama-server'
      ? await slotContext(connection, ask, entryOf(models, model))
      : modelContext(models, model));
  return { kind, model, ...(contextLength !== undefined && { contextLength }) };
}

/**
 * The names of a server's models, in its own order.
 * @throws ImcotError when it can't be reached or refuses
 */
export async function modelNames(connection: ServerConnection, signal?: AbortSignal): Promise<string[]> {
  const list = await askJson(connection, `${connection.address.base}/models`, false, signal);
  return namesIn(listField(list, 'data'));
}

const namesIn = (models: readonly unknown[]): string[] =>
  models.flatMap((entry) => textField(entry, 'id') ?? []);

async function kindOf(
  connection: ServerConnection,
  models: readonly unknown[],
  ask: (url: string) => Promise<unknown>,
): Promise<ServerKind> {
  for (const entry of models) {
    const owner = textField(entry, 'owned_by') ?? '';
    const kind = Object.hasOwn(KIND_OF_OWNER, owner) ? KIND_OF_OWNER[owner] : undefined;
    if (kind !== undefined) return kind;
  }
  const paths = field(await quietly(ask(`${connection.address.root}/openapi.json`)), 'paths');
  return field(paths, '/load_model') === undefined ? 'other' : 'transformers';
}

function chooseModel(
  models: readonly unknown[],
  wanted: string | undefined,
  kind: ServerKind,
  origin: string,
): string {
  const names = namesIn(models);
  const told = `It has ${names.length === 0 ? 'none' : names.slice(0, NAMES_TOLD).join(', ')}${names.length > NAMES_TOLD ? ', …' : ''}.`;
  if (wanted !== undefined) {
    // `transformers serve` loads what it is asked for, from a folder as well.
    const listsAll = names.length > 0 && LIST_ALL.includes(kind);
    if (!listsAll || names.includes(wanted)) return wanted;
    throw new ImcotError('missing', `The server at ${origin} has no model ${wanted}. ${told}`);
  }
  const [only, second] = names;
  if (only !== undefined && second === undefined) return only;
  throw new ImcotError('usage', `Say which model of the server at ${origin} is meant. ${told}`);
}

function entryOf(models: readonly unknown[], model: string): unknown {
  return models.find((entry) => field(entry, 'id') === model);
}

/** An adapter has the context of the model below it. */
function modelContext(models: readonly unknown[], model: string): number | undefined {
  const entry = entryOf(models, model);
  const parent = textField(entry, 'parent');
  return (
    numberField(entry, 'max_model_len') ??
    (parent === undefined ? undefined : numberField(entryOf(models, parent), 'max_model_len'))
  );
}

async function slotContext(
  connection: ServerConnection,
  ask: (url: string) => Promise<unknown>,
  entry: unknown,
): Promise<number | undefined> {
  const props = await quietly(ask(`${connection.address.root}/props`));
  return (
    numberField(field(props, 'default_generation_settings'), 'n_ctx') ??
    numberField(field(entry, 'meta'), 'n_ctx_train')
  );
}

/** What only helps to know more may fail. */
async function quietly(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (thrown) {
    if (thrown instanceof ImcotError && thrown.code === 'cancelled') throw thrown;
    return undefined;
  }
}

/** @param mayLack undefined comes back where the server does not offer this */
async function askJson(
  connection: ServerConnection,
  url: string,
  mayLack: boolean,
  signal?: AbortSignal,
): Promise<unknown> {
  const stop = signal ?? new AbortController().signal;
  for (let failures = 1; ; failures++) {
    const late = AbortSignal.timeout(connection.limits.connect);
    const ending = joinSignals(stop, late);
    try {
      const response = await connection.fetch(url, {
        headers: { accept: 'application/json' },
        signal: ending.signal,
      });
      return (await response.json()) as unknown;
    } catch (thrown) {
      if (stop.aborted) throw new ImcotError('cancelled', 'Stopped.');
      const failure = rootFailure(thrown);
      if (mayLack && failure instanceof ServerRefusal && NOT_OFFERED.includes(failure.status))
        return undefined;
      if (late.aborted) {
        const seconds = connection.limits.connect / 1000;
        const where = connection.address.origin;
        throw new ImcotError(
          'limit',
          `The server at ${where} did not answer within ${seconds} seconds. Check address and network, or allow more time.`,
        );
      }
      const pause = retryPause(thrown, failures, connection.retries);
      if (pause === undefined) throw connection.describe(thrown);
      await sleep(pause, stop);
    } finally {
      ending.release();
    }
  }
}

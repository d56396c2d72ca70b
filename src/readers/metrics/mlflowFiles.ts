import { throwIfCancelled } from '../../common/cancel';
import { decodeUtf8 } from '../../common/json';
import type { MetricSink, RunState } from '../../metrics/metricSink';
import type { FolderAccess, FolderMetricReader, MetricContext } from './metricReader';

/** Deepest folders within `metrics`: keys hold a few slashes at most. */
const MAX_DEPTH = 16;

/** As numbers in `meta.yaml`; source: mlflow/entities/run_status.py. */
const STATES: Readonly<Record<string, RunState>> = {
  '1': 'running',
  '2': 'running',
  '3': 'finished',
  '4': 'failed',
  '5': 'failed',
};

/** A run of MLflow's file store, `mlruns/<experiment>/<run>`, marked by the run's `meta.yaml`. */
export const mlflowFilesReader: FolderMetricReader = {
  format: 'mlflow-files',
  label: 'MLflow run (files)',
  layout: 'folder',
  sniff: ({ path, head }) => {
    if (!/(^|[\\/])meta\.yaml$/i.test(path)) return 0;
    const fields = yamlFields(decodeUtf8(head));
    return (fields.has('run_id') || fields.has('run_uuid')) && fields.has('experiment_id') ? 1 : 0;
  },
  read: readRun,
};

async function readRun(files: FolderAccess, sink: MetricSink, context: MetricContext): Promise<void> {
  const text = async (path: string): Promise<string | undefined> => {
    throwIfCancelled(context.signal);
    const bytes = await files.read(path);
    return bytes && decodeUtf8(bytes);
  };
  const meta = yamlFields((await text('meta.yaml')) ?? '');
  const experiment = yamlFields((await text('../meta.yaml')) ?? '');
  const id = meta.get('run_id') ?? meta.get('run_uuid');
  const name = meta.get('run_name') || (await text('tags/mlflow.runName'));
  const parent = (await text('tags/mlflow.parentRunId'))?.trim();
  const group = experiment.get('name');
  sink.run({ ...(id && { id }), ...(name && { name }), ...(parent && { parent }), ...(group && { group }) });
  const state = STATES[meta.get('status') ?? ''];
  if (state) sink.state(state);
  for (const key of await keysIn(files, 'params')) {
    const value = await text(`params/${key}`);
    if (value !== undefined) sink.setting(key, value);
  }
  for (const key of await keysIn(files, 'metrics'))
    tellMetric(key, (await text(`metrics/${key}`)) ?? '', sink);
}

/** The files in a folder and in those within it, as paths from it, sorted. */
async function keysIn(files: FolderAccess, folder: string, depth = 0): Promise<string[]> {
  const keys: string[] = [];
  const entries = [...(await files.list(folder))].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, isFolder } of entries) {
    if (!isFolder) keys.push(name);
    else if (depth < MAX_DEPTH)
      keys.push(...(await keysIn(files, `${folder}/${name}`, depth + 1)).map((key) => `${name}/${key}`));
  }
  return keys;
}

/** Lines `milliseconds value step`; those of old versions have no step. */
const LINE = /^(\d+) (\S+)(?: (-?\d+))?$/;
const WORDS: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity };

function tellMetric(key: string, text: string, sink: MetricSink): void {
  const lines = text.split('\n');
  for (const [index, written] of lines.entries()) {
    const line = written.trimEnd();
    // The last one is still being written, or empty.
    if (line === '' || index === lines.length - 1) continue;
    const [, time, word = '', step] = LINE.exec(line) ?? [];
    const value = WORDS[word.toLowerCase()] ?? Number(word);
    if (time === undefined || (Number.isNaN(value) && !/^nan$/i.test(word))) {
      sink.damaged(`A line of the metric "${key}" is not "time value step".`, 0, 0);
      continue;
    }
    sink.row(Number(step ?? 0), Number(time) / 1000, 0, 0);
    sink.value(key, value);
  }
}

/** The fields of a flat YAML file as text: plain words and words in quotes, which is all that MLflow's files hold. */
function yamlFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const found = /^(\w+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (found?.[1] !== undefined && !fields.has(found[1])) fields.set(found[1], plainWord(found[2] ?? ''));
  }
  return fields;
}

function plainWord(word: string): string {
  if (/^'.*'$/.test(word)) return word.slice(1, -1).replaceAll("''", "'");
  if (/^".*"$/.test(word)) return doubleQuoted(word);
  return word === 'null' || word === '~' ? '' : word;
}

/** YAML's double quotes escape nearly as JSON does; a word that JSON can't read stays as it stands. */
function doubleQuoted(word: string): string {
  const json = word.replaceAll(/\\x([0-9a-fA-F]{2})/g, '\\u00$1');
  try {
    return String(JSON.parse(json));
  } catch {
    return word.slice(1, -1);
  }
}

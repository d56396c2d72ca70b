import { createHash } from 'node:crypto';
import path from 'node:path';
import type { FoundSource } from '../files/findSources';
import { joinRuns, type FileRun } from '../files/metricRuns';
import { RawRun, type RawRuns } from '../metrics/rawRun';
import { DynamicsRun } from './dynamicsRun';
import { LinkedRollouts } from './linkedRollouts';
import { RunFindings } from './runFindings';
import type { SourceSet, WatchedSource } from './sourceSet';

/** All runs of what was opened, by their ids. */
export class RunBook {
  /** In the order in which they were found; those that are nothing but a log of rollouts come last. */
  runs: ReadonlyMap<string, DynamicsRun> = new Map();
  private readonly findings = new WeakMap<DynamicsRun, RunFindings>();
  private readonly empty = new WeakMap<RawRuns, RawRun>();
  private seen = '';

  /** Takes what the files have told since the last time. Resolves to whether any point or run is new or gone. */
  assemble({ sources, dumps }: SourceSet): boolean {
    const origins = new Map<RawRun, { readonly key: string; readonly within: string }>();
    const runs = new Map<string, DynamicsRun>();
    let changed = false;
    for (const metrics of joinRuns(sources.flatMap((source) => this.fileRuns(source, origins)))) {
      const first = origins.get(metrics.parts[0] as RawRun);
      if (!first) continue;
      const id = idOf(first.key, first.within, runs);
      const run = this.runs.get(id) ?? new DynamicsRun({ id, sourcePath: first.key, name: '', label: '' });
      const { name, label } = metrics;
      changed = run.take(metrics, { id, sourcePath: first.key, name, label }) || changed;
      runs.set(id, run);
    }
    const claimed = new Set([...runs.values()].flatMap(({ rollouts }) => rollouts?.paths ?? []));
    for (const dump of dumps) {
      if (dump.files.some((file) => claimed.has(file))) continue;
      const id = idOf(dump.path, 'rollouts', runs);
      runs.set(id, this.runs.get(id) ?? dumpRun(id, dump));
    }
    this.runs = runs;
    const seen = [...runs].map(([id, run]) => `${id} ${run.version}`).join();
    changed ||= seen !== this.seen;
    this.seen = seen;
    return changed;
  }

  findingsOf(run: DynamicsRun): RunFindings {
    let findings = this.findings.get(run);
    if (!findings) this.findings.set(run, (findings = new RunFindings(run)));
    return findings;
  }

  private fileRuns(
    { key, source, logs }: WatchedSource,
    origins: Map<RawRun, { readonly key: string; readonly within: string }>,
  ): FileRun[] {
    return logs.flatMap(({ path: file, told }) => {
      const badPieces = told.damages.map((piece) => ({ file, ...piece }));
      const runs = told.runs.length > 0 ? told.runs : [this.emptyOf(told)];
      return runs.map((run, at) => {
        const { id, name } = run.description;
        // All event files of a folder are one run.
        const within = source.reader.format === 'tensorboard' ? '' : (id ?? name ?? String(at));
        origins.set(run, { key, within });
        return { source, file, run, badPieces };
      });
    });
  }

  /** A file that has told nothing yet is a run all the same, and always the same one. */
  private emptyOf(told: RawRuns): RawRun {
    let run = this.empty.get(told);
    if (!run) this.empty.set(told, (run = new RawRun({})));
    return run;
  }
}

function dumpRun(id: string, dump: FoundSource): DynamicsRun {
  const name = path.basename(dump.path).replace(/(?:\.imcot)?\.\w+$/, '') || path.basename(dump.path);
  const run = new DynamicsRun({ id, sourcePath: dump.path, name, label: dump.label });
  run.rollouts = new LinkedRollouts(dump.files, dump.path, 'own');
  return run;
}

/** The page names runs by it and learns no path. */
function idOf(key: string, within: string, taken: ReadonlyMap<string, unknown>): string {
  const id = createHash('sha256').update(`${key}\n${within}`).digest('hex').slice(0, 16);
  return taken.has(id) ? idOf(key, `${within}'`, taken) : id;
}

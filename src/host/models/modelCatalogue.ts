import path from 'node:path';
import { realpath, stat } from 'node:fs/promises';
import { DisposableOwner } from '../../common/disposable';
import { errorMessage, ImcotError } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { Backend } from '../../inference/backend';
import { readCheckpointConfig } from '../../launch/checkpointConfig';
import type { InferenceService } from './inferenceService';
import type { InferenceState } from './inferenceState';
import type { ModelEntry, OpenedModel } from './modelEntry';
import { findCheckpoints } from './modelFolders';
import { labelFolders } from '../../inference/onnx/checkpoint/folderLabels';
import { ServerSession } from './serverSession';
import type { ServerSetting } from './serverSettings';

/** An entry that is a folder. */
export type FolderEntry = Extract<ModelEntry, { kind: 'demo' | 'folder' }>;

/** An entry behind a server. */
export type ServerEntry = Extract<ModelEntry, { kind: 'server' }>;

/** What the catalogue needs of the window. */
export interface CatalogueServices {
  readonly inference: Pick<
    InferenceService,
    'acquire' | 'folder' | 'onDidChange' | 'state' | 'stop' | 'unload'
  >;
  /** Where the model that ships would be, absolute. */
  readonly demoFolder: string;
  /** The folders of the settings, absolute; throws when the setting is off. */
  folders(): readonly string[];
  /** The servers of the settings; throws when the setting is off. */
  servers(): readonly ServerSetting[];
  /** Whether the workspace is trusted now. */
  trusted(): boolean;
  /** Asks a server for its model, with its key; nothing else learns the key. */
  openServer(server: ServerEntry, signal: AbortSignal): Promise<Backend>;
}

/** What is wrong with the settings' models, in a sentence. */
export interface CatalogueProblem {
  readonly message: string;
  /** The folder of the settings that it is about, absolute; absent: a setting as a whole. */
  readonly folder?: string;
}

/** All models, and what could not be listed. */
export interface CatalogueListing {
  readonly entries: readonly ModelEntry[];
  readonly problems: readonly CatalogueProblem[];
}

/** What may be another by now: which models there are, or only their states. */
export type CatalogueChange = 'list' | 'state';

/** The models that a person can choose: the one that ships, the checkpoint folders and the servers of the settings. */
export class ModelCatalogue extends DisposableOwner {
  private readonly changed = this.own(new Emitter<CatalogueChange>());
  private readonly servers = new Map<string, ServerSession>();
  private roots: ReadonlyMap<string, string> = new Map();
  /** Servers that a person connected: kept open without another user. */
  private readonly held = new Map<string, Backend>();

  readonly onDidChange: Event<CatalogueChange> = this.changed.event;

  constructor(private readonly services: CatalogueServices) {
    super();
    this.own(services.inference.onDidChange(() => this.changed.fire('state')));
  }

  /** The models, found anew each time: the demo first, then folders, then servers. Never rejects. */
  async list(): Promise<readonly ModelEntry[]> {
    return (await this.scan()).entries;
  }

  /** As `list`, with what is wrong. */
  async scan(): Promise<CatalogueListing> {
    const problems: CatalogueProblem[] = [];
    const note = (thrown: unknown): [] => {
      problems.push({ message: errorMessage(thrown) });
      return [];
    };
    const demo = await this.demo();
    const folders = await this.folders(problems).catch(note);
    const servers = this.serverEntries(note);
    return { entries: [...demo, ...folders, ...servers], problems };
  }

  /** What there is of a model in this window. */
  stateOf(entry: ModelEntry): InferenceState {
    if (entry.kind === 'server') return this.servers.get(entry.id)?.state ?? { status: 'none' };
    const { inference } = this.services;
    return inference.folder === entry.folder ? inference.state : { status: 'none' };
  }

  /**
   * Makes a model ready for rollouts. Call it when a person asks for it and never by itself: loading takes gigabytes, and a
   * server is contacted.
   * @param signal stops the wait, and the opening when nobody else waits for it
   * @throws ImcotError `denied` in a restricted workspace, `input` for what travels with the checkpoint, or as
   *   `InferenceService.acquire` and `openServer`
   */
  async open(entry: ModelEntry, signal?: AbortSignal): Promise<OpenedModel> {
    if (!this.services.trusted()) {
      throw new ImcotError(
        'denied',
        'This workspace is not trusted, so no model is run and no server is asked. Trust the workspace to use one.',
      );
    }
    if (entry.kind === 'server') return opened(entry, await this.session(entry).use(signal));
    // First what is quick: a mistake in it is told before gigabytes are read.
    const config = await readCheckpointConfig(entry.folder);
    return opened(entry, await this.services.inference.acquire(entry.folder, signal), config);
  }

  /** Makes a model ready and leaves it so: a folder's until it is idle for long, a server's until `unload`. */
  async load(entry: ModelEntry, signal?: AbortSignal): Promise<void> {
    const { backend } = await this.open(entry, signal);
    if (entry.kind !== 'server' || this.held.has(entry.id)) backend.dispose();
    else this.held.set(entry.id, backend);
  }

  /** Stops the loading of a model, or what it generates. */
  stop(entry: ModelEntry): void {
    if (entry.kind === 'server') this.forget(entry.id);
    else if (this.services.inference.folder === entry.folder) this.services.inference.stop();
  }

  /** Lets a model go, whoever uses it; forgets that it failed. */
  async unload(entry: ModelEntry): Promise<void> {
    if (entry.kind === 'server') this.forget(entry.id);
    else if (this.services.inference.folder === entry.folder) await this.services.inference.unload();
  }

  /** The folder of the settings that led to a checkpoint when it was last listed, and how many models it holds. */
  rootOf({ folder }: FolderEntry): { readonly root: string; readonly models: number } {
    const root = this.roots.get(folder) ?? folder;
    return { root, models: [...this.roots.values()].filter((other) => other === root).length };
  }

  /** To be called when a setting has changed, or a person wants to look again. */
  refresh(): void {
    this.changed.fire('list');
  }

  /** Lets go of all connections to an address: its key is another one now. */
  forgetAddress(address: string): void {
    for (const id of [...this.servers.keys()]) if (id.startsWith(serverId(address, ''))) this.forget(id);
  }

  override dispose(): void {
    for (const id of [...this.servers.keys()]) this.forget(id);
    super.dispose();
  }

  private async demo(): Promise<ModelEntry[]> {
    const folder = this.services.demoFolder;
    const there = await stat(path.join(folder, 'config.json')).catch(() => undefined);
    return there ? [{ kind: 'demo', id: 'demo', label: 'Demo model', folder }] : [];
  }

  private async folders(problems: CatalogueProblem[]): Promise<ModelEntry[]> {
    const roots = [...new Set(this.services.folders())];
    const searches = await Promise.all(roots.map((root) => findCheckpoints(root)));
    // The same checkpoint by two ways is one model.
    const known = new Set<string>();
    const rootOf = new Map<string, string>();
    for (const [at, root] of roots.entries()) {
      const { checkpoints = [], problem } = searches[at] ?? {};
      if (problem !== undefined) problems.push({ message: problem, folder: root });
      for (const checkpoint of checkpoints) {
        const real = await realpath(checkpoint).catch(() => checkpoint);
        if (!known.has(real)) rootOf.set(checkpoint, root);
        known.add(real);
      }
    }
    this.roots = rootOf;
    const places = [...rootOf.keys()];
    const labels = labelFolders(places);
    return places.map((folder, at) => ({
      kind: 'folder',
      id: `folder:${folder}`,
      label: labels[at] ?? folder,
      folder,
    }));
  }

  private serverEntries(note: (thrown: unknown) => []): ServerEntry[] {
    try {
      const entries = this.services.servers().map(({ name, address, model }): ServerEntry => ({
        kind: 'server',
        id: serverId(address, model ?? ''),
        label: name,
        address,
        ...(model !== undefined && { model }),
      }));
      return [...new Map(entries.map((entry) => [entry.id, entry])).values()];
    } catch (thrown) {
      return note(thrown);
    }
  }

  private session(entry: ServerEntry): ServerSession {
    const known = this.servers.get(entry.id);
    if (known && !known.isOver) return known;
    const session = new ServerSession(entry.label, (signal) => this.services.openServer(entry, signal));
    this.servers.set(entry.id, session);
    session.onDidChange(() => {
      if (this.servers.get(entry.id) === session) this.changed.fire('state');
    });
    this.changed.fire('state');
    return session;
  }

  private forget(id: string): void {
    this.held.delete(id);
    const session = this.servers.get(id);
    this.servers.delete(id);
    session?.dispose();
    if (session && !this.isDisposed) this.changed.fire('state');
  }
}

const serverId = (address: string, model: string): string => `server:${address}\n${model}`;

function opened(entry: ModelEntry, backend: Backend, config: OpenedModel['config'] = {}): OpenedModel {
  return { entry, backend, config, dispose: () => backend.dispose() };
}

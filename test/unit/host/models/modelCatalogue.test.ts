import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '../../../../src/common/logger';
import { ImcotError } from '../../../../src/common/errors';
import { ModelLeases } from '../../../../src/host/models/inferenceLease';
import { InferenceService } from '../../../../src/host/models/inferenceService';
import type { InferenceState } from '../../../../src/host/models/inferenceState';
import type { CatalogueServices, FolderEntry, ServerEntry } from '../../../../src/host/models/modelCatalogue';
import { ModelCatalogue } from '../../../../src/host/models/modelCatalogue';
import type { ModelEntry } from '../../../../src/host/models/modelEntry';
import type { ServerSetting } from '../../../../src/host/models/serverSettings';
import type { Backend } from '../../../../src/inference/backend';
import { endAll, startFake } from '../../inference/process/support/processes';
import { countedBackend } from '../support/countedBackend';

describe('the catalogue of models', () => {
  let root: string;
  let folders: string[];
  let servers: ServerSetting[];
  let trusted: boolean;
  let inference: InferenceService;
  let catalogue: ModelCatalogue;
  let opened: ReturnType<typeof countedBackend>[];
  let openServer: CatalogueServices['openServer'];

  function checkpoint(...parts: string[]): string {
    const folder = path.join(root, ...parts);
    mkdirSync(folder, { recursive: true });
    const config = { architectures: ['Qwen2_5_VLForConditionalGeneration'] };
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
    writeFileSync(path.join(folder, 'model.safetensors'), '');
    return folder;
  }
  const statuses = async (): Promise<string[]> =>
    (await catalogue.list()).map((entry) => catalogue.stateOf(entry).status);
  const only = async <K extends ModelEntry['kind']>(kind: K): Promise<Extract<ModelEntry, { kind: K }>> => {
    const found = (await catalogue.list()).filter((entry) => entry.kind === kind);
    assert.equal(found.length, 1);
    return found[0] as Extract<ModelEntry, { kind: K }>;
  };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'catalogue-'));
    [folders, servers, opened, trusted] = [[], [], [], true];
    inference = new InferenceService({
      logger: silentLogger,
      cacheFolder: path.join(root, 'cache'),
      platform: 'linux-x64',
      leases: new ModelLeases(path.join(root, 'leases')),
      settings: () => ({
        ...{ modelFolders: [], provider: 'auto', precision: 'auto', contextLength: 1000, threads: 0 },
        ...{ maxCacheBytes: 0, sequenceMemoryBytes: 0, idleMs: 0 },
      }),
      trusted: () => trusted,
      start: () => startFake({ limits: { grace: 500 } }),
      confirm: () => Promise.resolve(true),
    });
    openServer = () => {
      const made = countedBackend();
      opened.push(made);
      return Promise.resolve(made.backend);
    };
    catalogue = new ModelCatalogue({
      inference,
      demoFolder: path.join(root, 'extension', 'demo'),
      folders: () => folders,
      servers: () => servers,
      trusted: () => trusted,
      openServer: (server, signal) => openServer(server, signal),
    });
  });
  afterEach(async () => {
    catalogue.dispose();
    inference.dispose();
    await endAll();
    rmSync(root, { recursive: true, force: true });
  });

  it('lists the demo when it is there, then folders, then servers, each once', async () => {
    assert.deepEqual(await catalogue.list(), []);
    checkpoint('extension', 'demo');
    const [one, two] = [checkpoint('some', 'one'), checkpoint('some', 'two')];
    symlinkSync(one, path.join(root, 'again'));
    folders = [path.join(root, 'some'), path.join(root, 'again'), one];
    const server = { name: 'box', address: 'http://box:8000' };
    servers = [server, { ...server, model: 'a' }, { ...server, name: 'the same' }];
    const entries = await catalogue.list();
    assert.deepEqual(
      entries.map(({ kind, label }) => `${kind} ${label}`),
      ['demo Demo model', 'folder one', 'folder two', 'server the same', 'server box'],
    );
    assert.deepEqual(
      entries.map((entry) => (entry.kind === 'server' ? entry.model : entry.folder)),
      [path.join(root, 'extension', 'demo'), one, two, undefined, 'a'],
    );
    assert.equal(new Set(entries.map(({ id }) => id)).size, entries.length);
    assert.deepEqual(await catalogue.list(), entries, 'the same again');
    const found = catalogue.rootOf(entries[1] as FolderEntry);
    assert.deepEqual(found, { root: path.join(root, 'some'), models: 2 });
  });

  it('says what is wrong beside what it found', async () => {
    const model = checkpoint('seven');
    const gone = path.join(root, 'gone');
    folders = [gone, model];
    const broken = new ModelCatalogue({
      ...{ inference, demoFolder: gone, folders: () => folders, trusted: () => true, openServer },
      servers: () => {
        throw new ImcotError('usage', 'The setting is off.');
      },
    });
    const { entries, problems } = await broken.scan();
    broken.dispose();
    assert.deepEqual(
      entries.map(({ label }) => label),
      ['seven'],
    );
    assert.deepEqual(problems, [
      { message: `There is no folder ${gone}.`, folder: gone },
      { message: 'The setting is off.' },
    ]);
  });

  it('opens a folder with what travels with it, and tells which entry is loading, ready, and gone', async () => {
    const plain = checkpoint('plain');
    checkpoint('other');
    writeFileSync(path.join(plain, 'rollout_config.json'), '{"max_turns":3}');
    folders = [root];
    const [other, entry] = await catalogue.list();
    assert.ok(entry?.kind === 'folder' && entry.label === 'plain' && other);
    const seen: InferenceState['status'][] = [];
    catalogue.onDidChange((what) => {
      assert.equal(what, 'state');
      seen.push(catalogue.stateOf(entry).status);
      assert.equal(catalogue.stateOf(other).status, 'none', 'the other one is not meant');
    });
    const model = await catalogue.open(entry);
    assert.deepEqual([model.entry, model.config.maxTurns], [entry, 3]);
    assert.equal(model.backend.capabilities.model, 'plain');
    assert.deepEqual([...new Set(seen)], ['loading', 'ready']);
    assert.equal(inference.folder, plain);
    model.dispose();
    assert.equal(catalogue.stateOf(entry).status, 'ready', 'it stays for a while');
    await catalogue.unload(other);
    assert.equal(catalogue.stateOf(entry).status, 'ready', 'the other one was meant');
    await catalogue.unload(entry);
    assert.deepEqual([catalogue.stateOf(entry).status, inference.folder], ['none', undefined]);
  });

  it('refuses a folder whose rollout_config.json is off before it loads anything', async () => {
    writeFileSync(path.join(checkpoint('plain'), 'rollout_config.json'), '{"max_turns":"many"}');
    folders = [root];
    await assert.rejects(catalogue.open(await only('folder')), { code: 'input', message: /rollout_config/ });
    assert.equal(inference.state.status, 'none');
  });

  it('refuses both kinds in a restricted workspace, and asks nobody', async () => {
    checkpoint('plain');
    [folders, servers, trusted] = [[root], [{ name: 'box', address: 'http://box:8000' }], false];
    for (const entry of await catalogue.list()) {
      await assert.rejects(catalogue.open(entry), { code: 'denied', message: /not trusted/ });
      await assert.rejects(catalogue.load(entry), { code: 'denied' });
    }
    assert.deepEqual([await statuses(), opened.length], [['none', 'none'], 0]);
  });

  it('opens a server once for all who use it at a time, and lets it go after the last', async () => {
    servers = [{ name: 'box', address: 'http://box:8000' }];
    const entry = await only('server');
    const [one, two] = await Promise.all([catalogue.open(entry), catalogue.open(entry)]);
    assert.deepEqual([opened.length, await statuses()], [1, ['ready']]);
    assert.deepEqual(one.config, {});
    one.dispose();
    one.dispose();
    assert.equal(opened[0]?.disposed, 0);
    await (await two.backend.start()).appendText('x');
    two.dispose();
    assert.deepEqual([opened[0]?.disposed, await statuses()], [1, ['none']]);
    await assert.rejects(two.backend.start(), { code: 'cancelled' });
    (await catalogue.open(entry)).dispose();
    assert.equal(opened.length, 2, 'the next one opens anew');
  });

  it('keeps a connected server until it is disconnected, and stops what goes on with it', async () => {
    servers = [{ name: 'box', address: 'http://box:8000' }];
    const entry = await only('server');
    await catalogue.load(entry);
    await catalogue.load(entry);
    const user = await catalogue.open(entry);
    user.dispose();
    assert.deepEqual([opened.length, opened[0]?.disposed, await statuses()], [1, 0, ['ready']]);
    await catalogue.unload(entry);
    assert.deepEqual([opened[0]?.disposed, await statuses()], [1, ['none']]);
  });

  it('connects with the new key when it has changed, and leaves other addresses alone', async () => {
    servers = ['http://box:8000', 'http://box:80001'].map((address) => ({ name: address, address }));
    for (const entry of await catalogue.list()) await catalogue.load(entry);
    catalogue.forgetAddress('http://box:8000');
    assert.deepEqual(await statuses(), ['none', 'ready']);
  });

  it('remembers why a server failed until it is asked again', async () => {
    servers = [{ name: 'box', address: 'http://box:8000' }];
    const entry = await only('server');
    openServer = () => Promise.reject(new ImcotError('missing', 'It can not be reached.'));
    await assert.rejects(catalogue.open(entry), { code: 'missing' });
    assert.deepEqual(catalogue.stateOf(entry), {
      status: 'failed',
      model: 'box',
      reason: 'It can not be reached.',
    });
    openServer = () => Promise.resolve(countedBackend().backend);
    await catalogue.load(entry);
    assert.equal(catalogue.stateOf(entry).status, 'ready');
  });

  it('stops connecting when the last one who waits leaves, or by command', async () => {
    servers = [{ name: 'box', address: 'http://box:8000' }];
    const entry = await only('server');
    let asked: AbortSignal | undefined;
    openServer = (_, signal) => {
      asked = signal;
      return new Promise<Backend>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new ImcotError('cancelled', 'Stopped.')));
      });
    };
    const [first, second] = [new AbortController(), new AbortController()];
    const waiting = [first, second].map(({ signal }) => catalogue.open(entry, signal));
    const settled = Promise.allSettled(waiting);
    first.abort();
    await assert.rejects(waiting[0] as Promise<unknown>, { code: 'cancelled' });
    assert.deepEqual([asked?.aborted, await statuses()], [false, ['loading']]);
    second.abort();
    await settled;
    assert.deepEqual([asked?.aborted, await statuses()], [true, ['none']]);
    const third = catalogue.open(entry);
    third.catch(() => undefined);
    catalogue.stop(entry);
    await assert.rejects(third, { code: 'cancelled' });
    assert.deepEqual(await statuses(), ['none']);
  });

  it('tells when a server generates and how fast, and ends what its user left running', async () => {
    servers = [{ name: 'box', address: 'http://box:8000' }];
    const entry = await only('server');
    const model = await catalogue.open(entry);
    const states: InferenceState[] = [];
    catalogue.onDidChange(() => states.push(catalogue.stateOf(entry)));
    const sequence = await (await model.backend.start()).fork();
    let ended: unknown;
    const reading = (async () => {
      for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 1e6 })) {
        if (event.type === 'end') ended = event.reason;
      }
    })();
    while (!states.some((state) => state.status === 'generating' && (state.tokensPerSecond ?? 0) > 1)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    model.dispose();
    await reading;
    assert.equal(ended, 'cancelled');
    assert.deepEqual([opened[0]?.closed, opened[0]?.disposed], [2, 1]);
    assert.equal(catalogue.stateOf(entry).status, 'none');
  });

  it('lets everything go with the window', async () => {
    servers = [{ name: 'box', address: 'http://box:8000' }];
    await catalogue.load(await only('server'));
    catalogue.dispose();
    assert.equal(opened[0]?.disposed, 1);
    const entry: ServerEntry = { kind: 'server', id: 'x', label: 'x', address: 'http://x' };
    assert.equal(catalogue.stateOf(entry).status, 'none');
  });
});

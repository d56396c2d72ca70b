import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger } from '../../../../src/common/logger';
import { ModelLeases } from '../../../../src/host/models/inferenceLease';
import type { InferenceServices } from '../../../../src/host/models/inferenceService';
import { InferenceService } from '../../../../src/host/models/inferenceService';
import type { InferenceState } from '../../../../src/host/models/inferenceState';
import type { ModelSettings } from '../../../../src/host/models/modelSettings';
import type { InferenceProcess } from '../../../../src/inference/onnx/process/inferenceProcess';
import { tokenOf } from '../../../../src/inference/onnx/quantise/owner';
import { endAll, isAlive, keepingLogger, startFake } from '../../inference/process/support/processes';

const SETTINGS: ModelSettings = {
  modelFolders: [],
  provider: 'auto',
  precision: 'auto',
  contextLength: 1000,
  threads: 0,
  maxCacheBytes: 0,
  sequenceMemoryBytes: 0,
  idleMs: 0,
};

describe('local inference of a window', () => {
  let root: string;
  let leases: string;
  let service: InferenceService;
  let states: InferenceState[];
  let started: InferenceProcess[];
  let settings: ModelSettings;
  let trusted: boolean;
  let asked: string[];
  let answer: boolean | undefined;
  const folder = (name: string): string => path.join(root, name);

  function makeService(changes: Partial<InferenceServices> = {}): InferenceService {
    const made = new InferenceService({
      logger: silentLogger,
      cacheFolder: path.join(root, 'cache'),
      platform: 'linux-x64',
      leases: new ModelLeases(leases),
      settings: () => settings,
      trusted: () => trusted,
      start: () => {
        const process = startFake({ limits: { grace: 500 } });
        started.push(process);
        return process;
      },
      confirm: (lease, model) => {
        asked.push(`${model} ${lease.weightBytes}`);
        return answer === undefined ? new Promise(() => undefined) : Promise.resolve(answer);
      },
      ...changes,
    });
    made.onDidChange((state) => states.push(state));
    return made;
  }

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'service-'));
    leases = path.join(root, 'leases');
    [states, started, asked] = [[], [], []];
    settings = SETTINGS;
    trusted = true;
    answer = true;
    service = makeService();
  });
  afterEach(async () => {
    service.dispose();
    await endAll();
    rmSync(root, { recursive: true, force: true });
  });

  const alive = (): number => started.filter(({ pid }) => pid !== undefined && isAlive(pid)).length;

  it('starts nothing by itself, loads on request, tells how it goes, and unloads', async () => {
    assert.deepEqual([service.state.status, started.length], ['none', 0]);
    await assert.rejects(service.unload(), { code: 'usage' });
    const backend = await service.acquire(folder('plain'));
    assert.equal(backend.capabilities.model, 'plain');
    assert.deepEqual(service.state, { status: 'ready', model: 'plain', device: 'no device' });
    const sequence = await backend.start();
    for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 100 })) {
      assert.ok(event);
    }
    assert.deepEqual(readdirSync(leases).length, 1);
    await service.unload();
    assert.deepEqual([service.state.status, alive()], ['none', 0]);
    assert.deepEqual(readdirSync(leases), []);
    const order = states.map(({ status }) => status).filter((status, at, all) => status !== all[at - 1]);
    assert.deepEqual(order, ['loading', 'ready', 'generating', 'ready', 'none']);
    const rates = states.flatMap((state) => (state.status === 'generating' ? [state.tokensPerSecond] : []));
    assert.ok((rates.at(-1) ?? 0) > 10, rates.join());
    assert.ok(states.length < 15, `${states.length} states`);
    await assert.rejects(sequence.appendText('x'), { code: 'cancelled' });
  });

  it('shares one process among those who want the same model', async () => {
    const all = await Promise.all([1, 2, 3].map(() => service.acquire(folder('plain'))));
    assert.equal(started.length, 1);
    all[0]!.dispose();
    await (await all[1]!.start()).appendText('x');
  });

  it('keeps a model that is in use from being replaced, and replaces one that is not', async () => {
    const backend = await service.acquire(folder('plain'));
    await assert.rejects(service.acquire(folder('fast')), {
      code: 'usage',
      message: /^plain is in use\. Let it finish, or run "iMCoT: Unload Model"/,
    });
    settings = { ...SETTINGS, threads: 3 };
    await assert.rejects(service.acquire(folder('plain')), { message: /in use with other settings/ });
    backend.dispose();
    const other = await service.acquire(folder('fast'));
    assert.equal(other.capabilities.model, 'fast');
    assert.deepEqual([started.length, alive()], [2, 1], 'the first is gone before the second came');
  });

  it('unloads a model that nobody uses, and not one that somebody does', async () => {
    settings = { ...SETTINGS, idleMs: 150 };
    const [first, second] = [await service.acquire(folder('plain')), await service.acquire(folder('plain'))];
    first.dispose();
    await delay(300);
    assert.equal(service.state.status, 'ready');
    second.dispose();
    await delay(50);
    const third = await service.acquire(folder('plain'));
    await delay(300);
    assert.equal(service.state.status, 'ready', 'coming back stops the clock');
    third.dispose();
    await delay(1200);
    assert.deepEqual([service.state.status, alive(), started.length], ['none', 0, 1]);
  });

  it('refuses in a restricted workspace, and where the runtime has no build', async () => {
    trusted = false;
    await assert.rejects(service.acquire(folder('plain')), { code: 'denied', message: /not trusted/ });
    trusted = true;
    const onMac = makeService({ platform: 'darwin-x64' });
    await assert.rejects(onMac.acquire(folder('plain')), { code: 'missing', message: /Intel/ });
    settings = { ...SETTINGS };
    const broken = makeService({
      settings: () => {
        throw new Error('The setting x is off.');
      },
    });
    await assert.rejects(broken.acquire(folder('plain')), { message: 'The setting x is off.' });
    assert.equal(started.length, 0);
  });

  it('stops loading when the last one who waits leaves', async () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const waits = [one, two].map(({ signal }) =>
      assert.rejects(service.acquire(folder('long-load'), signal), { code: 'cancelled' }),
    );
    const fraction = (): number => (service.state as { fraction?: number }).fraction ?? 0;
    while (fraction() === 0) await delay(20);
    one.abort();
    await waits[0];
    assert.equal(service.state.status, 'loading');
    two.abort();
    await waits[1];
    assert.equal(service.state.status, 'none');
    await started[0]!.gone;
  });

  it('starts anew for one who comes while a loading is being stopped', async () => {
    const stopping = new AbortController();
    const first = service.acquire(folder('plain'), stopping.signal);
    await delay(100);
    stopping.abort();
    const backend = await first.catch(() => service.acquire(folder('plain')));
    assert.deepEqual([backend.capabilities.model, started.length, alive()], ['plain', 2, 1]);
    assert.equal(service.state.status, 'ready');
  });

  it('stops generations, and the loading, when told to', async () => {
    const backend = await service.acquire(folder('plain'));
    const sequence = await backend.start();
    setTimeout(() => service.stop(), 60);
    let last = '';
    for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 1e6 })) {
      if (event.type === 'end') last = event.reason;
    }
    assert.equal(last, 'cancelled');
    await service.unload();
    const loading = service.acquire(folder('long-load'));
    setTimeout(() => service.stop(), 300);
    await assert.rejects(loading, { code: 'cancelled' });
  });

  it('says what failed and loads again on the next request', async () => {
    await assert.rejects(service.acquire(folder('missing')), { code: 'missing' });
    assert.equal(service.state.status, 'failed');
    const backend = await service.acquire(folder('plain'));
    process.kill(started.at(-1)!.pid!, 'SIGKILL');
    await assert.rejects(backend.start(), { message: /killed \(SIGKILL\)/ });
    const { state } = service;
    assert.ok(state.status === 'failed' && /killed/.test(state.reason), JSON.stringify(state));
    assert.equal((await service.acquire(folder('plain'))).capabilities.model, 'plain');
    assert.equal(service.state.status, 'ready');
  });

  it('loads when the other windows can not be told, and keeps what loading said in the log', async () => {
    writeFileSync(leases, 'a file where a folder should be');
    const logger = keepingLogger();
    service = makeService({ logger });
    await service.acquire(folder('plain'));
    assert.ok(logger.lines.some((line) => /^Other windows are not told of plain: /.test(line)));
    assert.ok(logger.lines.includes('plain: Testing'), logger.lines.join('|'));
  });

  it('forgets a failure on unload', async () => {
    await assert.rejects(service.acquire(folder('missing')));
    await service.unload();
    assert.equal(service.state.status, 'none');
  });

  describe('with the model in another window', () => {
    beforeEach(() => {
      mkdirSync(folder('plain'));
      mkdirSync(leases);
      // The process that started these tests lives as long as they do.
      const file = path.join(leases, `${tokenOf(process.ppid)}.json`);
      writeFileSync(file, JSON.stringify({ folder: folder('plain'), weightBytes: 77, since: 1 }));
    });

    it('asks, and loads when the person says so', async () => {
      await service.acquire(folder('plain'));
      assert.deepEqual([asked, started.length], [['plain 77'], 1]);
    });

    it('asks, and starts nothing when the person does not want it', async () => {
      answer = false;
      await assert.rejects(service.acquire(folder('plain')), {
        code: 'cancelled',
        message: /another window/,
      });
      assert.deepEqual([service.state.status, started.length], ['none', 0]);
      assert.equal(readdirSync(leases).length, 1, 'our own lease is gone');
    });

    it('takes the request back while the question stands', async () => {
      answer = undefined;
      const stopping = new AbortController();
      const waiting = service.acquire(folder('plain'), stopping.signal);
      setTimeout(() => stopping.abort(), 50);
      await assert.rejects(waiting, { code: 'cancelled' });
      await delay(50);
      assert.deepEqual([service.state.status, started.length], ['none', 0]);
      assert.equal(readdirSync(leases).length, 1);
    });
  });
});

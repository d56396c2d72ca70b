import assert from 'node:assert/strict';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../../../../src/common/logger';
import { withFolder, withoutFolder, withoutServer, withServer } from '../../../../src/host/models/modelLists';
import { absoluteFolder } from '../../../../src/host/models/modelSettings';
import type { SecretStore } from '../../../../src/host/models/serverKeys';
import { ServerKeys } from '../../../../src/host/models/serverKeys';
import { ServerSession } from '../../../../src/host/models/serverSession';
import { readServers } from '../../../../src/host/models/serverSettings';
import { listServerModels } from '../../../../src/launch/listServerModels';
import { openServer } from '../../../../src/launch/openServer';

const ADDRESS = 'http://127.0.0.1:8000/v1';

describe('the setting of servers', () => {
  const read = (servers: unknown) => readServers((name) => (name === 'imcot.servers' ? servers : undefined));

  it('is read with addresses as they were typed', () => {
    assert.deepEqual(read([]), []);
    assert.deepEqual(
      read([
        { name: 'box', address: ` ${ADDRESS} `, model: 'Qwen/VL' },
        { address: 'https://Example.org/v1', model: '' },
        { name: '  ', address: 'localhost:9000' },
      ]),
      [
        { name: 'box', address: ADDRESS, model: 'Qwen/VL' },
        { name: 'example.org', address: 'https://Example.org/v1' },
        { name: 'localhost:9000', address: 'localhost:9000' },
      ],
    );
  });

  const wrong: [servers: unknown, message: RegExp][] = [
    [undefined, /must be a list/],
    [{}, /must be a list/],
    [[null], /entry 1 needs an "address"/],
    [[{ address: ADDRESS }, 'http://x'], /entry 2 needs an "address"/],
    [[{ address: ' ' }], /entry 1 needs an "address"/],
    [[{ address: ADDRESS, name: 5 }], /"name" of entry 1/],
    [[{ address: ADDRESS, model: [] }], /"model" of entry 1/],
    [[{ address: 'ftp://x' }], /entry 1: .*http:\/\/ or https:\/\//],
    [[{ address: 'http://me:hunter2@x' }], /a key goes into its own setting/],
  ];
  for (const [servers, message] of wrong) {
    it(`is refused where it is ${JSON.stringify(servers)}`, () => {
      assert.throws(
        () => read(servers),
        (error: Error) => {
          assert.match(error.message, /^The setting imcot\.servers can't be used: .*[^.]\.$/);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /hunter2/);
          return true;
        },
      );
    });
  }

  it('gets and loses servers, and what else is written there stays', () => {
    const odd = [{ address: 5 }, { name: 'a', address: ` ${ADDRESS}`, model: '' }];
    const more = withServer(odd, { name: 'b', address: ADDRESS, model: 'm' });
    assert.deepEqual(more, [...odd, { name: 'b', address: ADDRESS, model: 'm' }]);
    assert.throws(() => withServer(more, { name: 'c', address: ADDRESS }), { code: 'usage' });
    assert.deepEqual(withoutServer(more, { address: ADDRESS }), [odd[0], more[2]]);
    assert.deepEqual(withoutServer(more, { address: ADDRESS, model: 'm' }), odd);
  });

  it('stands beside that of folders, which are known however they are written', () => {
    const list = ['/a/b/', 5, '~/c'];
    assert.equal(withFolder(list, '/a/b', absoluteFolder), list);
    assert.deepEqual(withFolder(list, '/d', absoluteFolder), [...list, '/d']);
    assert.deepEqual(withoutFolder(list, '/a/b', absoluteFolder), [5, '~/c']);
    const home = absoluteFolder('~/c') ?? '';
    assert.deepEqual(withoutFolder(list, home, absoluteFolder), ['/a/b/', 5]);
  });
});

/** A secret storage in memory. */
function memoryStore(): SecretStore & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const listeners: ((change: { readonly key: string }) => void)[] = [];
  const tell = (key: string): Promise<void> => {
    for (const listener of listeners) listener({ key });
    return Promise.resolve();
  };
  return {
    kept,
    get: (key) => Promise.resolve(kept.get(key)),
    store: (key, value) => (kept.set(key, value), tell(key)),
    delete: (key) => (kept.delete(key), tell(key)),
    onDidChange: (listener) => {
      listeners.push(listener);
      return { dispose: () => listeners.splice(listeners.indexOf(listener), 1) };
    },
  };
}

describe('keys of servers', () => {
  it('are kept by address, trimmed, and told of when they change', async () => {
    const store = memoryStore();
    const keys = new ServerKeys(store);
    const changed: string[] = [];
    const listening = keys.onDidChange((address) => changed.push(address));
    await keys.set(ADDRESS, ' sk-1\n');
    await store.store('something else', 'x');
    assert.deepEqual([...store.kept][0], [`imcot.serverKey:${ADDRESS}`, 'sk-1']);
    assert.equal(await keys.get(ADDRESS), 'sk-1');
    assert.equal(await keys.get(`${ADDRESS}/`), undefined, 'another address has none');
    await keys.set(ADDRESS, '  ');
    assert.equal(await keys.get(ADDRESS), undefined);
    assert.deepEqual(changed, [ADDRESS, ADDRESS]);
    listening.dispose();
    await keys.set(ADDRESS, 'sk-2');
    assert.equal(changed.length, 2);
  });

  it('are refused without being repeated where they can not be sent', async () => {
    const store = memoryStore();
    for (const key of ['two words', 'ключ', 'a\nb']) {
      await assert.rejects(new ServerKeys(store).set(ADDRESS, key), (error: Error) => {
        assert.ok(!error.message.includes(key), error.message);
        return true;
      });
    }
    assert.equal(store.kept.size, 0);
  });
});

describe('a server that repeats the key it got', () => {
  const KEY = 'sk-very+secret/0123';
  let server: Server;
  let address: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let logged: string[];
  const logger: Logger = {
    debug: (message) => logged.push(message),
    info: (message) => logged.push(message),
    warn: (message) => logged.push(message),
    error: (message) => logged.push(message),
  };

  beforeEach(async () => {
    logged = [];
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('gets it in a header, and its models are listed in its own order', async () => {
    const headers: (string | undefined)[] = [];
    answer = ({ headers: { authorization }, url }, response) => {
      headers.push(`${url} ${authorization}`);
      response.end(JSON.stringify({ data: [{ id: 'b' }, { id: 'a' }, { no: 'id' }] }));
    };
    assert.deepEqual(await listServerModels({ address, key: KEY }), ['b', 'a']);
    assert.deepEqual(headers, [`/v1/models Bearer ${KEY}`]);
    assert.deepEqual(await listServerModels({ address }), ['b', 'a']);
    assert.equal(headers[1], '/v1/models undefined');
  });

  it('has it in no message, no state and no log', async () => {
    const requests: string[] = [];
    answer = ({ headers: { authorization = '' } }, response) => {
      requests.push(authorization);
      response.statusCode = 401;
      response.end(
        JSON.stringify({ error: { message: `Not accepted: ${authorization} ${encodeURI(KEY)}` } }),
      );
    };
    const session = new ServerSession('box', (signal) =>
      openServer({ address, model: 'm', key: KEY, signal, logger }),
    );
    const told: string[] = [];
    session.onDidChange((state) => told.push(JSON.stringify(state)));
    const failures = [
      await session.use().catch((error: unknown) => error),
      await listServerModels({ address, key: KEY }).catch((error: unknown) => error),
    ];
    assert.equal(session.state.status, 'failed');
    assert.ok(requests.length >= 2 && requests.every((header) => header === `Bearer ${KEY}`), 'it was sent');
    for (const failure of failures) {
      assert.ok(failure instanceof Error && failure.cause === undefined);
      told.push(failure.message, failure.stack ?? '');
    }
    assert.match(told.join('\n'), /Not accepted/, 'what the server says is told');
    const secret = /very.{0,3}secret/;
    for (const text of [...told, ...logged]) assert.doesNotMatch(text, secret);
  });
});

import assert from 'node:assert/strict';
import { crc32, crc32ByTable } from '../../../src/files/metricCodecs';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe('CRC-32 for metric files', () => {
  for (const [name, checksum] of [
    ['of this Node', crc32],
    ['by table, for a Node that has none', crc32ByTable],
  ] as const) {
    it(name, () => {
      assert.equal(checksum(text('123456789')), 0xcbf43926);
      assert.equal(checksum(text('')), 0);
      assert.equal(checksum(text('6789'), checksum(text('12345'))), 0xcbf43926, 'goes on from a seed');
      assert.equal(
        checksum(Uint8Array.from([0xff, 0x00, 0x80])),
        crc32ByTable(Uint8Array.from([0xff, 0, 0x80])),
      );
    });
  }
});

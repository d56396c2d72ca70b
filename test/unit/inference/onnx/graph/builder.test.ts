import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ImcotError } from '../../../../../src/common/errors';
import { GraphBuilder } from '../../../../../src/inference/onnx/graph/builder';
import { MessageWriter } from '../../../../../src/inference/onnx/graph/protobuf';
import { ElementType } from '../../../../../src/inference/onnx/runtime/elementType';
import { libraryPath } from '../../../../../src/inference/onnx/runtime/libraryPath';
import { Runtime } from '../../../../../src/inference/onnx/runtime/runtime';
import { fieldsOf, integersOf, messagesOf, readMessage, textsOf } from './support/readMessage';

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('MessageWriter', () => {
  it("writes the examples of protocol buffers' own documentation", () => {
    assert.equal(hex(new MessageWriter().integer(1, 150).finish()), '089601');
    assert.equal(hex(new MessageWriter().text(2, 'testing').finish()), '120774657374696e67');
    const inner = new MessageWriter().integer(1, 150);
    assert.equal(hex(new MessageWriter().message(3, inner).finish()), '1a03089601');
  });

  it('writes negative integers in ten bytes', () => {
    assert.equal(hex(new MessageWriter().integer(1, -2).finish()), '08feffffffffffffffff01');
    for (const value of [-1, -(2 ** 31), -(2 ** 40), Number.MIN_SAFE_INTEGER]) {
      assert.deepEqual(integersOf(new MessageWriter().integer(5, value).finish(), 5), [BigInt(value)]);
    }
  });

  it('writes integers at the borders of their lengths, and field numbers of two bytes', () => {
    for (const value of [0, 1, 127, 128, 16383, 16384, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const bytes = new MessageWriter().integer(20, value).finish();
      assert.deepEqual(readMessage(bytes), [{ number: 20, wireType: 0, value: BigInt(value) }]);
    }
  });

  it('writes floats in four little-endian bytes and text as UTF-8', () => {
    assert.equal(hex(new MessageWriter().float(2, 1).finish()), '150000803f');
    assert.equal(hex(new MessageWriter().float(2, -0.1).finish()), '15cdccccbd');
    assert.deepEqual(textsOf(new MessageWriter().text(1, 'Gewicht für 重み').finish(), 1), [
      'Gewicht für 重み',
    ]);
    assert.equal(hex(new MessageWriter().text(1, '').finish()), '0a00');
  });

  it('does not write a fraction as an integer', () => {
    assert.throws(() => new MessageWriter().integer(1, 0.5));
  });
});

/** Field numbers below: onnx.proto3. */
describe('GraphBuilder', () => {
  const model = (build: (graph: GraphBuilder) => void): Uint8Array => {
    const graph = new GraphBuilder();
    build(graph);
    return graph.finish();
  };
  const graphOf = (bytes: Uint8Array): Uint8Array => messagesOf(bytes, 7)[0]!;

  it('says which operators it speaks of', () => {
    const bytes = model(() => undefined);
    assert.deepEqual(integersOf(bytes, 1), [9n]);
    const opsets = messagesOf(bytes, 8).map((opset) => [textsOf(opset, 1)[0], integersOf(opset, 2)[0]]);
    assert.deepEqual(opsets, [
      ['', 17n],
      ['com.microsoft', 1n],
    ]);
  });

  it('writes nodes with left-out inputs and outputs as empty names', () => {
    const bytes = model((graph) => {
      const x = graph.input('x', ElementType.float32, ['N', 4]);
      const [, second] = graph.contrib('Thing', [x, undefined, x], {}, [undefined, 'second']);
      graph.output('second', ElementType.float32, ['N', 4], second!);
    });
    const [node, ...others] = messagesOf(graphOf(bytes), 1);
    assert.equal(others.length, 0, 'an output that has its name already needs no Identity');
    assert.deepEqual(textsOf(node!, 1), ['x', '', 'x']);
    assert.deepEqual(textsOf(node!, 2), ['', 'second']);
    assert.deepEqual(textsOf(node!, 4), ['Thing']);
    assert.deepEqual(textsOf(node!, 7), ['com.microsoft']);
  });

  it('writes each kind of attribute with its type', () => {
    const bytes = model((graph) => {
      const x = graph.input('x', ElementType.float32, [1]);
      graph.op('Thing', [x], { whole: -1, fraction: { float: 0.5 }, many: [3, -1], none: [] });
    });
    const attributes = messagesOf(messagesOf(graphOf(bytes), 1)[0]!, 5);
    const named = new Map(attributes.map((attribute) => [textsOf(attribute, 1)[0], attribute]));
    assert.deepEqual(integersOf(named.get('whole')!, 3), [-1n]);
    assert.deepEqual(integersOf(named.get('whole')!, 20), [2n]);
    assert.equal(hex(fieldsOf(named.get('fraction')!, 2)[0] as Uint8Array), '0000003f');
    assert.deepEqual(integersOf(named.get('fraction')!, 20), [1n]);
    assert.deepEqual(integersOf(named.get('many')!, 8), [3n, -1n]);
    assert.deepEqual(integersOf(named.get('many')!, 20), [7n]);
    assert.deepEqual(integersOf(named.get('none')!, 8), []);
    assert.deepEqual(integersOf(named.get('none')!, 20), [7n]);
  });

  it('writes what goes in and out with element type, lengths and names of sides', () => {
    const bytes = model((graph) => {
      const x = graph.input('x', ElementType.int64, ['N', 4]);
      graph.output('y', ElementType.int64, ['N', 4], x);
      graph.input('scalar', ElementType.int32, []);
    });
    const describeValue = (value: Uint8Array): unknown => {
      const tensor = messagesOf(messagesOf(value, 2)[0]!, 1)[0]!;
      const sides = messagesOf(messagesOf(tensor, 2)[0]!, 1).map(
        (side) => textsOf(side, 2)[0] ?? integersOf(side, 1)[0],
      );
      return [textsOf(value, 1)[0], integersOf(tensor, 1)[0], sides];
    };
    const graph = graphOf(bytes);
    assert.deepEqual(messagesOf(graph, 11).map(describeValue), [
      ['x', 7n, ['N', 4n]],
      ['scalar', 6n, []],
    ]);
    assert.deepEqual(messagesOf(graph, 12).map(describeValue), [['y', 7n, ['N', 4n]]]);
    assert.deepEqual(textsOf(messagesOf(graph, 1)[0]!, 4), ['Identity']);
  });

  it('writes tensors inside, of a part of a buffer too, and each constant once', () => {
    const bytes = model((graph) => {
      const whole = Float32Array.of(9, 1, 2, 9);
      graph.tensor('part', whole.subarray(1, 3), [2, 1]);
      assert.equal(graph.integers(1, -2), graph.integers(1, -2));
      assert.equal(graph.scalar(1), graph.scalar(1));
      assert.notEqual(graph.scalar(1), graph.integers(1));
    });
    const [part, list, scalar, one, ...rest] = messagesOf(graphOf(bytes), 5);
    assert.equal(rest.length, 0);
    assert.deepEqual(integersOf(part!, 1), [2n, 1n]);
    assert.deepEqual(integersOf(part!, 2), [1n]);
    assert.equal(hex(messagesOf(part!, 9)[0]!), '0000803f00000040');
    assert.equal(hex(messagesOf(list!, 9)[0]!), '0100000000000000feffffffffffffff');
    assert.deepEqual(integersOf(scalar!, 1), []);
    assert.deepEqual(integersOf(one!, 1), [1n]);
  });

  it('writes where external data lies', () => {
    const bytes = model((graph) => {
      const data = { location: 'blobs/a b', offset: 2 ** 33, length: 24 };
      graph.external('far', ElementType.bfloat16, [3, 4], data);
    });
    const [tensor] = messagesOf(graphOf(bytes), 5);
    assert.deepEqual(integersOf(tensor!, 2), [16n]);
    assert.deepEqual(integersOf(tensor!, 14), [1n]);
    const entries = messagesOf(tensor!, 13).map((entry) => [textsOf(entry, 1)[0], textsOf(entry, 2)[0]]);
    assert.deepEqual(entries, [
      ['location', 'blobs/a b'],
      ['offset', '8589934592'],
      ['length', '24'],
    ]);
  });
});

describe('a built graph in the runtime', () => {
  const runtime = Runtime.load(libraryPath());
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imcot-graph-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** x plus a tensor of two numbers that lies in a file. */
  async function addExternal(location: string, offset: number, type: ElementType): Promise<number[]> {
    const graph = new GraphBuilder();
    const x = graph.input('x', ElementType.float32, [2]);
    const length = type === ElementType.float32 ? 8 : 4;
    let stored = graph.external('stored', type, [2], { location, offset, length });
    if (type !== ElementType.float32) stored = graph.op('Cast', [stored], { to: ElementType.float32 });
    graph.output('y', ElementType.float32, [2], graph.op('Add', [x, stored]));
    const session = await runtime.open(graph.finish(), { provider: 'cpu', threads: 1, dataFolder: folder });
    const input = runtime.tensor(Float32Array.of(10, 20), [2]);
    const output = runtime.tensor(new Float32Array(2), [2]);
    const binding = session.bind();
    try {
      binding.input('x', input);
      binding.output('y', output);
      await session.run(binding);
      return [...(output.data as Float32Array)];
    } finally {
      session.dispose();
      input.dispose();
      output.dispose();
    }
  }

  it('takes numbers from files at any offset, in folders with spaces and letters of any kind', async () => {
    const name = 'größe 重み.bin';
    const floats = Float32Array.of(7, 1, 2);
    writeFileSync(path.join(folder, name), floats);
    assert.deepEqual(await addExternal(name, 4, ElementType.float32), [11, 22]);
    // bfloat16 is the upper half of a float32; an odd offset is what safetensors headers lead to.
    writeFileSync(path.join(folder, 'odd'), Uint8Array.of(9, 0x80, 0x3f, 0x00, 0x40));
    assert.deepEqual(await addExternal('odd', 1, ElementType.bfloat16), [11, 22]);
  });

  it('is refused with a sentence where its file is missing, too short or outside the folder', async () => {
    writeFileSync(path.join(folder, 'short'), new Uint8Array(8));
    for (const location of ['none', 'short', '../short', path.join(folder, 'short')]) {
      await assert.rejects(addExternal(location, 4, ElementType.float32), (thrown: unknown) => {
        assert.ok(thrown instanceof ImcotError, String(thrown));
        assert.match(thrown.message, /^ONNX Runtime: /);
        return true;
      });
    }
  });

  it('is refused with a sentence where it is no model, or an operator is unknown', async () => {
    const options = { provider: 'cpu', threads: 1 } as const;
    await assert.rejects(runtime.open(new Uint8Array([1, 2, 3]), options), /^ImcotError: ONNX Runtime: /);
    await assert.rejects(runtime.open(new Uint8Array(0), options), /^ImcotError: ONNX Runtime: /);
    const graph = new GraphBuilder();
    const x = graph.input('x', ElementType.float32, [2]);
    graph.output('y', ElementType.float32, [2], graph.op('NoSuchOperator', [x]));
    await assert.rejects(runtime.open(graph.finish(), options), /NoSuchOperator/);
  });
});

import assert from 'node:assert/strict';
import path from 'node:path';
import { ImcotError } from '../../../../../src/common/errors';
import { GraphBuilder } from '../../../../../src/inference/onnx/graph/builder';
import {
  CheckpointWeights,
  commonFolder,
  QuantisedGraphWeights,
} from '../../../../../src/inference/onnx/graph/weights';
import { ElementType } from '../../../../../src/inference/onnx/runtime/elementType';
import type { Checkpoint, StoredTensor } from '../../../../../src/inference/onnx/checkpoint/checkpoint';
import { messagesOf, textsOf } from './support/readMessage';

const root = path.parse(process.cwd()).root;
const at = (...names: string[]): string => path.join(root, ...names);

describe('commonFolder', () => {
  it('is the deepest folder that holds all the files', () => {
    assert.equal(commonFolder([at('m', 'a'), at('m', 'b')]), at('m'));
    assert.equal(commonFolder([at('m', 'x', 'a'), at('m', 'b')]), at('m'));
    assert.equal(commonFolder([at('m', 'a'), at('m', 'x', 'y', 'b')]), at('m'));
    assert.equal(commonFolder([at('m', 'x', 'a'), at('m', 'y', 'b')]), at('m'));
    assert.equal(commonFolder([at('m', 'a'), at('mm', 'b')]), root);
    assert.equal(
      commonFolder([at('cache', 'models--a', 'blobs', '0f'), at('cache', 'models--a', 'blobs', '1e')]),
      at('cache', 'models--a', 'blobs'),
    );
  });

  it('takes folders whose names begin with dots for what they are', () => {
    assert.equal(commonFolder([at('m', 'a'), at('m', '..x', 'b')]), at('m'));
    assert.equal(commonFolder([at('m', 'a'), at('..x', 'b')]), root);
    assert.equal(commonFolder([at('...', 'a'), at('..x', 'b')]), root);
  });
});

function checkpointOf(tensors: readonly StoredTensor[]): Checkpoint {
  return { tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])) } as unknown as Checkpoint;
}

const isFault = (thrown: unknown): boolean => thrown instanceof ImcotError && thrown.code === 'internal';

describe('weights of a graph', () => {
  const stored = (name: string, file: string, type: 'F32' | 'BF16' = 'F32'): StoredTensor => ({
    name,
    type,
    shape: [2, 4],
    file,
    offset: 100,
    byteLength: type === 'F32' ? 32 : 16,
  });

  it('name their files from the common folder, with slashes', () => {
    const checkpoint = checkpointOf([
      stored('a.weight', at('m', 'x', 'one')),
      stored('b.weight', at('m', 'two')),
    ]);
    const weights = new CheckpointWeights(checkpoint, new Map());
    assert.equal(weights.dataFolder, at('m'));
    const graph = new GraphBuilder();
    const x = graph.input('x', ElementType.float32, ['N', 4]);
    weights.linear(graph, x, 'a', 4, 2);
    const [tensor] = messagesOf(messagesOf(graph.finish(), 7)[0]!, 5);
    const locations = messagesOf(tensor!, 13).filter((entry) => textsOf(entry, 1)[0] === 'location');
    assert.deepEqual(textsOf(locations[0]!, 2), ['x/one']);
  });

  it('are widened where they are not float32, and only there', () => {
    const types = (type: 'F32' | 'BF16'): string[] => {
      const weights = new CheckpointWeights(
        checkpointOf([stored('a.weight', at('m', 'one'), type)]),
        new Map(),
      );
      const graph = new GraphBuilder();
      weights.linear(graph, graph.input('x', ElementType.float32, ['N', 4]), 'a', 4, 2);
      return messagesOf(messagesOf(graph.finish(), 7)[0]!, 1).flatMap((node) => textsOf(node, 4));
    };
    assert.deepEqual(types('F32'), ['Gemm']);
    assert.deepEqual(types('BF16'), ['Cast', 'Gemm']);
  });

  it('that are missing are told by name', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', ElementType.float32, ['N', 4]);
    const full = new CheckpointWeights(checkpointOf([]), new Map());
    const quantised = new QuantisedGraphWeights('file', new Map(), new Map());
    for (const weights of [full, quantised]) {
      assert.throws(() => weights.linear(graph, x, 'model.up', 4, 2), isFault);
      assert.throws(() => weights.linear(graph, x, 'model.up', 4, 2), /model\.up\.weight/);
      assert.throws(() => weights.vector(graph, 'model.norm.weight', 4), isFault);
      assert.throws(() => weights.vector(graph, 'model.norm.weight', 4), /model\.norm\.weight/);
    }
  });
});

import assert from 'node:assert/strict';
import { openTrajectorySource } from '../../../../src/files/openSource';
import { streamRecords } from '../../../../src/files/streamRecords';
import { readParquetFooter } from '../../../../src/files/parquet/parquetFooter';
import { readPictures } from '../../../../src/files/parquet/parquetPictures';
import { trainingDataReader as reader } from '../../../../src/readers/trajectories/trainingData';
import { goldenBytes, goldenLog } from '../../../support/goldenLogs';
import { memoryFile, readTable } from '../../../support/memoryFile';
import { codecs, readGood, reasonOf } from '../../../support/readRecords';
import { seeded } from '../../../support/mutations';

const FILES = ['polars_default', 'polars_gzip_groups', 'pyarrow_brotli', 'pyarrow_lz4'];

describe('training data', () => {
  it('a row is a question without turns, with its ground truth and its pictures', async () => {
    for (const name of FILES) {
      const file = goldenLog('parquet', `${name}.parquet`);
      const source = await openTrajectorySource(file, { index: 'inProcess' });
      assert.equal(source.format, 'training-data');
      const result = await source.record(0);
      assert.ok(result.status === 'ok');
      const { prompt, turns, groundTruth, split, id, extras } = result.trajectory;
      assert.deepEqual(
        [turns.length, groundTruth, split, id],
        [0, 'The color of the 灯笼 is red.', 'chart', 'q0'],
      );
      assert.match(prompt.question, /^What is the color of the 灯笼\?$/);
      assert.equal(extras.get('n'), '9007199254740992');
      const [image] = prompt.images;
      assert.ok(image?.kind === 'inline' && prompt.images.length === 1);
      const bytes = result.images.get(image.hash);
      assert.ok(bytes);
      assert.equal(codecs.sha256(bytes), image.hash);
      source.dispose();
    }
  });

  it('null and empty cells: no pictures, two pictures, no prompt', async () => {
    const results = await readTable(reader, goldenBytes('parquet', 'polars_gzip_groups.parquet'));
    const kinds = results.map((result) =>
      result.status === 'ok' ? result.trajectory.prompt.images.map(({ kind }) => kind).join() : result.reason,
    );
    assert.deepEqual([kinds[4], kinds[5], kinds[7]], ['inline,inline', 'inline', 'blank']);
    const empty = results[5];
    assert.ok(empty?.status === 'ok');
    assert.match(empty.trajectory.prompt.question, /What is the color of/);
  });

  it('a list of rows and figures read no picture: the bytes of their column are not asked for', async () => {
    const file = goldenLog('parquet', 'polars_default.parquet');
    for await (const result of streamRecords(file, { figuresOnly: true })) {
      assert.ok(result.status === 'ok');
      assert.equal(result.images.size, 0);
    }
    const source = await openTrajectorySource(file, { index: 'inProcess' });
    const bare = await source.record(1, { withPictures: false });
    assert.ok(bare.status === 'ok');
    assert.deepEqual(bare.trajectory.prompt.images, [{ kind: 'blank' }]);
    const whole = await source.record(1);
    assert.ok(whole.status === 'ok');
    assert.equal(whole.images.size, 1, 'the row that was read without is not what is kept');
    source.dispose();
  });

  it('pictures of one row group that are too many to be read at once are named with the limit', async () => {
    const file = memoryFile('x.parquet', goldenBytes('parquet', 'pyarrow_lz4.parquet'));
    const read = await readParquetFooter(file);
    assert.ok('footer' in read);
    const { footer } = read;
    const [group] = footer.groups;
    assert.ok(group);
    for (const { meta_data: chunk } of footer.metadata.row_groups[0]?.columns ?? [])
      if (chunk?.path_in_schema[0] === 'images') chunk.total_uncompressed_size = 2n ** 31n;
    const found = await readPictures(file, await file.size(), footer, group, 0, ['images']);
    assert.match(String(found['images']), /not read: the pictures of these 4 rows .* at most 128 MiB/);
    const { trajectory } = readGood(reader, { prompt: [{ role: 'user', content: '<image>\nq' }], ...found });
    assert.deepEqual(trajectory.prompt.images, [{ kind: 'blank' }]);
    assert.match(String(trajectory.extras.get('images')), /not read/);
  });

  it('what is no row of a data set is told', () => {
    assert.match(reasonOf(reader, 1), /A row is an object, but this is a number/);
    assert.match(reasonOf(reader, { prompt: 1n }), /"prompt" should be a list of messages/);
    const columns = ['prompt', 'completion', 'reward_model'];
    assert.equal(reader.sniff({ name: 'x', lines: [], values: [], columns }), 0);
  });

  it('100 cuts and flips: nothing throws', async () => {
    const bytes = goldenBytes('parquet', 'pyarrow_lz4.parquet');
    const random = seeded(5);
    for (let round = 0; round < 100; round++) {
      const at = random(bytes.length);
      const damaged = Uint8Array.from(round % 2 === 0 ? bytes.subarray(0, at) : bytes);
      if (round % 2 === 1) damaged[at] = (damaged[at] ?? 0) ^ (1 << random(8));
      await readTable(reader, damaged);
    }
  });
});

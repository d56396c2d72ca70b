import assert from 'node:assert/strict';
import { ImcotError } from '../../../../src/common/errors';
import {
  checkColumns,
  checkCurve,
  checkCurves,
  checkCurvesRequest,
  checkName,
  checkPicture,
  checkPlaces,
  checkRange,
  checkRows,
  checkX,
  MAX_COLUMNS,
  MAX_CURVES,
  MAX_TABLE_ROWS,
} from '../../../../src/host/dynamics/dynamicsRequests';

const refused = (attempt: () => unknown): void => {
  assert.throws(attempt, (error) => error instanceof ImcotError && error.code === 'usage');
};
const NOT_NUMBERS = ['1', null, undefined, {}, [], Number.NaN, Infinity];
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2]);

describe('what a page of curves asks for', () => {
  const curve = { run: 'run', key: 'loss' };
  const request = {
    curves: [{ id: 'a', members: [curve] }],
    x: 'step',
    columns: 800.4,
    smoothing: 0.6,
  };

  it('is a curve by names, with no more in it', () => {
    assert.deepEqual(checkCurve({ ...curve, path: '/etc/passwd' }), curve);
    for (const value of [undefined, null, 7, 'run', {}, { run: 'run' }, { run: 1, key: 'x' }])
      refused(() => checkCurve(value));
    refused(() => checkName('x'.repeat(9000)));
    refused(() => checkCurves(Array.from({ length: MAX_CURVES + 1 }, () => curve)));
    refused(() => checkCurves(curve));
  });

  it('is points for drawing, with columns as whole numbers', () => {
    assert.deepEqual(checkCurvesRequest(request), { ...request, columns: 800 });
    const marked = { ...request, range: [1, 5], marks: { run: 'run', steps: [3] } };
    assert.deepEqual(checkCurvesRequest(marked), { ...marked, columns: 800 });
    for (const change of [
      { curves: 'all' },
      { curves: [{ id: 'a' }] },
      { curves: [{ id: 'a', members: Array.from({ length: MAX_CURVES + 1 }, () => curve) }] },
      { x: 'time' },
      { columns: Number.NaN },
      { smoothing: 1 },
      { smoothing: -0.1 },
      { range: [5, 1] },
      { range: [1] },
      { range: [1, 2, 3] },
      { marks: { run: 'run', steps: ['3'] } },
    ])
      refused(() => checkCurvesRequest({ ...request, ...change }));
  });

  it('counts the members of all curves together', () => {
    const half = Array.from({ length: MAX_CURVES / 2 }, () => curve);
    const curves = [half, half].map((members, i) => ({ id: `${i}`, members }));
    assert.equal(checkCurvesRequest({ ...request, curves }).curves.length, 2);
    refused(() => checkCurvesRequest({ ...request, curves: [...curves, { id: 'c', members: [curve] }] }));
  });

  it('is places, parts of the axis, columns and rows that exist', () => {
    assert.deepEqual(checkPlaces([1, -2.5]), [1, -2.5]);
    for (const value of NOT_NUMBERS) refused(() => checkPlaces([value]));
    assert.equal(checkRange(undefined), undefined);
    assert.equal(checkRange(null), undefined);
    assert.deepEqual(checkRange([-3, -3]), [-3, -3]);
    assert.equal(checkX('wall'), 'wall');
    refused(() => checkX('toString'));
    assert.deepEqual([checkColumns(-7), checkColumns(1e9)], [1, MAX_COLUMNS]);
    assert.deepEqual(checkRows(10, 1e9), [10, 10 + MAX_TABLE_ROWS]);
    refused(() => checkRows(10, 9));
    for (const value of [...NOT_NUMBERS, -1, 0.5]) refused(() => checkRows(0, value));
  });

  it('is a picture that is what it says', () => {
    assert.deepEqual(checkPicture('png', PNG), { kind: 'png', bytes: PNG });
    const svg = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>';
    assert.equal(new TextDecoder().decode(checkPicture('svg', svg).bytes), svg);
    for (const [kind, content] of [
      ['png', svg],
      ['svg', PNG],
      ['png', PNG.subarray(1)],
      ['svg', '<html><svg></svg></html>'],
      ['svg', '<svgx>'],
      ['exe', PNG],
      ['png', undefined],
    ])
      refused(() => checkPicture(kind, content));
  });
});

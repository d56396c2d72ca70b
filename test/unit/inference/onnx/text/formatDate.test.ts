import assert from 'node:assert/strict';
import { formatDate } from '../../../../../src/inference/onnx/text/formatDate';

describe('format date', () => {
  it('writes what strftime writes', () => {
    const evening = new Date(2024, 1, 29, 21, 5, 7);
    assert.equal(
      formatDate(evening, '%a %A %b %B %d %e %H %I %j %m %M %p %S %y %Y %%'),
      'Thu Thursday Feb February 29 29 21 09 060 02 05 PM 07 24 2024 %',
    );
    assert.equal(formatDate(new Date(2024, 11, 3, 0, 30), '%e %I %p %j'), ' 3 12 AM 338');
  });

  it('leaves other codes as they are', () => {
    assert.equal(formatDate(new Date(), '%Q %'), '%Q %');
  });
});

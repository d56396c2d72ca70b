import assert from 'node:assert/strict';
import { eventKey, headerProblem } from '../../../../src/readers/trajectories/imcotEvents';

const key = (line: string) => eventKey(new TextEncoder().encode(line));

describe('eventKey', () => {
  it('names the trajectory of a line from its first bytes', () => {
    assert.equal(key('{"t":0,"event":"start"}'), 0);
    assert.equal(key('{"t": 41, "event": "text"}'), 41);
    assert.equal(key(' { "t" : 7 }'), 7);
    assert.equal(key('\ufeff{"t":3,"event":"text","text":"' + 'x'.repeat(500)), 3);
  });

  it('knows the header', () => {
    assert.equal(key('{"imcot":1,"writer":"x"}'), 'header');
    assert.equal(key('\ufeff{ "imcot": 2}'), 'header');
  });

  it('knows nothing of other lines', () => {
    for (const line of [
      '',
      '{',
      '{"t":',
      '{"t":12',
      '{"t":-1,',
      '{"t":1.5,',
      '{"t":01,',
      '{"t":"1",',
      '{"a":1,"t":2}',
    ]) {
      assert.equal(key(line), undefined, line);
    }
    assert.equal(key(`{"t":${'9'.repeat(16)},`), undefined, 'more digits than a number holds exactly');
  });
});

describe('headerProblem', () => {
  it('accepts this version, with whatever else stands in the header', () => {
    assert.equal(headerProblem({ imcot: 1, later: true }), undefined);
  });

  it('refuses a newer version and what is no header with a sentence', () => {
    assert.match(headerProblem({ imcot: 2 }) ?? '', /version 2 .* up to version 1/);
    for (const header of [undefined, null, 3, [], {}, { imcot: '1' }, { imcot: 0 }, { imcot: 1.5 }]) {
      assert.match(headerProblem(header) ?? '', /must be its header/);
    }
  });
});

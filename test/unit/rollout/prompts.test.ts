import assert from 'node:assert/strict';
import * as prompts from '../../../src/rollout/prompts/deepEyesPrompts';
import { codecs } from '../../support/readRecords';

/** Length in characters and SHA-256 of DeepEyes' constants, taken from the authors' own file. */
const TABLE: readonly (readonly [keyof typeof prompts, number, string])[] = [
  ['SYSTEM_PROMPT_V1', 1474, '7ae24aedad95df04adb53fb5b00f8cb1b4dbc32fb3a5f78ee5126136c1b82c4a'],
  ['SYSTEM_PROMPT_V2', 1166, '1fc5b8b5ebdc9b24d6a9281071222872c8542dd65a4a4be1e70d9760c3a7f99f'],
  ['SYSTEM_PROMPT_V5', 1312, '5bfb0e5ea533043df4f53ca28e2a65cc20cf947a4fa401b2e36e978954b13741'],
  ['USER_PROMPT_V1', 163, 'bc66ffe8f020b7eb67625d5092807262b21a2c2b118a20934f3e9bc9a837bbe6'],
  ['USER_PROMPT_V2', 174, 'e46e076069f511f848e9e6e213ee98b0576b268ac8eab38649e0b75608305e42'],
  ['USER_PROMPT_V3', 349, 'dda72ee82b02a4c8ac9a9031bc413c1936fffbed3105c546c370afedb010ea9b'],
  ['USER_PROMPT_V4', 348, '40ec6e1c31e37be366c67e01b8ff1548f7fb6ae8bad69091fe61a4895bf08ac5'],
  ['TURN_PROMPT_V5', 267, '085ffff308db0a2074bf62463c2c66c6b2909ac8141a4037d498fc21147bd6dc'],
];

describe('prompts', () => {
  it("are DeepEyes' texts, byte for byte", () => {
    assert.deepEqual(
      Object.entries(prompts)
        .map(([name, text]) => [name, text.length, codecs.sha256(new TextEncoder().encode(text))])
        .sort(),
      TABLE.map((row) => [...row]).sort(),
    );
  });
});

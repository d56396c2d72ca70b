import { ImcotError } from '../common/errors';

const MASK_64 = (1n << 64n) - 1n;

/** A source of uniform numbers. */
export interface RandomNumbers {
  /** The next number: 0 <= x < 1, a multiple of 2^-53, every one of them equally likely. */
  uniform(): number;
}

/**
 * SplitMix64: the first `count` 64-bit outputs from a seed. It spreads small seeds over the state of another generator.
 * Constants: Sebastiano Vigna's public domain splitmix64.c (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number
 * Generators", OOPSLA 2014).
 */
export function splitMix64(seed: bigint, count: number): bigint[] {
  let state = seed & MASK_64;
  return Array.from({ length: count }, () => {
    state = (state + 0x9e3779b97f4a7c15n) & MASK_64;
    let mixed = state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
    return mixed ^ (mixed >> 31n);
  });
}

/**
 * xoshiro128** 1.1: 32-bit arithmetic throughout, so every JavaScript engine gives the same numbers, with a period of
 * 2^128 - 1. Constants: Blackman and Vigna's public domain xoshiro128starstar.c ("Scrambled Linear Pseudorandom Number
 * Generators", ACM TOMS 47, 2021).
 */
export class Xoshiro128 implements RandomNumbers {
  private readonly state: Uint32Array;

  /** @param state four 32-bit words, not all zero */
  constructor(state: readonly [number, number, number, number]) {
    this.state = Uint32Array.from(state);
    if (this.state.every((word) => word === 0)) {
      throw new ImcotError('internal', 'The random number generator cannot start from a state of zeros.');
    }
  }

  /** The next 32 bits, as an unsigned number. */
  next(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.state;
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const third = c ^ a;
    const fourth = d ^ b;
    this.state[0] = a ^ fourth;
    this.state[1] = b ^ third;
    this.state[2] = third ^ (b << 9);
    this.state[3] = rotateLeft(fourth, 11);
    return result;
  }

  /** Takes two outputs: 27 high bits of the first in front of 26 high bits of the second. */
  uniform(): number {
    const high = this.next() >>> 5;
    const low = this.next() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }
}

/**
 * The generator of a seed: xoshiro128** whose four words are the low and high halves of SplitMix64's first two outputs.
 * @param seed a whole number from 0 to 2^53 - 1; anything else throws an `ImcotError` `usage`
 */
export function seededNumbers(seed: number): Xoshiro128 {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ImcotError('usage', `The seed must be a whole number from 0 to 2^53 - 1, not ${seed}.`);
  }
  const [first = 0n, second = 0n] = splitMix64(BigInt(seed), 2);
  const low = (word: bigint): number => Number(word & 0xffffffffn);
  const high = (word: bigint): number => Number(word >> 32n);
  return new Xoshiro128([low(first), high(first), low(second), high(second)]);
}

/** A seed nobody chose: a whole number below 2^32. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

import type { SharpConstructor } from 'sharp';
import { ImcotError } from '../common/errors';

let loading: Promise<SharpConstructor> | undefined;

/**
 * The image library, loaded at the first call: who only lists and counts never pays for it.
 * @throws ImcotError `internal` when it has no build for this platform
 */
export function loadSharp(): Promise<SharpConstructor> {
  loading ??= load();
  return loading;
}

async function load(): Promise<SharpConstructor> {
  try {
    const { default: sharp } = await import('sharp');
    // Pixels are kept here under a budget of our own; and one thread per picture leaves the others to the host.
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  } catch (thrown) {
    throw new ImcotError(
      'internal',
      `The image library can't be loaded on ${process.platform}-${process.arch}: install the package for this platform.`,
      { cause: thrown },
    );
  }
}

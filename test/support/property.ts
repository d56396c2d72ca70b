import fc from 'fast-check';

/** A seed for this run: `PROPERTY_SEED` from the environment, so that a failure can be run again, else a new one. */
export function propertySeed(): number {
  const wanted = Number(process.env['PROPERTY_SEED']);
  return Number.isInteger(wanted) && wanted !== 0 ? wanted : Date.now() >>> 0;
}

function announce(seed: number): void {
  process.stdout.write(`[seed ${seed}]`);
}

/** `fc.assert` with a seed that is printed. */
export function checkProperty<T>(property: fc.IProperty<T>, options: { readonly numRuns: number }): void {
  const seed = propertySeed();
  announce(seed);
  fc.assert(property, { ...options, seed });
}

/** `fc.assert` over an asynchronous property, with a seed that is printed. */
export async function checkPropertyAsync<T>(
  property: fc.IAsyncProperty<T>,
  options: { readonly numRuns: number },
): Promise<void> {
  const seed = propertySeed();
  announce(seed);
  await fc.assert(property, { ...options, seed });
}

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits until something holds on this side of the messages, and fails where it does not within ten seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end && !holds();) await delay(20);
  assert.ok(holds(), what);
}

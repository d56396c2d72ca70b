import type { GenerationEvent } from '../../backend';

/** An event and the sequence's length after it. */
export interface QueuedEvent {
  readonly event: GenerationEvent;
  readonly length: number;
}

interface Entry extends QueuedEvent {
  taken(): void;
}

/** Hands events from whoever pushes to one who takes, in order; a push resolves when its event was taken. */
export class EventQueue {
  private readonly entries: Entry[] = [];
  private over: { readonly error?: unknown } | undefined;
  private wake: (() => void) | undefined;

  push(event: GenerationEvent, length: number): Promise<void> {
    if (this.over) return Promise.resolve();
    return new Promise((taken) => {
      this.entries.push({ event, length, taken });
      this.wake?.();
    });
  }

  /** Nothing more comes. What was pushed can still be taken. */
  end(): void {
    this.over ??= {};
    this.wake?.();
  }

  /** Nothing more comes, and this is why; thrown after what was pushed. */
  fail(error: unknown): void {
    this.over ??= { error };
    this.wake?.();
  }

  /** @returns the next event; undefined after the last one */
  async take(): Promise<QueuedEvent | undefined> {
    for (;;) {
      const entry = this.entries.shift();
      if (entry) {
        entry.taken();
        return entry;
      }
      if (this.over) {
        if ('error' in this.over) throw this.over.error;
        return undefined;
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Forgets what nobody will take. */
  abandon(): void {
    this.over ??= {};
    for (const entry of this.entries.splice(0)) entry.taken();
  }
}

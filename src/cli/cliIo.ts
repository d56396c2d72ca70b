/** One of the two places that text goes to. */
export interface TextSink {
  write(text: string): void;
  /** Whether a person looks at it. */
  readonly isTerminal: boolean;
  /** Width of that terminal in cells. */
  readonly columns?: number;
  /** Whether ANSI colours may be used. */
  readonly colour: boolean;
}

/** What a verb may touch of the world outside; tests hand in their own. */
export interface CliIo {
  readonly out: TextSink;
  readonly err: TextSink;
  /** Aborted when the user interrupts, or when nobody reads the output any more. */
  readonly signal: AbortSignal;
}

/** Exit codes that scripts depend on. `interrupted` is the shell's own convention for a SIGINT. */
export const EXIT = { done: 0, inputErrors: 1, usage: 2, interrupted: 130 } as const;

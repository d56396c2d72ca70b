import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';

/** The project's folder. */
export const ROOT = path.join(__dirname, '..');

/** Where benchmarks keep what they make. */
export const CACHE = path.join(ROOT, '.cache/bench');

/**
 * Bundles a program of the benchmarks, so that it starts as quickly as a shipped one and measures nothing of a loader.
 * @param entry below the project's root
 */
export async function buildProgram(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [path.join(ROOT, entry)],
    bundle: true,
    platform: 'node',
    external: ['koffi', 'sharp', 'onnxruntime-node', '@huggingface/transformers', '@sqlite.org/sqlite-wasm'],
    outfile,
    logLevel: 'error',
  });
}

/** A process of ours that is up and works when told to: one answer to each message. */
export class Child {
  private constructor(private readonly child: ChildProcess) {}

  /** Resolves when the program has sent its first message. */
  static async start(program: string, ...args: string[]): Promise<Child> {
    const started = new Child(
      fork(program, args, { execArgv: [], env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' } }),
    );
    await started.next();
    return started;
  }

  /** Its number in the system. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  async ask(message: unknown): Promise<unknown> {
    const answer = this.next();
    this.child.send(message as object);
    return answer;
  }

  end(): void {
    if (this.child.connected) this.child.disconnect();
  }

  /** Ends it and waits until the system has its memory back. */
  async gone(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = new Promise((resolve) => this.child.once('exit', resolve));
    this.end();
    await exit;
  }

  private next(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`the process ended with ${code}`));
      this.child.once('exit', ended);
      this.child.once('message', (message) => {
        this.child.off('exit', ended);
        resolve(message);
      });
    });
  }
}

import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ImcotError, errorMessage } from '../common/errors';
import type { EventSink } from './recorder';

const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpg'],
  ['image/webp', 'webp'],
  ['image/gif', 'gif'],
  ['image/bmp', 'bmp'],
]);

const LINE_END = 0x0a;

interface Waiting {
  readonly line: string;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * An event log on disk. Each line is written and flushed to the device (`fdatasync`) before its promise resolves.
 * Lines that arrive while a flush is running go together into the next one, so that many rollouts at once, or a fast
 * stream of text, cost a flush per batch and not per line.
 */
export class EventLogFile implements EventSink {
  private waiting: Waiting[] = [];
  private running: Promise<void> | undefined;
  private failure: ImcotError | undefined;
  private readonly images = new Map<string, Promise<string>>();

  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
  ) {}

  /**
   * Makes a new file.
   * @throws ImcotError `usage` when there is one already, `denied` when it can't be made
   */
  static create(file: string): Promise<EventLogFile> {
    return openLog(file, 'ax').then((handle) => new EventLogFile(file, handle));
  }

  /**
   * Goes on with a file. A torn last line, which a crash leaves, is closed first and stays behind as a damaged line.
   * @throws ImcotError `missing` or `denied` when it can't be opened
   */
  static async resume(file: string): Promise<EventLogFile> {
    // Opened without O_CREAT first: a misspelt name must not make an empty log.
    await openLog(file, 'r+').then((existing) => existing.close());
    const handle = await openLog(file, 'a+');
    const { size } = await handle.stat();
    const last = new Uint8Array(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    if (size > 0 && last[0] !== LINE_END) await handle.appendFile('\n');
    return new EventLogFile(file, handle);
  }

  append(line: string): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting.push({ line, resolve, reject });
      this.running ??= this.drain();
    });
  }

  writeImage(hash: string, mediaType: string, bytes: Uint8Array): Promise<string> {
    const known = this.images.get(hash);
    if (known) return known;
    const written = this.writeImageFile(hash, mediaType, bytes);
    this.images.set(hash, written);
    return written;
  }

  /** Waits for what was appended and closes the file. Nothing can be appended afterwards. */
  async close(): Promise<void> {
    await this.running;
    this.failure ??= new ImcotError('usage', `${this.file} was closed.`);
    await this.handle.close();
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        await this.handle.appendFile(batch.map(({ line }) => `${line}\n`).join(''));
        await this.handle.datasync();
        for (const entry of batch) entry.resolve();
      } catch (thrown) {
        this.fail(thrown, batch);
      }
    }
    this.running = undefined;
  }

  private fail(thrown: unknown, batch: readonly Waiting[]): void {
    this.failure = new ImcotError('denied', `${this.file} could not be written: ${errorMessage(thrown)}`, {
      cause: thrown,
    });
    for (const entry of [...batch, ...this.waiting]) entry.reject(this.failure);
    this.waiting = [];
  }

  private async writeImageFile(hash: string, mediaType: string, bytes: Uint8Array): Promise<string> {
    const folder = `${path.basename(this.file).replace(/(?:\.imcot)?\.jsonl$/, '')}.images`;
    const name = `${hash}.${EXTENSIONS.get(mediaType) ?? 'bin'}`;
    const target = path.join(path.dirname(this.file), folder, name);
    // A slash on every system: the log may be read on another one.
    const logged = `${folder}/${name}`;
    if (await hasSize(target, bytes.length)) return logged;
    await mkdir(path.dirname(target), { recursive: true });
    // Under another name first, so that nobody ever sees half an image.
    const unfinished = `${target}.${process.pid}.part`;
    try {
      const handle = await open(unfinished, 'w');
      try {
        await handle.writeFile(bytes);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      await rename(unfinished, target);
    } catch (thrown) {
      await rm(unfinished, { force: true });
      throw new ImcotError('denied', `${target} could not be written: ${errorMessage(thrown)}`, {
        cause: thrown,
      });
    }
    return logged;
  }
}

async function openLog(file: string, flags: string): Promise<FileHandle> {
  try {
    return await open(file, flags);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') throw new ImcotError('usage', `${file} is there already; choose another name.`);
    if (code === 'ENOENT') {
      throw new ImcotError('missing', `${file} can't be opened: the file or its folder is not there.`);
    }
    throw new ImcotError('denied', `${file} can't be opened: ${errorMessage(thrown)}`, { cause: thrown });
  }
}

async function hasSize(file: string, size: number): Promise<boolean> {
  try {
    return (await stat(file)).size === size;
  } catch {
    return false;
  }
}

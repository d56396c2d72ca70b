import { readFileSync } from 'node:fs';

/** Bytes of a process's memory, as Linux counts them. */
export interface ProcessMemory {
  /** Its own: heap, tensors, what was copied from files. */
  readonly own: number;
  /** Pages of files that are mapped: the system takes them back when somebody needs the room. */
  readonly mapped: number;
}

/** `undefined` where there is no /proc, or the process is gone. */
export function processMemory(pid: number): ProcessMemory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): number => {
      const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
      return Number(kibibytes ?? 0) * 1024;
    };
    return { own: field('RssAnon') + field('RssShmem'), mapped: field('RssFile') };
  } catch {
    return undefined;
  }
}

/** Watches a process until told to stop; the peaks of both, and of their sum, may lie at different moments. */
export class MemoryWatch {
  private readonly timer: NodeJS.Timeout;
  private peak = { own: 0, mapped: 0, resident: 0 };

  constructor(private readonly pid: number) {
    this.timer = setInterval(() => this.look(), 5);
  }

  private look(): void {
    const now = processMemory(this.pid);
    if (!now) return;
    const { own, mapped, resident } = this.peak;
    this.peak = {
      own: Math.max(own, now.own),
      mapped: Math.max(mapped, now.mapped),
      resident: Math.max(resident, now.own + now.mapped),
    };
  }

  /** Bytes. */
  stop(): { readonly own: number; readonly mapped: number; readonly resident: number } {
    this.look();
    clearInterval(this.timer);
    return this.peak;
  }
}

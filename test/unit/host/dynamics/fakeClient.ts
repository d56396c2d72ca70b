// A thread that holds curves, in memory: it answers what the test tells it to.
import { ImcotError } from '../../../../src/common/errors';
import { Emitter } from '../../../../src/common/event';
import type { DynamicsApi, DynamicsTarget } from '../../../../src/dynamics/dynamicsApi';
import type { DynamicsClient } from '../../../../src/dynamics/dynamicsClient';
import type { DynamicsView } from '../../../../src/protocol/dynamicsView';

/** A view of curves that are there. */
export function readyView(generation = 1, more: Partial<DynamicsView> = {}): DynamicsView {
  return { status: 'ready', name: 'run.log', runs: [], notices: [], generation, ...more } as DynamicsView;
}

export class FakeClient implements DynamicsClient {
  readonly changed = new Emitter<DynamicsView>();
  readonly failed = new Emitter<string>();
  readonly onDidChange = this.changed.event;
  readonly onDidFail = this.failed.event;
  readonly asked: unknown[][] = [];
  readonly opened: DynamicsTarget[] = [];
  disposed = false;
  readonly remote: DynamicsClient['remote'];
  private rejectOpen: (error: Error) => void = () => undefined;
  /** Lets `open` resolve. */
  answer: (view: DynamicsView) => void = () => undefined;

  constructor(answers: Partial<Record<keyof DynamicsApi, unknown>> = {}) {
    const open = (target: DynamicsTarget): Promise<DynamicsView> => {
      this.opened.push(target);
      return new Promise((resolve, reject) => {
        this.answer = resolve;
        this.rejectOpen = reject;
      });
    };
    const other =
      (method: string) =>
      (...args: unknown[]): Promise<unknown> => {
        this.asked.push([method, ...args]);
        return Promise.resolve(answers[method as keyof DynamicsApi]);
      };
    this.remote = new Proxy({} as DynamicsClient['remote'], {
      get: (_target, method) =>
        method === 'open' ? open : method === 'then' ? undefined : other(String(method)),
    });
  }

  refuse(error: Error): void {
    this.rejectOpen(error);
  }

  crash(sentence: string): void {
    this.rejectOpen(new ImcotError('internal', sentence));
    this.failed.fire(sentence);
  }

  dispose(): void {
    this.disposed = true;
    this.rejectOpen(new ImcotError('cancelled', 'The curves were closed.'));
  }
}

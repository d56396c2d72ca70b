// Starts a process with the fake model, has it hold its thread when told to, prints its number, and waits to be killed.
import { hooks, optionsFor, startFake } from './processes';

async function parent(): Promise<void> {
  const process_ = startFake();
  const model = await process_.open(optionsFor('plain'), hooks());
  const sequence = await model.start();
  if (process.argv[2] === 'block') void sequence.appendText('block').catch(() => undefined);
  else
    void sequence
      .generate({ sampling: { temperature: 0 }, maxTokens: 1e6 })
      [Symbol.asyncIterator]()
      .next();
  process.stdout.write(`${process_.pid ?? ''}\n`);
}

void parent();

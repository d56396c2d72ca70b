import { LineIndex } from '../../../../src/common/lineIndex';
import { FileSource } from '../../../../src/files/fileSource';
import { InProcessIndexer } from '../../../../src/files/indexClient';
import { SidecarStore } from '../../../../src/files/sidecar';

/** Keeps the index of a log again and again until it is killed. Arguments: the log, the folder for indexes. */
async function main(log: string, folder: string): Promise<void> {
  const file = await FileSource.open(log);
  const store = new SidecarStore(folder);
  const index = new LineIndex();
  const signal = new AbortController().signal;
  await new InProcessIndexer().index(file, 0, ({ starts, end }) => index.append(starts, end), signal);
  for (let round = 0; ; round++) {
    if (!(await store.save(file, index))) throw new Error('not saved');
    if (round === 0) process.stdout.write('saved\n');
  }
}

void main(process.argv[2] ?? '', process.argv[3] ?? '');

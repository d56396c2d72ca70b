import { ImcotError } from '../../common/errors';
import type { OpenFile } from '../../files/fileSource';
import { FileSource } from '../../files/fileSource';
import type { WorkspaceTrust } from '../trust';
import { checkMayRead } from '../trust';

/**
 * Opens a file that may be read. In a restricted workspace each opening is checked, not the first alone: a log can be
 * replaced by a link while it is followed, or between the check and the opening.
 * @throws ImcotError `denied` when it leads outside; as `FileSource.open`
 */
export async function openChecked(file: string, trust: () => WorkspaceTrust): Promise<OpenFile> {
  await checkMayRead(file, trust());
  const opened = await FileSource.open(file);
  if (trust().trusted) return opened;
  try {
    await checkMayRead(file, trust());
    const [own, named] = await Promise.all([opened.stat(), opened.statByName()]);
    if (own.identity === named.identity) return opened;
    throw new ImcotError('denied', `${file} was replaced while it was opened, so it is not read.`);
  } catch (thrown) {
    await opened.close();
    throw thrown;
  }
}

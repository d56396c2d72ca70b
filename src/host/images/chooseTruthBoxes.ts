import path from 'node:path';
import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import { readTruthFile } from '../../launch/truthFile';
import type { WorkspaceImages } from './workspaceImages';

const ANOTHER = 'Choose Another File...';
const NONE = 'Use No File';

/**
 * Asks for a file of ground-truth boxes, reads it, and remembers it for the workspace; or forgets the one there is.
 * @returns whether anything changed
 * @throws ImcotError `denied` in a restricted workspace; what `readTruthFile` throws of the file
 */
export async function chooseTruthBoxes(places: WorkspaceImages): Promise<boolean> {
  if (!places.trust.trusted) {
    throw new ImcotError(
      'denied',
      'This workspace is not trusted, so only boxes in the log and beside its images are read. Trust it to choose a file.',
    );
  }
  const known = places.truthFile;
  if (known !== undefined) {
    const placeHolder = `Ground-truth boxes come from ${path.basename(known)}`;
    const answer = await vscode.window.showQuickPick([ANOTHER, NONE], { placeHolder });
    if (answer === undefined) return false;
    if (answer === NONE) {
      await places.useTruthFile(undefined);
      return true;
    }
  }
  const picked = await vscode.window.showOpenDialog({
    openLabel: 'Use These Boxes',
    title: 'File with ground-truth boxes',
    filters: { 'Boxes (JSON, JSON lines, table, COCO)': ['json', 'jsonl', 'csv', 'tsv'], 'All files': ['*'] },
  });
  const file = picked?.find(({ scheme }) => scheme === 'file')?.fsPath;
  if (file === undefined) return false;
  const { entries, bad, problem } = await readTruthFile(file);
  await places.useTruthFile(file);
  const rest = bad === 0 ? '' : ` ${bad} could not be read: ${problem ?? ''}`;
  // Not waited for: a message stays as long as the person lets it.
  void vscode.window.showInformationMessage(
    `${path.basename(file)} holds boxes in ${entries.length} records.${rest}`,
  );
  return true;
}

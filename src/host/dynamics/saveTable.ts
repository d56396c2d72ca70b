import { ImcotError } from '../../common/errors';

/** Gives the CSV from a place on: the first is 0, and `next` is where it goes on. */
export type CsvSource = (from: number) => Promise<{ readonly text: string; readonly next?: number }>;

/**
 * The pieces of a table, each asked for when the one before is written, so that a table of any size needs the memory of
 * one piece.
 * @param written told after each piece how much was asked for by then: characters
 * @throws ImcotError `cancelled` when the signal fires; whatever the source throws
 */
export async function* csvPieces(
  read: CsvSource,
  signal: AbortSignal,
  written: (characters: number) => void,
): AsyncGenerator<string> {
  let characters = 0;
  for (let from: number | undefined = 0; from !== undefined;) {
    if (signal.aborted) throw new ImcotError('cancelled', 'The table was not saved.');
    const piece: Awaited<ReturnType<CsvSource>> = await read(from);
    if (piece.next !== undefined && piece.next <= from)
      throw new ImcotError('internal', 'The table does not come to an end.');
    yield piece.text;
    characters += piece.text.length;
    written(characters);
    from = piece.next;
  }
}

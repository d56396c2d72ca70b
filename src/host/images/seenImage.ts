import type { ImageView, TrajectoryView } from '../../protocol/trajectoryView';

/** An image of a trajectory by its id; undefined where there is none. */
export function imageOfView({ originals, turns }: TrajectoryView, id: string): ImageView | undefined {
  const observed = turns.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === 'observation' ? part.images : [])),
  );
  return [...originals, ...observed].find((image) => image.id === id);
}

/** A name for the file of an image, without its end: of the original and of the call that made it. */
export function imageFileName(view: TrajectoryView, image: ImageView): string {
  const source = view.originals[0]?.label.replace(/\.[a-z0-9]{1,5}$/i, '') ?? '';
  const safe = source.replace(/[^\p{L}\p{N}_-]+/gu, '-').replace(/^-+|-+$/g, '');
  const base = safe.slice(0, 80) || `rollout-${view.index}`;
  return image.kind === 'original' ? base : `${base}-crop${image.call ?? ''}`;
}

import { errorMessage } from '../../common/errors';
import type { RemoteApi } from '../../common/rpc';
import type { ImageView, TrajectoryHostApi } from '../../protocol/trajectoryView';
import { iconButton } from '../shared/controls';
import { h } from '../shared/dom';
import type { Store } from '../shared/store';
import type { PageState } from './pageState';
import { sizeWords } from './words';

type CropAction = 'copy' | 'save';

/** Is fired at a crop whose button was pressed. */
const ACTION = 'crop-action';

/** The buttons over a crop. What they do is for `CropActions` around them. */
export function cropTools(image: ImageView): HTMLElement {
  const press = (action: CropAction) => (): void =>
    void tools.dispatchEvent(
      new CustomEvent(ACTION, { bubbles: true, detail: { action, imageId: image.id } }),
    );
  const seen = image.resizedSize ? ` (${sizeWords(image.resizedSize)} px, as the model saw it)` : '';
  const tools: HTMLElement = h(
    'div',
    {
      class: 'crop-tools',
      // The crop is part of a node that a press chooses.
      onclick: (event: MouseEvent) => event.stopPropagation(),
    },
    iconButton('copy', `Copy Image${seen}`, press('copy')),
    iconButton('save', `Save Crop...${seen}`, press('save')),
  );
  return tools;
}

/** Copies and saves crops, with exactly the pixels that the policy saw. */
export class CropActions {
  /** @param root holds the buttons of all crops */
  constructor(
    private readonly store: Store<PageState>,
    private readonly host: () => RemoteApi<TrajectoryHostApi>,
    private readonly say: (words: string) => void,
    root: HTMLElement,
  ) {
    root.addEventListener(ACTION, (event) => {
      const detail: unknown = event instanceof CustomEvent ? event.detail : undefined;
      const { action, imageId } = detail as { action: CropAction; imageId: string };
      void this.run(action, imageId);
    });
  }

  /** Acts on the crop at the cursor: that of its observation, or of its tool call. */
  atCursor(action: CropAction): void {
    const { shown, part } = this.store.get();
    const steps = shown.status === 'ready' ? shown.steps : [];
    const call = steps[part - 1]?.call;
    const image = steps
      .filter((step) => step.part === part || (call !== undefined && step.call === call))
      .flatMap(({ view }) => (view.kind === 'observation' ? view.images : []))
      .find(({ state }) => state === 'available');
    if (image) void this.run(action, image.id);
    else this.say('There is no crop at this part');
  }

  private async run(action: CropAction, imageId: string): Promise<void> {
    const { selected } = this.store.get();
    try {
      if (action === 'copy') await this.copy(selected, imageId);
      else if (await this.host().saveImage(selected, imageId)) this.say('Crop saved');
    } catch (thrown) {
      this.say(errorMessage(thrown));
    }
  }

  private async copy(index: number, imageId: string): Promise<void> {
    try {
      // The promise goes in, not its value: the press allows the clipboard only as long as it is fresh.
      const blob = this.host()
        .seenImage(index, imageId)
        .then(({ bytes, mediaType }) => new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mediaType }));
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
      this.say('Image copied');
    } catch (thrown) {
      this.say(`The image could not be copied (${errorMessage(thrown)}): save the crop instead.`);
    }
  }
}

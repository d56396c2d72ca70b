import { eveningSky } from './eveningSky.mjs';
import { harbour } from './harbour.mjs';
import { jarShelf } from './jarShelf.mjs';
import { marketStreet } from './marketStreet.mjs';
import { station } from './station.mjs';

/** Every scene, drawn: name, size in pixels, SVG, question with options (the first is right), boxes [x, y, w, h]. */
export const allScenes = () => [eveningSky(), marketStreet(), jarShelf(), harbour(), station()];

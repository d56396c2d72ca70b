import type { ChartTheme } from './chartTheme';
import type { StackModel } from './stackModel';
import type { Tick } from './ticks';
import type { XScale } from './xScale';

/** What all charts share in one drawing. */
export interface Frame {
  readonly model: StackModel;
  readonly theme: ChartTheme;
  readonly x: XScale;
  readonly ticks: readonly Tick[];
}

import { DatasetController } from 'chart.js';
import type { DrawnLine } from './lineStyle';
import { strokeLine } from './strokeLine';
import type { ValueAxis } from './valueAxis';
import type { XScale } from './xScale';

/** What a dataset of a stacked chart carries beside what the library wants. */
export interface LineDataset {
  readonly type: 'stackedLine';
  /** Empty: the points are drawn from their arrays, without an object for each. */
  readonly data: [];
  drawn: DrawnLine;
  x: XScale;
  axis: ValueAxis;
}

declare module 'chart.js' {
  interface ChartTypeRegistry {
    stackedLine: {
      chartOptions: object;
      datasetOptions: Omit<LineDataset, 'type' | 'data'>;
      defaultDataPoint: never;
      metaExtensions: object;
      parsedDataType: { x: number; y: number };
      scales: 'linear';
    };
  }
}

/**
 * A line of typed arrays. The library's own line makes an object and an element per point, of which tens of thousands
 * cost more than the drawing.
 */
export class StackedLineController extends DatasetController {
  static readonly id = 'stackedLine';
  static readonly defaults = { datasetElementType: false, dataElementType: 'point' };

  override buildOrUpdateElements(): void {
    return;
  }

  override update(): void {
    return;
  }

  override draw(): void {
    const dataset = this.getDataset() as unknown as LineDataset;
    const { ctx, chartArea } = this.chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(
      chartArea.left,
      chartArea.top - 1,
      chartArea.right - chartArea.left,
      chartArea.bottom - chartArea.top + 2,
    );
    ctx.clip();
    strokeLine(ctx, dataset.drawn.line, dataset.drawn.style, chartArea, dataset.x, dataset.axis);
    ctx.restore();
  }
}

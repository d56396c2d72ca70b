import '../shared/theme.css';
import type { ChartStack } from './charts/stackModel';

/** Replaced when the charts are there. */
export type Stack = ChartStack;

import { svg } from '../shared/dom';
import { runDash, runTone } from './charts/tones';

/** How a run's line looks on the curves: a short piece of it. */
export function runSample(colour: number): SVGSVGElement {
  const { classList } = document.body;
  const isHighContrast =
    classList.contains('vscode-high-contrast') || classList.contains('vscode-high-contrast-light');
  const dash = runDash(colour, isHighContrast).join(' ');
  return svg(
    'svg',
    {
      class: `run-sample tone-${runTone(colour)}`,
      width: 18,
      height: 8,
      viewBox: '0 0 18 8',
      'aria-hidden': 'true',
    },
    svg('line', { x1: 0, y1: 4, x2: 18, y2: 4, ...(dash !== '' && { 'stroke-dasharray': dash }) }),
  );
}

/** The run as a table: what was asked, what was said, what was changed, and what the packets did. */
import type { Trip } from './loop.ts';
import { askedOf } from './measure.ts';
import { claimsOf, gainsOf, lossesOf } from './words.ts';

export function tableOf(trips: readonly Trip[]): string {
  const rows = trips.map((trip) => {
    const { scenario, diagnosis, after, again, refusal, seconds } = trip;
    const { verdict, cause, fix } = diagnosis.structured;
    const words = claimsOf(trip).join() === gainsOf(trip).join() ? 'agree' : `differ (${claimsOf(trip).join('; ')})`;
    return [
      scenario.name,
      `${verdict} ${cause?.class ?? ''} ${cause?.confidence ?? ''}`,
      fix?.file.replaceAll(`clusters/lab/${scenario.name}/`, '') ?? 'none',
      (fix?.summary ?? '').replaceAll('|', '\\|'),
      scenario.by ?? 'git apply',
      refusal?.split('\n')[0] ??
        (after.has(`caller ${askedOf(scenario)}`) ? `connects, ${seconds.toFixed(1)} s` : 'blocked'),
      gainsOf(trip).join(', ') || 'nothing',
      lossesOf(trip).join(', ') || 'nothing',
      words,
      again.structured.verdict,
    ];
  });
  const head = ['scenario', 'diagnosis', 'file', 'change', 'by', 'then', 'also gained', 'lost', 'words', 'asked again'];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}

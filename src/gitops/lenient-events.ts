/**
 * Parses YAML the way Kubernetes tooling does where js-yaml is stricter: inside brackets libyaml (and so every Go parser)
 * ignores indentation, while js-yaml refuses a line that stands no deeper than the key before the bracket, as in
 * `ports: [` … `]` with the closing bracket under the `p`. Used by `yaml.ts`.
 */
import { type Event, parseEvents, YAMLException } from 'js-yaml';

export interface Parsed {
  /** The text that was parsed: the original, or one with some lines pushed to the right. */
  readonly source: string;
  /** Offsets into `source`. */
  readonly events: Event[];
  /** The same events with offsets into the original text. */
  readonly original: readonly Event[];
}

const PAD = 100;
const MAX_PADDED_LINES = 100;
const OFFSETS = ['start', 'valueStart', 'valueEnd', 'anchorStart', 'anchorEnd', 'tagStart', 'tagEnd'] as const;

/** @throws YAMLException as js-yaml does. */
export function parseLeniently(text: string, maxDepth: number): Parsed {
  const padded: number[] = [];
  let source = text;
  for (;;) {
    try {
      const events = parseEvents(source, { maxDepth });
      return { source, events, original: padded.length === 0 ? events : events.map((event) => moved(event, padded)) };
    } catch (error) {
      const line = deficientLine(error);
      if (line === undefined || padded.includes(line) || padded.length >= MAX_PADDED_LINES) throw error;
      padded.push(line);
      source = source.slice(0, line) + ' '.repeat(PAD) + source.slice(line);
    }
  }
}

/** Where the line begins that js-yaml finds too far left. */
function deficientLine(error: unknown): number | undefined {
  if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation') return undefined;
  return error.mark === undefined ? undefined : error.mark.position - error.mark.column;
}

function moved(event: Event, padded: readonly number[]): Event {
  const copy: Record<string, unknown> = { ...event };
  for (const field of OFFSETS) {
    const at = copy[field];
    if (typeof at === 'number' && at >= 0) copy[field] = at - PAD * padded.filter((line) => line + PAD <= at).length;
  }
  return copy as unknown as Event;
}

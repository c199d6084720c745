/** The head of a capture, `capture.json`: when and where it was taken, and by which version. */
import { z } from 'zod';
import { text } from './common.ts';

export const FORMAT_VERSION = 1;

/** What the caller of `write` knows about the run. */
export interface CaptureMeta {
  readonly toolVersion: string;
  /** RFC 3339; a replay's clock stands at this time. */
  readonly capturedAt: string;
  readonly context: string;
  readonly server: string;
  /** What was asked, as the diagnosis echoes it. */
  readonly question?: unknown;
}

export const captureMeta: z.ZodType<CaptureMeta & { readonly formatVersion: number }> = z.looseObject({
  formatVersion: z.literal(FORMAT_VERSION),
  toolVersion: text,
  capturedAt: z.iso.datetime({ offset: true }),
  context: text,
  server: text,
  question: z.unknown().exactOptional(),
});

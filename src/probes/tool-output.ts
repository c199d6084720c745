/** What a tool of the image printed, by tool: the `raw` lines before an `end` record; the table behind `target-handlers.ts`. */
import type { TlsReport } from '../core/model/probe.ts';
import { CUT_OFF } from './connect-outcome.ts';
import { parseNslookup, type ToolAnswer } from './nslookup-output.ts';
import { parseOpenssl } from './openssl-output.ts';

export interface ToolOutput {
  readonly lines: readonly string[];
  readonly exit: number | undefined;
  readonly ms: number | undefined;
}

interface ToolReading {
  readonly lookup?: ToolAnswer;
  readonly tls?: TlsReport;
}

/** A tool that is not here has no say. */
const TOOLS: Readonly<Record<string, (output: ToolOutput) => ToolReading>> = {
  nslookup: ({ lines, exit }) => ({ lookup: parseNslookup(lines, exit !== undefined && CUT_OFF.has(exit)) }),
  openssl: ({ lines, exit, ms }) => ({ tls: parseOpenssl(lines, exit, ms) }),
};

export const isKnownTool = (tool: string): boolean => Object.hasOwn(TOOLS, tool);

export function readTool(tool: string, output: ToolOutput): ToolReading {
  return isKnownTool(tool) ? (TOOLS[tool]?.(output) ?? {}) : {};
}

/** What a tool of the image printed, by tool: the `raw` lines before an `end` record; the table behind `target-handlers.ts`. */
import type { TlsReport } from '../core/model/probe.ts';
import { CUT_OFF } from './connect-outcome.ts';
import { parseCurl } from './curl-output.ts';
import { parseDig } from './dig-output.ts';
import { parseHost } from './host-output.ts';
import { parseNslookup, type ToolAnswer } from './nslookup-output.ts';
import { parseOpenssl } from './openssl-output.ts';

export interface ToolOutput {
  readonly lines: readonly string[];
  readonly exit: number | undefined;
  readonly ms: number | undefined;
}

interface ToolReading {
  readonly lookups?: readonly ToolAnswer[];
  readonly tls?: TlsReport;
}

/** A tool that is not here has no say. */
const TOOLS: Readonly<Record<string, (output: ToolOutput) => ToolReading>> = {
  nslookup: ({ lines, exit }) => ({ lookups: [parseNslookup(lines, wasCutOff(exit))] }),
  dig: ({ lines, exit }) => ({ lookups: parseDig(lines, wasCutOff(exit)) }),
  host: (output) => ({ lookups: [parseHost(linesOfHost(output), wasCutOff(output.exit))] }),
  openssl: ({ lines, exit, ms }) => ({ tls: parseOpenssl(lines, exit, ms) }),
  curl: ({ lines, exit, ms }) => ({ tls: parseCurl(lines, exit, ms) }),
};

/** Silence counts as an empty answer: not that of a program that could not run. */
const linesOfHost = ({ lines, exit }: ToolOutput): readonly string[] =>
  exit === 0 || wasCutOff(exit) || lines.length > 0 ? lines : [`error: exit code ${exit ?? 'unknown'}`];

const wasCutOff = (exit: number | undefined): boolean => exit !== undefined && CUT_OFF.has(exit);

export const isKnownTool = (tool: string): boolean => Object.hasOwn(TOOLS, tool);

export function readTool(tool: string, output: ToolOutput): ToolReading {
  return isKnownTool(tool) ? (TOOLS[tool]?.(output) ?? {}) : {};
}

/** The rung's name from a program's `hello`: a fixed word, never the pod's own text; used by `collector.ts`. */
import { type ProbeRecord, valueOf } from './record.ts';

const TOOLS: ReadonlySet<string> = new Set(['getent', 'nslookup', 'scan', 'exec', 'plain', 'wget']);
const NC_MODES: ReadonlySet<string> = new Set(['scan', 'exec', 'plain']);

const INTERPRETERS: ReadonlySet<string> = new Set([
  'python3',
  'python2',
  'node',
  'deno',
  'bun',
  'perl',
  'ruby',
  'php',
  'java',
]);

/** `python3`, `bash+getent`, `busybox`, `sh+nslookup+nc`… */
export function rungName(record: ProbeRecord): string | undefined {
  const rung = valueOf(record, 'rung');
  if (rung !== undefined && (INTERPRETERS.has(rung) || rung === 'busybox')) return rung;
  if (rung !== 'bash' && rung !== 'sh') return undefined;
  const tools = [valueOf(record, 'lookup'), valueOf(record, 'connect')].flatMap((tool) => toolName(tool));
  return [rung, ...tools].join('+');
}

function toolName(tool: string | undefined): readonly string[] {
  if (tool === undefined || !TOOLS.has(tool)) return [];
  return [NC_MODES.has(tool) ? 'nc' : tool];
}

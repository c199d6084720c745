/** The rung's name from a program's `hello`: fixed words, never the pod's own text; used by `collector.ts`. */
import { type ProbeRecord, valueOf } from './record.ts';

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

/** What comes with each shell's own collection of tools, and is not named beside it. */
const OWN_TOOLS: Readonly<Record<string, readonly string[]>> = {
  bash: ['bash'],
  busybox: ['nslookup', 'nc'],
  toybox: ['host', 'nc'],
  sh: [],
};

const TOOLS: ReadonlySet<string> = new Set(['getent', 'dig', 'host', 'nslookup', 'nc', 'curl', 'openssl']);

/** `python3`, `bash+getent+openssl`, `busybox`, `sh+nslookup+nc`…: the shell, then what looks up, connects and shakes hands. */
export function rungName(record: ProbeRecord): string | undefined {
  const rung = valueOf(record, 'rung') ?? '';
  if (INTERPRETERS.has(rung)) return rung;
  if (!Object.hasOwn(OWN_TOOLS, rung)) return undefined;
  const own = OWN_TOOLS[rung] ?? [];
  const tools = ['lookup', 'connect', 'tls'].flatMap((key) => valueOf(record, key) ?? []);
  return [rung, ...new Set(tools.filter((tool) => TOOLS.has(tool) && !own.includes(tool)))].join('+');
}

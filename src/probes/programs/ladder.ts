/**
 * Finds out what the container has and starts the best program there, in one exec; sent by `probes/exec-runner.ts`.
 *
 * A shell gets this file's ladder on its standard input, says which rung it needs (a `need` record), and gets that rung's program
 * after it: an exec's arguments travel in a URL, which proxies in front of an API server cut at 8 KiB and which its audit log keeps.
 * The values (nonce, time-outs, targets) are arguments, so that the audit log does show what was probed. All text here is constant.
 */
import { BASH } from './bash.ts';
import { SHELL } from './busybox.ts';
import { JAVA } from './java.ts';
import { BUN, DENO, NODE } from './node.ts';
import { PERL } from './perl.ts';
import { PHP } from './php.ts';
import { PYTHON2 } from './python2.ts';
import { PYTHON3 } from './python3.ts';
import { RUBY } from './ruby.ts';
import { asInput, type Rung, SHELL_LOADER } from './rung.ts';

/** The most telling first. */
export const RUNGS: readonly Rung[] = [PYTHON3, NODE, DENO, BUN, PERL, RUBY, PHP, PYTHON2, BASH, JAVA, SHELL];

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** `$1` is the nonce of this run. */
function step({ name, detect, start }: Rung): string {
  const run = start === undefined ? SHELL_LOADER : `exec ${start.map(quoted).join(' ')} "$@"`;
  return `if { ${detect}; } >/dev/null 2>&1 </dev/null; then
  printf '%s\\tneed\\t-\\trung=%s\\n' "$1" ${name}
  ${run}
  exit
fi
`;
}

/** Runs under any `sh`. */
export const LADDER: string = RUNGS.map(step).join('');

export interface Start {
  readonly argv: readonly string[];
  /** What its standard input begins with; it stays open. */
  readonly input: string;
}

/** In the order they are tried; the values follow as further arguments. */
export const STARTS: readonly Start[] = [
  { argv: ['sh', '-c', SHELL_LOADER, 'k8s-egress-probe'], input: asInput(LADDER) },
  // Images without a shell may still carry an interpreter (distroless ones).
  ...RUNGS.flatMap(({ direct = [], program }) => direct.map((argv) => ({ argv, input: asInput(program) }))),
];

/** The answer to a `need` record; nothing for a name that is none of ours. */
export function inputFor(rung: string): string | undefined {
  const found = RUNGS.find(({ name }) => name === rung);
  return found === undefined ? undefined : asInput(found.program);
}

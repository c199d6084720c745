/**
 * The one command of a probe: finds out what the container has and starts the best program there, in the same exec.
 *
 * The programs come in on standard input, each between its markers, not as arguments: an exec's arguments travel in a URL, which
 * proxies in front of an API server cut at 8 KiB and which its audit log keeps. The values (nonce, time-outs, targets) are
 * arguments, so that the audit log does show what was probed. All text here is constant.
 */
import { BASH_PROGRAM } from './bash.ts';
import { SHELL_PROGRAM } from './busybox.ts';
import { PYTHON3_FLAGS, PYTHON3_LOADER, PYTHON3_NEEDS, PYTHON3_PROGRAM } from './python3.ts';

const PYTHON3 = `python3 ${PYTHON3_FLAGS.join(' ')} -c`;

/** Runs under any `sh`; values are its positional parameters. */
const LADDER = `section() {
  on=
  program=
  while IFS= read -r line; do
    case $line in
      "#begin $1") on=1 ;;
      "#end $1") return 0 ;;
      *) [ -z "$on" ] || program="$program$line
" ;;
    esac
  done
  return 1
}
if command -v python3 >/dev/null 2>&1 && ${PYTHON3} '${PYTHON3_NEEDS}' >/dev/null 2>&1 </dev/null; then
  exec ${PYTHON3} '${PYTHON3_LOADER}' "$@"
fi
if command -v bash >/dev/null 2>&1 && bash -c 'exec 3<>/dev/udp/127.0.0.1/9' >/dev/null 2>&1 </dev/null; then
  section bash && exec bash -c "$program" k8s-egress-probe "$@"
fi
section sh && eval "$program"
`;

const section = (name: string, program: string): string => `#begin ${name}\n${program}#end ${name}\n`;

/** What goes to standard input, whichever rung reads it. */
export const PROGRAMS: string =
  section('python3', PYTHON3_PROGRAM) + section('bash', BASH_PROGRAM) + section('sh', SHELL_PROGRAM);

/** Start commands in the order they are tried; the values follow as further arguments. */
export const STARTS: readonly { readonly needs: string; readonly argv: readonly string[] }[] = [
  { needs: 'sh', argv: ['sh', '-c', LADDER, 'k8s-egress-probe'] },
  // Images without a shell may still carry the interpreter (distroless python).
  { needs: 'python3', argv: ['python3', ...PYTHON3_FLAGS, '-c', PYTHON3_LOADER] },
];

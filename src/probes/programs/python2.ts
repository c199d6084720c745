/**
 * Containers that have python 2 (2.6 or 2.7) and no newer one run the same text as `python3.ts`; TLS only from 2.7.9, or where a
 * distribution carried that back: before it ssl sends no server name.
 */
import { PYTHON3 } from './python3.ts';
import { END_OF_PROGRAM, type Rung } from './rung.ts';

/** There is no `-I` yet: no PYTHON* variables, no user's packages, no site, no .pyc files. */
const FLAGS: readonly string[] = ['-E', '-s', '-S', '-B'];

/** Nothing is imported from the working folder. */
const APART = 'import sys; sys.path[0:1] = []';

const LOADER = `${APART}
text = []
for line in iter(sys.stdin.readline, ""):
    if line == "${END_OF_PROGRAM}\\n":
        break
    text.append(line)
exec(compile("".join(text), "k8s-egress-probe", "exec"))
`;

const started = (name: string): readonly string[] => [name, ...FLAGS, '-c', LOADER];

export const PYTHON2: Rung = {
  name: 'python2',
  detect: `python2 ${FLAGS.join(' ')} -c '${APART}; import errno, os, select, socket, struct, threading, time'`,
  start: started('python2'),
  direct: [started('python2')],
  program: PYTHON3.program,
};

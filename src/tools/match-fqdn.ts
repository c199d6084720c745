/** Does this name match these FQDN selectors, and if not, why; wraps `diagnose/match-fqdn.ts`. */
import * as z from 'zod';
import { DiagnoseError } from '../core/errors.ts';
import { DIALECTS } from '../core/model/dialect.ts';
import { matchNames, matchNamesOfPod } from '../diagnose/match-fqdn.ts';
import { parseWorkload } from '../diagnose/workload-ref.ts';
import { renderFqdn } from '../render/fqdn.ts';
import { answerOutput, list, podInput } from './schema.ts';
import { defineTool, READS } from './tool.ts';

const input = z.strictObject({
  names: z.array(z.string().max(255)).min(1).max(50),
  patterns: z.array(z.string().max(255)).min(1).max(200).optional(),
  dialect: z.enum(DIALECTS).optional(),
  ciliumVersion: z.string().max(40).optional(),
  namespace: podInput.namespace.optional(),
  workload: podInput.workload.optional(),
  context: podInput.context,
});

export const matchFqdnTool = defineTool({
  name: 'matchFqdn',
  title: 'Match FQDN selectors',
  description:
    'Which FQDN patterns a name matches, and why not the others. Give patterns (and dialect), or namespace and workload to read policies.',
  hints: READS,
  input,
  output: z.looseObject({ ...answerOutput, names: list }),
  untrusted: [],
  async answer({ names, patterns, dialect, ciliumVersion, namespace, workload, context }, { openDeps, run }) {
    // Not the clock of a cluster: this answer needs none, and what was compared was given just now.
    const when = new Date().toISOString();
    if (patterns !== undefined) return matchNames({ names, patterns, dialect, version: ciliumVersion }, when);
    if (dialect !== undefined) throw dialectOfNothing();
    if (namespace === undefined || workload === undefined) throw nothingToMatch();
    const pod = parseWorkload(namespace, workload);
    return matchNamesOfPod(await openDeps(context), { workload: pod, names }, run);
  },
  text: renderFqdn,
});

function nothingToMatch(): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'PATTERNS_MISSING',
    'There is nothing to match the names with.',
    'Give patterns, or both namespace and workload to read the selectors of its policies.',
  );
}

function dialectOfNothing(): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'DIALECT_WITHOUT_PATTERNS',
    'dialect says how the given patterns are read, and there are none.',
    'Give patterns, or leave dialect out: the selectors of policies are read in the dialect of their kind.',
  );
}

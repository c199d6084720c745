/** Every tool, cause class and state that the skill names exists in the code: a renamed tool must not leave the skill behind. */
import { describe, expect, it } from 'vitest';
import { CAUSE_CLASSES, type Diagnosis, type Fix } from '../../../src/core/model/diagnosis.ts';
import type { Evaluation, StageVerdict } from '../../../src/core/model/evaluation.ts';
import type { Finding } from '../../../src/core/model/evidence.ts';
import type { ProbeReport, TlsReport } from '../../../src/core/model/probe.ts';
import { TOOLS } from '../../../src/tools/registry.ts';
import { codeWords, skillFiles, skillParts } from './skill-files.ts';

type AnswerField =
  | keyof Diagnosis
  | keyof Fix
  | keyof Finding
  | keyof Evaluation
  | keyof StageVerdict
  | keyof ProbeReport
  | keyof TlsReport;

/** Fields of our answers: the compiler holds them to the model. */
const ANSWER_FIELDS = [
  'alsoAllows',
  'clockSkewSeconds',
  'decidedBy',
  'inGit',
  'isolatedBy',
  'nearMisses',
  'nextSteps',
  'notChecked',
  'pullRequest',
  'receivedBytes',
  'smallSegments',
] as const;
ANSWER_FIELDS satisfies readonly AnswerField[];

/** camelCase words that are fields of Kubernetes objects or of our answers, not tools. */
const FIELDS = new Set<string>([
  ...ANSWER_FIELDS,
  'egressDeny',
  'endpointSelector',
  'ignoreDifferences',
  'managedFields',
  'matchName',
  'nameError',
  'podSelector',
  'policyTypes',
  'resourceVersion',
  'serverNames',
  'toEndpoints',
  'toEntities',
]);

/** Upper-case words with an underscore that are errors, environment variables or engine words, not cause classes. */
const OTHERS = new Set(['EAI_AGAIN', 'CERTIFICATE_VERIFY_FAILED', 'HTTPS_PROXY']);

const STATES = new Set(['confirmed', 'ruled_out', 'not_checked']);

const toolNames = new Set(TOOLS.map(({ name }) => name));
const classes = new Set<string>(CAUSE_CLASSES);

describe('the skill names', () => {
  it.each(TOOLS.map(({ name }) => name))('the tool %s', (name) => {
    expect(skillParts().body).toContain(`\`${name}\``);
  });

  it.each(skillFiles())('$path: no tool that does not exist', ({ text }) => {
    const unknown = codeWords(text, /^[a-z]+([A-Z][a-z]+)+$/).filter(
      (word) => !toolNames.has(word) && !FIELDS.has(word),
    );
    expect(unknown).toEqual([]);
  });

  it.each(skillFiles())('$path: no cause class that does not exist', ({ text }) => {
    const unknown = codeWords(text, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/).filter(
      (word) => !classes.has(word) && !OTHERS.has(word),
    );
    expect(unknown).toEqual([]);
  });

  it('every state, and no other', () => {
    const table = skillParts().body.split('## 4.')[1]?.split('## 5.')[0] ?? '';
    const rows = [...table.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, state]) => state);
    expect(new Set(rows)).toEqual(STATES);
  });

  it('cause classes at all, so that the check above looks at something', () => {
    const named = new Set(
      skillFiles()
        .flatMap(({ text }) => codeWords(text, /^[A-Z]/))
        .filter((word) => classes.has(word)),
    );
    expect(named.size).toBeGreaterThan(25);
  });
});

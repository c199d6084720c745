import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-code.ts';
import type { Io } from '../../../src/cli/io.ts';
import { PLAIN } from '../../../src/cli/plain-style.ts';
import { createProgress } from '../../../src/cli/progress.ts';

const failed = (kind: 'usage' | 'cluster' | 'bug') => ({
  structured: { verdict: 'undetermined' },
  text: '',
  error: { kind, code: 'X', message: 'x', nextStep: 'y' },
});

describe('exit code', () => {
  it.each([
    [{ structured: { verdict: 'reachable' }, text: '' }, 0],
    [{ structured: { verdict: 'blocked', cause: {} }, text: '' }, 1],
    [{ structured: { verdict: 'undetermined' }, text: '' }, 2],
    [{ structured: { verdict: 'undetermined', cause: { class: 'FQDN_NO_DNS_L7' } }, text: '' }, 2],
    [{ structured: { findings: [] }, text: '' }, 0],
    [failed('usage'), 64],
    [failed('cluster'), 2],
    [failed('bug'), 70],
  ])('%j → %i', (outcome, code) => {
    expect(exitCodeOf(outcome)).toBe(code);
  });
});

describe('progress', () => {
  const written = (errIsTerminal: boolean): string => {
    let text = '';
    const io: Io = { out: async () => {}, err: (part) => (text += part), errIsTerminal };
    const progress = createProgress(io);
    progress.step('one');
    progress.step('two');
    progress.done();
    return text;
  };

  it('is a line a step in a pipe', () => {
    expect(written(false)).toBe('· one\n· two\n');
  });

  it('is one line rewritten on a terminal, gone at the end', () => {
    expect(written(true)).toBe('\r\u001b[2K… one\r\u001b[2K… two\r\u001b[2K');
  });
});

it('a terminal shows text of others behind a bar, cleaned', () => {
  expect(PLAIN.untrusted('one\n\u001b[31mtwo')).toBe('│ one\n│ two');
});

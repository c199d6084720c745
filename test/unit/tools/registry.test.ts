import { describe, expect, it } from 'vitest';
import { jsonSchemaOf } from '../../../src/tools/json-schema.ts';
import { TOOLS } from '../../../src/tools/registry.ts';

const NAMES = [
  'diagnoseEgress',
  'execProbe',
  'listEgressPolicies',
  'matchFqdn',
  'diffGitPolicies',
  'grepPodLogs',
  'proposePolicyFix',
  'observeFlows',
];

describe('tool registry', () => {
  it('has exactly the tools users were promised, in a fixed order', () => {
    expect(TOOLS.map(({ name }) => name)).toEqual(NAMES);
  });

  it.each(TOOLS)('$name: all four hints are explicit and nothing is destructive', ({ hints }) => {
    expect(Object.keys(hints).sort()).toEqual(['destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint']);
    expect(Object.values(hints).every((hint) => typeof hint === 'boolean')).toBe(true);
    expect(hints.destructiveHint).toBe(false);
  });

  it('says read-only of every tool but the two that run a program in the pod', () => {
    const probing = TOOLS.filter(({ hints }) => !hints.readOnlyHint).map(({ name }) => name);
    expect(probing).toEqual(['diagnoseEgress', 'execProbe']);
  });

  it.each(TOOLS)('$name: title and description are there and short', ({ title, description }) => {
    expect(title.length).toBeGreaterThan(3);
    expect(title.length).toBeLessThanOrEqual(40);
    expect(description.length).toBeGreaterThan(40);
    expect(description.length).toBeLessThanOrEqual(240);
  });

  it.each(TOOLS)('$name: refuses fields it does not know', ({ input }) => {
    const { error } = input.safeParse({ nonsense: 1 });
    expect(error?.issues.map(({ code }) => code)).toContain('unrecognized_keys');
  });

  it.each(TOOLS)('$name: schemas are objects with properties, as every client wants them', ({ input, output }) => {
    for (const schema of [jsonSchemaOf(input, 'input'), jsonSchemaOf(output, 'output')]) {
      expect(schema.type).toBe('object');
      expect(Object.keys(schema['properties'] as object).length).toBeGreaterThan(1);
    }
  });

  it.each(TOOLS)('$name: what a failed call answers obeys the output schema', ({ output, failed }) => {
    const answer = { ...failed('do this'), findings: [], error: { code: 'X', message: 'x', nextStep: 'do this' } };
    expect(output.safeParse(answer).success).toBe(true);
  });
});

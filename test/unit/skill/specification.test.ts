/** SKILL.md against the Agent Skills specification (agentskills.io): the limits that its validators enforce, and our own. */
import { describe, expect, it } from 'vitest';
import { SKILL_NAME, skillEntries, skillFiles, skillParts } from './skill-files.ts';

const KEYS = new Set(['name', 'description', 'license', 'compatibility', 'metadata', 'allowed-tools']);

const { frontmatter, body } = skillParts();
function textOf(key: string): string {
  const value = frontmatter[key];
  if (typeof value !== 'string') throw new TypeError(`${key} is not a string`);
  return value;
}

describe('frontmatter', () => {
  it('has only keys of the specification', () => {
    expect(Object.keys(frontmatter).filter((key) => !KEYS.has(key))).toEqual([]);
  });

  it('is named like its folder, in the allowed characters', () => {
    expect(textOf('name')).toBe(SKILL_NAME);
    expect(textOf('name')).toMatch(/^(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it('describes when to use it within 1,024 characters and without angle brackets', () => {
    const description = textOf('description');
    expect(description.length).toBeGreaterThan(200);
    expect(description.length).toBeLessThanOrEqual(1024);
    expect(description).not.toMatch(/[<>]/);
    expect(description).toContain('Use this skill when');
    expect(description).toContain('Not for');
  });

  it.each([
    'i/o timeout',
    'Temporary failure in name resolution',
    'ETIMEDOUT',
    'Max retries exceeded',
    'presigned URL',
    'not from the pod',
    'image pulls',
    'SDK upgrade',
  ])('is triggered by the words people type: %s', (symptom) => {
    expect(textOf('description')).toContain(symptom);
  });

  it('keeps compatibility within 500 characters', () => {
    expect(textOf('compatibility').length).toBeLessThanOrEqual(500);
  });
});

describe('body', () => {
  it('has fewer than 300 lines and stays below 5,000 tokens at four characters each', () => {
    expect(body.split('\n').length).toBeLessThan(300);
    expect(body.length).toBeLessThan(20_000);
  });

  it('names every reference, says to read it, and names none that is missing', () => {
    const named = new Set([...body.matchAll(/`(references\/[^`]+)`/g)].map(([, path]) => path));
    const present = skillEntries().filter((path) => path !== 'SKILL.md');
    expect(named).toEqual(new Set(present));
  });

  it('keeps references one level deep', () => {
    expect(skillEntries().filter((path) => path.split('/').length > 2)).toEqual([]);
  });
});

describe('references', () => {
  const references = skillFiles().filter(({ path }) => path !== 'SKILL.md');

  it.each(references)('$path says at its top when to read it', ({ text }) => {
    expect(text.split('\n').slice(0, 6).join('\n')).toMatch(/^Read this (when|before)/m);
  });

  it.each(references)('$path mentions only files that exist', ({ text }) => {
    const known = new Set(skillEntries().map((path) => path.replace('references/', '')));
    const mentioned = [...text.matchAll(/`([a-z0-9-]+\.md)`/g)].map(([, name = '']) => name);
    expect(mentioned.filter((name) => !known.has(name))).toEqual([]);
  });
});

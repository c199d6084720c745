/** The skill's files as text, and the parts of them that the tests beside this file check. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const SKILL_DIR = join(ROOT, 'skills', 'k8s-egress-diagnose');
export const SKILL_NAME = basename(SKILL_DIR);

export interface SkillFile {
  /** Relative to the skill's folder. */
  readonly path: string;
  readonly text: string;
}

export const readText = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

export const skillEntries = (): readonly string[] =>
  readdirSync(SKILL_DIR, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(SKILL_DIR.length + 1));

export const skillFiles = (): readonly SkillFile[] =>
  skillEntries().map((path) => ({ path, text: readFileSync(join(SKILL_DIR, path), 'utf8') }));

export function skillParts(): { readonly frontmatter: Record<string, unknown>; readonly body: string } {
  const [, yaml = '', ...rest] = readFileSync(join(SKILL_DIR, 'SKILL.md'), 'utf8').split(/^---\n/m);
  return { frontmatter: load(yaml) as Record<string, unknown>, body: rest.join('---\n') };
}

/** Fenced blocks of one language, without the indentation of a list they may stand in. */
export function blocks(text: string, language: string): readonly string[] {
  const pattern = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\``, 'gm');
  return [...text.matchAll(pattern)].map(([, indent = '', code = '']) =>
    code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** Words written as code that look like names of our own: fenced blocks are not prose and are left out. */
export function codeWords(text: string, shape: RegExp): readonly string[] {
  const prose = text.replaceAll(/^( *)```[\s\S]*?^\1```/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word).filter((word) => shape.test(word));
}

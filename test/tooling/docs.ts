/**
 * `npm run docs`: writes what README repeats from elsewhere (the tool table from the registry, the demo's output from its
 * replay) between its markers, and checks that the skill names the tools that exist. `--check` only compares.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOOLS } from '../../src/tools/registry.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const README = join(root, 'README.md');
const SKILL = join(root, 'skills/k8s-egress-diagnose/SKILL.md');
const check = process.argv.includes('--check');
const problems: string[] = [];

function toolTable(): string {
  const rows = TOOLS.map(({ name, description, hints }) => {
    const kind = hints.readOnlyHint ? 'reads' : 'reads, probes from the pod';
    return `| \`${name}\` | ${description.replaceAll('|', '\\|')} | ${kind} |`;
  });
  return ['| tool | answers | does |', '|---|---|---|', ...rows].join('\n');
}

/** Undefined where there is no capture (then the text between the markers stays) or no build to replay it with. */
function demoOutput(): string | undefined {
  if (!existsSync(join(root, 'test/demo/capture/question.json')) || !existsSync(join(root, 'dist/main.js')))
    return undefined;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'test/demo/run.ts')], {
    encoding: 'utf8',
  });
  if (status !== 0) problems.push(`the demo failed: ${stderr}`);
  return status === 0 ? `\`\`\`\n${stdout.trimEnd()}\n\`\`\`` : undefined;
}

function between(text: string, name: string, content: string | undefined): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) {
    problems.push(`README.md has no ${begin} … ${end}`);
    return text;
  }
  return content === undefined ? text : `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}

function generateReadme(): void {
  const before = readFileSync(README, 'utf8');
  const after = between(between(before, 'tools', toolTable()), 'demo-output', demoOutput());
  if (after === before) return;
  if (check) problems.push('README.md is not what `npm run docs` writes');
  else writeFileSync(README, after);
}

function checkSkill(): void {
  const text = readFileSync(SKILL, 'utf8');
  const missing = TOOLS.filter(({ name }) => !text.includes(`\`${name}\``)).map(({ name }) => name);
  if (missing.length > 0) problems.push(`SKILL.md does not name ${missing.join(', ')}`);
  // The first column of its tool table: nothing there may name a tool that is not.
  const named = [...text.matchAll(/^\| `([a-z]+[A-Z]\w*)` \|/gm)].map(([, name]) => name ?? '');
  const unknown = named.filter((name) => !TOOLS.some((tool) => tool.name === name));
  if (unknown.length > 0) problems.push(`SKILL.md names tools that do not exist: ${unknown.join(', ')}`);
}

if (existsSync(README)) generateReadme();
if (existsSync(SKILL)) checkSkill();
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

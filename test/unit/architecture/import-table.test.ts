import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TABLE, violationsOf } from './import-table.ts';
import { importsOf } from './imports.ts';

const SRC = fileURLToPath(new URL('../../../src', import.meta.url));
const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

const sourceOf = (file: string): string => readFileSync(file, 'utf8');
const pathOf = (file: string): string => relative(SRC, file).replaceAll('\\', '/');

describe('architecture', () => {
  it('looks at the files that are there', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((file) => importsOf(sourceOf(file))).length).toBeGreaterThan(100);
    expect(files.map(pathOf)).toContain('main.ts');
  });

  it('keeps to the import table', () => {
    expect(files.flatMap((file) => violationsOf(pathOf(file), sourceOf(file)))).toEqual([]);
  });

  it('has no room in the table that does not exist', () => {
    const paths = files.map(pathOf);
    const empty = Object.keys(TABLE).filter(
      (room) => !paths.some((path) => path === room || path.startsWith(`${room}/`)),
    );
    expect(empty).toEqual([]);
  });

  it('begins every file with one sentence on its place in the walk', () => {
    const without = files.filter((file) => !/^(#!.*\n)?\/\*\*/.test(sourceOf(file))).map(pathOf);
    expect(without).toEqual([]);
  });
});

/** Proof that the test above can fail. */
describe('the table catches', () => {
  it.each([
    ['core/policy/x.ts', "import { readFileSync } from 'node:fs';"],
    ['core/policy/x.ts', "import * as z from 'zod';"],
    ['core/policy/x.ts', "import type { Clock } from '../../ports/clock.ts';"],
    ['ports/x.ts', "import { DiagnoseError } from '../core/errors.ts';"],
    ['diagnose/x.ts', "import { createProbeRunner } from '../probes/exec-runner.ts';"],
    ['diagnose/x.ts', "import { Clock } from '../ports/clock.ts';"],
    ['probes/x.ts', "import { createLogSource } from '../logs/log-source.ts';"],
    ['logs/x.ts', "const client = await import('@kubernetes/client-node');"],
    ['logs/x.ts', 'const client = await import(`@kubernetes/client-node`);'],
    ['tools/x.ts', "import { Server } from '@modelcontextprotocol/sdk/server/index.js';"],
    ['tools/x.ts', "export { openKube } from '../kube/open.ts';"],
    ['tools/x.ts', "export * from '../kube/open.ts';"],
    ['tools/x.ts', "import '../kube/open.ts';"],
    ['tools/x.ts', "import {\n  openKube,\n  type KubeConnection,\n} from '../kube/open.ts';"],
    ['cli/x.ts', "import { compose } from '../compose.ts';"],
    ['server/x.ts', "import { compose } from '../compose.ts';"],
    ['cluster/decode/x.ts', "import yaml from 'js-yaml';"],
    ['render/x.ts', "import { randomUUID } from 'node:crypto';"],
    ['helpers/x.ts', ''],
    ['stray.ts', ''],
  ])('%s with %s', (path, source) => {
    expect(violationsOf(path, source)).toHaveLength(1);
  });

  it.each([
    ['diagnose/x.ts', "import type { Clock } from '../ports/clock.ts';"],
    ['core/policy/x.ts', "// import fs from 'node:fs'\n/* import 'zod' */\nconst text = `import 'zod'`;"],
    ['core/policy/x.ts', 'const words = "see import \'zod\'";'],
    ['kube/x.ts', "const client = await import('@kubernetes/client-node');"],
    ['server/x.ts', "import { Server } from '@modelcontextprotocol/sdk/server/index.js';"],
  ])('but not %s with %s', (path, source) => {
    expect(violationsOf(path, source)).toEqual([]);
  });

  it('names file, line and import', () => {
    const source =
      "/** x */\nimport type { Pod } from '../core/model/workload.ts';\nimport { x } from '../flows/x.ts';\n";
    expect(violationsOf('diagnose/x.ts', source)).toEqual(['diagnose/x.ts:3: diagnose must not import ../flows/x.ts']);
  });
});

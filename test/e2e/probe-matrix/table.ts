/** The matrix as text: for the terminal in short, for the report in words. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from './endpoints.ts';
import type { Image } from './images.ts';
import type { Cell, Verdict } from './judge.ts';

/** Nothing: no program could run. */
export type Matrix = ReadonlyMap<Image, ReadonlyMap<Endpoint, Cell | undefined>>;

const SIGNS: Readonly<Record<Verdict, string>> = { right: 'ok', untold: '?', wrong: 'WRONG' };

const sign = (cell: Cell | undefined): string =>
  cell === undefined ? '-' : `${SIGNS[cell.verdict]}${cell.verdict === 'right' && cell.untold.length > 0 ? '*' : ''}`;

export function shortTable(matrix: Matrix, endpoints: readonly Endpoint[]): string {
  const columns = [...matrix.keys()];
  const width = Math.max(...endpoints.map(({ title }) => title.length));
  const head = ['', ...columns.map(({ name }) => name)];
  const rows = endpoints.map((endpoint) => [
    endpoint.title,
    ...columns.map((image) => sign(matrix.get(image)?.get(endpoint))),
  ]);
  const widths = columns.map(({ name }) => Math.max(name.length, 5));
  const lines = [head, ...rows].map(([first = '', ...cells]) =>
    [first.padEnd(width), ...cells.map((cell, at) => cell.padEnd(widths[at] ?? 5))].join('  ').trimEnd(),
  );
  return `${lines.join('\n')}\nok: right; *: a part cannot be told, and the report says so; ?: the whole of it; -: nothing can run there\n`;
}

export function writeReport(matrix: Matrix, endpoints: readonly Endpoint[], took: ReadonlyMap<Image, number>): void {
  const columns = [...matrix.keys()];
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = [
    row(['endpoint', ...columns.map(({ name }) => name)]),
    row(['---', ...columns.map(() => '---')]),
    ...endpoints.map((endpoint) => {
      const cells = columns.map((image) => {
        const cell = matrix.get(image)?.get(endpoint);
        const untold = cell === undefined || cell.untold.length === 0 ? '' : ` (not told: ${cell.untold.join(', ')})`;
        return cell === undefined ? '-' : `${SIGNS[cell.verdict]}: ${cell.seen}${untold}`;
      });
      return row([endpoint.title, ...cells]);
    }),
    row(['seconds', ...columns.map((image) => ((took.get(image) ?? 0) / 1000).toFixed(1))]),
  ];
  mkdirSync('.reports', { recursive: true });
  writeFileSync(join('.reports', 'probe-matrix.md'), `${lines.join('\n')}\n`);
}

/** A line for each wrong fact. */
export function wrongCells(matrix: Matrix): readonly string[] {
  return [...matrix].flatMap(([image, cells]) =>
    [...cells].flatMap(([endpoint, cell]) =>
      (cell?.wrong ?? []).map(
        ({ name, expected, seen }) =>
          `${image.name} × ${endpoint.title}: ${name} is ${expected}, the report says ${seen}`,
      ),
    ),
  );
}

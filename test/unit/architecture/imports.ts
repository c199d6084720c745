/** Reads the imports of a TypeScript file: static, re-exporting, `import()` and `import type`. */

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `import type` and `export type`: erased, so it costs and binds nothing at run time. */
  readonly typeOnly: boolean;
}

const STATEMENT = /(?:^|[;}\n])\s*(?:import|export)\s+(type\s+)?(?:[\w$*{}\s,]*?\s*from\s*)?(['"])([^'"\n]+)\2/g;
const DYNAMIC = /\bimport\s*\(\s*(['"`])([^'"`\n]+)\1/g;
/** `typeof import('x')` and `import('x').Type` in type positions are counted as dynamic ones: the stricter reading. */

export function importsOf(source: string): Import[] {
  const code = withoutCommentsAndTemplates(source);
  const found: Import[] = [];
  for (const match of code.matchAll(STATEMENT)) {
    found.push({ specifier: match[3] ?? '', line: lineAt(code, match.index), typeOnly: match[1] !== undefined });
  }
  for (const match of code.matchAll(DYNAMIC)) {
    found.push({ specifier: match[2] ?? '', line: lineAt(code, match.index), typeOnly: false });
  }
  return found;
}

/** Blanks comments, and template literals except a plain one right after `import(`; keeps line breaks and quoted strings. */
function withoutCommentsAndTemplates(source: string): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|import\s*\(\s*`[^`$]*`|`(?:\\.|[^`\\])*`/g;
  return source.replace(token, (text) => (/^(\/[/*]|`)/.test(text) ? text.replace(/[^\n]/g, ' ') : text));
}

function lineAt(code: string, index: number): number {
  const start = index + (/^[;}\s]*/.exec(code.slice(index))?.[0].length ?? 0);
  return code.slice(0, start).split('\n').length;
}

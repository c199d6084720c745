/** Patterns of names in `hand-offs.ts`: `*` is any part of one label, `{x}` too, and the same wherever `{x}` stands again. */

export type HostPattern = string;

export type Bound = Readonly<Record<string, string>>;

const PART = /\*|\{([a-z]+)\}/g;

/** What each `{x}` stands for, if the name fits. */
export function matchHost(pattern: HostPattern, host: string): Bound | undefined {
  const found = expressionOf(pattern).exec(host);
  return found === null ? undefined : { ...found.groups };
}

/** The pattern with what is known put in; the rest is `*`. */
export function fill(pattern: HostPattern, bound: Bound): string {
  return pattern.replace(PART, (_, name: string | undefined) => (name === undefined ? '*' : (bound[name] ?? '*')));
}

function expressionOf(pattern: HostPattern): RegExp {
  const seen = new Set<string>();
  const source = pattern.replaceAll('.', '\\.').replace(PART, (_, name: string | undefined) => {
    if (name === undefined) return '[^.]+';
    if (seen.has(name)) return `\\k<${name}>`;
    seen.add(name);
    return `(?<${name}>[^.]+)`;
  });
  return new RegExp(`^${source}$`);
}

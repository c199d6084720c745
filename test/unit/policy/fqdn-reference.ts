/** The dialects written as regular expressions, the way their sources write them: what the hand-written matchers are compared with. */
import type { Dialect } from '../../../src/core/model/dialect.ts';

const CHARS = '[-a-z0-9_]';
const SPAN = `${CHARS}+(?:[.]${CHARS}+)*`;

/** A name in the form that the expressions are written for: lower case, without the final dot. */
export function referenceName(name: string): string {
  const lower = name.replace(/[A-Z\u212a]/g, (letter) => letter.toLowerCase()).replaceAll('\u0130', 'i');
  return lower.replace(/\.$/, '');
}

/** Of a sound pattern. */
export function referencePattern(pattern: string, dialect: Dialect, minor: number): RegExp {
  const text = referenceName(pattern);
  switch (dialect) {
    case 'cilium':
      return cilium(pattern, text, minor);
    case 'gke':
      return pattern === '*' ? EVERY : anchored(text, /\*/g, `${CHARS}*`);
    case 'ovn':
      return anchored(text, /\*/g, `${CHARS}*`);
    case 'kcnp':
    case 'gateway':
      return anchored(text, /^\*/, SPAN);
    case 'calico':
      return anchored(text, /\*/, SPAN);
    case 'antrea':
    case 'istio':
      return anchored(text, /\*/g, String.raw`[\s\S]*`);
  }
}

const EVERY = new RegExp(`^(?:${SPAN})?$`);

function cilium(pattern: string, text: string, minor: number): RegExp {
  if ((minor >= 19 ? /^\*+\.?$/ : /^\*$/).test(pattern)) return EVERY;
  if (minor < 19) return anchored(text, /\*/g, `${CHARS}*`);
  const spanning = /^\*{2,}\.(.*)$/.exec(text)?.[1];
  if (spanning === undefined) return anchored(text, /\*+/g, `${CHARS}*`);
  return new RegExp(`^${SPAN}[.]${body(spanning, /\*+/g, `${CHARS}*`)}$`);
}

function anchored(text: string, star: RegExp, meaning: string): RegExp {
  return new RegExp(`^${body(text, star, meaning)}$`);
}

function body(text: string, star: RegExp, meaning: string): string {
  return text.replaceAll('.', '[.]').replace(star, () => meaning);
}

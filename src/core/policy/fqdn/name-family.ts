/** Whether two names belong to one organisation's domain, as far as the names themselves tell; for near misses and remedies. */
import type { FqdnSelector } from '../../model/policy.ts';
import { commonSuffixLength, labelsOf, normaliseName } from '../../net/dns-name.ts';

// No public-suffix list: under a country code these second labels are registries' own (co.uk, com.au).
const REGISTRY_LABELS = new Set(['ac', 'co', 'com', 'edu', 'gov', 'gob', 'ltd', 'net', 'or', 'org', 'ne', 'go']);

/** The shared parent domain (`vendor.example`), or undefined when they only share a public suffix. */
export function sharedParent(one: string, other: string): string | undefined {
  const length = commonSuffixLength(one, other);
  const labels = labelsOf(one);
  const [top = '', second = ''] = labels.toReversed();
  const needed = top.length === 2 && REGISTRY_LABELS.has(second) ? 3 : 2;
  return length >= needed ? labels.slice(labels.length - length).join('.') : undefined;
}

/** The name a selector is about, wildcard labels removed: `*.vendor.example` → `vendor.example`. */
export function selectorDomain(selector: FqdnSelector): string {
  const labels = labelsOf(normaliseName(selector.matchName ?? selector.matchPattern ?? ''));
  const wild = labels.findLastIndex((label) => label.includes('*'));
  return labels.slice(wild + 1).join('.');
}

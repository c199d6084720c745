/**
 * A manifest's spec as one canonical JSON, so that what Git writes and what the API server stores compare equal when they
 * mean the same; used by `compare-policies.ts` (drift) and `locate.ts` (where a live rule is in Git).
 *
 * Both sides go through it: the live `Policy` first becomes a manifest (`manifest.ts`). Only the part that decides egress
 * is kept, because that is what the live model carries. Indices and keys stay those of the input; defaults are written
 * out: Cilium port protocol ANY, NetworkPolicy port protocol TCP, policyTypes derived, enableDefaultDeny.egress derived
 * (policy-semantics §3.2, §3.5, §4), FQDN selectors lower-case without the trailing dot (§1), ports as text.
 */
import type { PatchablePolicy } from '../model/policy.ts';
import { isList, isRecord, type Json, type JsonRecord } from './json.ts';

export type Normalised =
  | { readonly ok: true; readonly normal: JsonRecord }
  | { readonly ok: false; readonly reason: string };

/** Thrown where the input cannot be a policy; never leaves this file. */
class ShapeProblem extends Error {}

type Field = (value: Json, path: string) => Json | undefined;

export function normalise(kind: PatchablePolicy['kind'], manifest: JsonRecord): Normalised {
  try {
    return { ok: true, normal: kind === 'NetworkPolicy' ? networkPolicy(manifest) : cilium(manifest) };
  } catch (problem) {
    if (problem instanceof ShapeProblem) return { ok: false, reason: problem.message };
    throw problem;
  }
}

function networkPolicy(manifest: JsonRecord): JsonRecord {
  const spec = NETWORK_POLICY(manifest.spec ?? null, 'spec') as JsonRecord;
  const egress = isList(spec.egress) ? spec.egress : [];
  const written = isList(spec.policyTypes) && spec.policyTypes.length > 0;
  const derived = egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  return { spec: { podSelector: {}, ...spec, egress, policyTypes: written ? (spec.policyTypes as Json) : derived } };
}

function cilium(manifest: JsonRecord): JsonRecord {
  const { spec, specs } = manifest;
  if (!isPresent(spec) && !isPresent(specs)) throw new ShapeProblem('it has neither spec nor specs');
  return {
    ...(isPresent(spec) ? { spec: ciliumRule(spec, 'spec') } : {}),
    ...(isPresent(specs) ? { specs: list(ciliumRule)(specs, 'specs') as Json } : {}),
  };
}

function ciliumRule(value: Json, path: string): JsonRecord {
  const rule = CILIUM_RULE(value, path) as JsonRecord;
  const { enableDefaultDeny, ...rest } = rule;
  const written = isRecord(enableDefaultDeny) ? enableDefaultDeny.egress : undefined;
  const byDefault = hasItems(rest.egress) || hasItems(rest.egressDeny);
  return written === undefined || written === byDefault ? rest : { ...rest, enableDefaultDeny: { egress: written } };
}

function hasItems(value: Json | undefined): boolean {
  return isList(value) && value.length > 0;
}

/** The API server drops explicit nulls, so null is absent. */
function isPresent(value: Json | undefined): value is Exclude<Json, null> {
  return value !== undefined && value !== null;
}

function record(fields: Readonly<Record<string, Field>>): Field {
  return (value, path) => {
    if (value !== null && !isRecord(value)) throw new ShapeProblem(`${path} is not a mapping`);
    const out: Record<string, Json> = {};
    for (const [key, field] of Object.entries(fields)) {
      const member = value?.[key];
      const normal = field(member ?? null, `${path}.${key}`);
      if (normal !== undefined) out[key] = normal;
    }
    return out;
  };
}

function list(item: (value: Json, path: string) => Json | undefined): Field {
  return (value, path) => {
    if (value === null) return undefined;
    if (!isList(value)) throw new ShapeProblem(`${path} is not a list`);
    return value.map((member, at) => item(member, `${path}[${at}]`) ?? null);
  };
}

/** Applies `field` only where the member is written. */
function optional(field: Field): Field {
  return (value, path) => (value === null ? undefined : field(value, path));
}

const keep: Field = (value) => value ?? undefined;
/** A member that should be a scalar but is not still compares by its content. */
const scalarText = (value: Json): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
const text: Field = (value) => (value === null ? undefined : scalarText(value));
const fqdn: Field = (value) =>
  value === null
    ? undefined
    : scalarText(value)
        .trim()
        .toLowerCase()
        .replace(/(?<=.)\.$/, '');
const endPort: Field = (value) => (value === null || value === 0 ? undefined : Number(value));

function protocol(byDefault: string): Field {
  return (value) => (value === null || value === '' ? byDefault : scalarText(value).toUpperCase());
}

function notEmpty(field: Field): Field {
  return (value, path) => {
    const normal = field(value, path);
    const size = isList(normal) ? normal.length : isRecord(normal) ? Object.keys(normal).length : 1;
    return size === 0 ? undefined : normal;
  };
}

const SELECTOR = optional(
  record({
    matchLabels: notEmpty(keep),
    matchExpressions: notEmpty(list(record({ key: text, operator: text, values: notEmpty(list(text)) }))),
  }),
);

const FQDN = record({ matchName: fqdn, matchPattern: fqdn });

const CILIUM_PORTS = record({
  ports: list(record({ port: text, endPort, protocol: protocol('ANY') })),
  serverNames: list(fqdn),
  rules: notEmpty(optional(record({ dns: list(FQDN), http: list(keep) }))),
});

const CILIUM_EGRESS = record({
  toEndpoints: list(SELECTOR),
  toEntities: list(text),
  toCIDR: list(text),
  toCIDRSet: list(
    record({ cidr: text, cidrGroupRef: text, cidrGroupSelector: SELECTOR, except: notEmpty(list(text)) }),
  ),
  toFQDNs: list(FQDN),
  toServices: list(keep),
  toNodes: list(SELECTOR),
  toGroups: list(keep),
  toRequires: list(SELECTOR),
  toPorts: list(CILIUM_PORTS),
  icmps: list(keep),
});

const CILIUM_RULE = record({
  endpointSelector: SELECTOR,
  nodeSelector: SELECTOR,
  enableDefaultDeny: optional(record({ egress: keep })),
  egress: list(CILIUM_EGRESS),
  egressDeny: list(CILIUM_EGRESS),
});

const NETWORK_POLICY = record({
  podSelector: SELECTOR,
  policyTypes: list(text),
  egress: list(
    record({
      to: notEmpty(
        list(
          record({
            podSelector: SELECTOR,
            namespaceSelector: SELECTOR,
            ipBlock: optional(record({ cidr: text, except: notEmpty(list(text)) })),
          }),
        ),
      ),
      ports: notEmpty(list(record({ port: text, endPort, protocol: protocol('TCP') }))),
    }),
  ),
});

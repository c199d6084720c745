/**
 * Rewrites a Calico configuration into one that means to network-config-analyzer what the original means to Calico; used by `main.ts`.
 * - Labels that Calico adds by itself are written out: `projectcalico.org/namespace`, `…/orchestrator` and `…/serviceaccount` of pods, the
 *   namespace of network sets, `projectcalico.org/name` of namespaces (docs.tigera.io, Automatic labels).
 * - A namespaced policy's rule with `notSelector` alone is limited to the namespace (updateprocessors/rules.go getEndpointSelector).
 * - `serviceAccounts.names` is a selector over the label of the service account (the same file, parseServiceAccounts).
 * - Without `types` a policy has those whose rules it has, Ingress if none (clientv3, defaultPolicyTypesField).
 * - Values in double quotes are values in single ones (selector/tokenizer).
 */
import type { Raw } from '../kinds/world.ts';

export function forNca(one: Raw): Raw {
  const meta = (one['metadata'] ?? {}) as Raw;
  switch (one['kind']) {
    case 'Namespace':
      return withLabels(one, { 'projectcalico.org/name': meta['name'] });
    case 'Pod':
      return withLabels(one, {
        'projectcalico.org/namespace': meta['namespace'],
        'projectcalico.org/orchestrator': 'k8s',
        'projectcalico.org/serviceaccount': record(one['spec'])['serviceAccountName'] ?? 'default',
      });
    case 'NetworkSet':
      return withLabels(one, { 'projectcalico.org/namespace': meta['namespace'] });
    default:
      if (String(one['apiVersion']).startsWith('projectcalico.org')) return policy(one);
      return one['kind'] === 'NetworkPolicy' ? kubernetesPolicy(one) : one;
  }
}

function record(value: unknown): Raw {
  return (value ?? {}) as Raw;
}

function withLabels(one: Raw, labels: Raw): Raw {
  const metadata = record(one['metadata']);
  return { ...one, metadata: { ...metadata, labels: { ...record(metadata['labels']), ...labels } } };
}

function policy(one: Raw): Raw {
  const { egress, ...rest } = JSON.parse(JSON.stringify(one['spec']).replaceAll(String.raw`\"`, "'")) as Raw;
  const rules = (egress ?? []) as readonly Raw[];
  const types = rest['types'] as readonly string[] | undefined;
  const applies = egress !== undefined && (types ? types.includes('Egress') : rules.length > 0);
  const namespaced = one['kind'] === 'NetworkPolicy';
  return { ...one, spec: applies ? { ...rest, egress: rules.map((rule) => ruleOf(rule, namespaced)) } : rest };
}

function ruleOf(rule: Raw, namespaced: boolean): Raw {
  if (!('destination' in rule)) return rule;
  const { serviceAccounts, ...destination } = record(rule['destination']);
  const names = record(serviceAccounts)['names'] as readonly string[] | undefined;
  const own = destination['selector'] as string | undefined;
  const account = names && `projectcalico.org/serviceaccount in {${names.map((name) => `'${name}'`).join(', ')}}`;
  const limited = namespaced && 'notSelector' in destination && !('namespaceSelector' in destination);
  const selectors = [own, account].filter((text) => text !== undefined);
  if (selectors.length === 0 && limited) selectors.push('all()');
  if (selectors.length === 0) return { ...rule, destination };
  const selector = selectors.length === 1 ? selectors[0] : selectors.map((text) => `(${text})`).join(' && ');
  return { ...rule, destination: { ...destination, selector } };
}

/** What the API server fills in, and without the rules that it ignores. */
function kubernetesPolicy(one: Raw): Raw {
  const { egress, policyTypes, ...rest } = record(one['spec']);
  const rules = (egress ?? []) as readonly Raw[];
  const given = (policyTypes ?? []) as readonly string[];
  const types = given.length > 0 ? given : ['Ingress', ...(rules.length > 0 ? ['Egress'] : [])];
  return { ...one, spec: { ...rest, policyTypes: types, ...(types.includes('Egress') && { egress: rules }) } };
}

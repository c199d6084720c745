/** What the engine's version and configuration mean for verdicts; read by every part of `core/policy`. */
import type { EngineFacts } from '../model/cluster-state.ts';

/** The minor that is assumed where no version could be read: the newest whose grammar older ones mostly share. */
export const ASSUMED_MINOR = 19;

/** `1.19.5` (or `v1.19.5-…`) → 19; undefined for anything else. */
export function minorOf(version: string | undefined): number | undefined {
  const match = /^v?1\.(\d{1,3})(?:[.\-+].*)?$/.exec(version ?? '');
  return match ? Number(match[1]) : undefined;
}

export function minorOrAssumed(version: string | undefined): number {
  return minorOf(version) ?? ASSUMED_MINOR;
}

/** How enforcement is set up (policy-semantics §3.2 and §6: absent keys mean Cilium's defaults). */
export interface EngineSettings {
  readonly minor: number;
  readonly cilium: boolean;
  readonly enforcement: 'default' | 'always' | 'never';
  readonly audit: boolean;
  readonly matchNodesByCidr: boolean;
  readonly matchPodsByCidr: boolean;
  readonly l7Proxy: boolean;
  readonly networkPolicies: boolean;
  readonly namespacedPolicies: boolean;
  readonly clusterwidePolicies: boolean;
  readonly nonDefaultDeny: boolean;
  readonly nodeSelectorLabels: boolean;
  readonly icmpRules: boolean;
  readonly clusterName: string;
  /** Patterns of the `labels` key, as written. */
  readonly labelPatterns: readonly string[];
}

export function settingsOf(engine: EngineFacts): EngineSettings {
  const config = engine.config ?? {};
  const on = (key: string, fallback: boolean) => flag(config[key], fallback);
  const cidrModes = (config['policy-cidr-match-mode'] ?? '').split(/[\s,]+/);
  const minor = minorOrAssumed(engine.version);
  return {
    minor,
    cilium: engine.cni === 'cilium' || engine.cni === 'unknown',
    enforcement: enforcementOf(config['enable-policy']),
    audit: on('policy-audit-mode', false),
    matchNodesByCidr: cidrModes.includes('nodes'),
    matchPodsByCidr: minor >= 20 && cidrModes.includes('pods'),
    l7Proxy: on('enable-l7-proxy', true),
    networkPolicies: on('enable-k8s-networkpolicy', true),
    namespacedPolicies: on('enable-cilium-network-policy', true),
    clusterwidePolicies: on('enable-cilium-clusterwide-network-policy', true),
    nonDefaultDeny: on('enable-non-default-deny-policies', true),
    nodeSelectorLabels: on('enable-node-selector-labels', false),
    icmpRules: on('enable-icmp-rules', true),
    clusterName: config['cluster-name'] || 'default',
    labelPatterns: (config['labels'] ?? '').split(/\s+/).filter((pattern) => pattern !== ''),
  };
}

function flag(value: string | undefined, fallback: boolean): boolean {
  if (value === undefined || value === '') return fallback;
  return ['true', '1', 't'].includes(value.toLowerCase());
}

function enforcementOf(value: string | undefined): 'default' | 'always' | 'never' {
  const text = value?.toLowerCase();
  return text === 'always' || text === 'never' ? text : 'default';
}

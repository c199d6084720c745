/** POLICY_EGRESS_NOT_ALLOWED, FQDN_NAME_NOT_COVERED and their kin: the rules deny the connection. The near miss names the class. */
import type { CauseClass } from '../model/diagnosis.ts';
import type { NearMiss } from '../model/evaluation.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import { type Assessment, endpointName, type Suspect } from './cause-rule.ts';
import { hasPolicyDrop, looksDropped, policyConfidence } from './policy-proof.ts';

/** Most specific first: the first near miss of these kinds decides the class. */
const CLASS_OF_NEAR_MISS: readonly (readonly [NearMiss['kind'], CauseClass])[] = [
  ['cname_listed', 'FQDN_NAME_NOT_COVERED'],
  ['wildcard_depth', 'FQDN_NAME_NOT_COVERED'],
  ['name_similar', 'FQDN_NAME_NOT_COVERED'],
  ['lookup_only', 'FQDN_NAME_NOT_COVERED'],
  ['dns_name_not_listed', 'FQDN_NAME_NOT_COVERED'],
  ['dns_rule_without_l7', 'FQDN_NO_DNS_L7'],
  ['dns_rule_missing', 'FQDN_NO_DNS_L7'],
  ['label_similar', 'POLICY_SCOPE_SELECTOR'],
  ['pod_not_selected', 'POLICY_SCOPE_SELECTOR'],
  ['other_namespace', 'POLICY_SCOPE_SELECTOR'],
  ['cidr_cannot_match', 'POLICY_CIDR_IDENTITY'],
];

export const refText = (ref: ObjectRef): string =>
  ref.namespace === undefined ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;

export function policyDeniesConnect(suspect: Suspect): Assessment | undefined {
  const { endpoint } = suspect;
  const confidence = policyConfidence(suspect);
  if (confidence === undefined || endpoint.evaluation.connect.decision !== 'denied') return undefined;
  const { connect, nearMisses, isolatedBy } = endpoint.evaluation;
  // The packet itself is let through.
  if (connect.reason === 'server_name_refused') return undefined;
  if (connect.reason === 'explicit_deny') {
    const rules = connect.decidedBy.map((rule) => `${refText(rule.policy)} ${rule.path}`).join(', ');
    const why = /; ([^;]+)\.$/.exec(connect.explanation)?.[1] ?? 'a deny wins over any allow';
    return assessment(
      'POLICY_PRECEDENCE',
      confidence,
      `${endpointName(endpoint)} is denied explicitly by ${rules}; ${why}.${beatenSentence(nearMisses)}`,
    );
  }
  const [kind, miss] = classOf(nearMisses);
  const isolating = isolatedBy.map(refText).join(', ');
  const because =
    isolating === '' ? `. ${connect.explanation}` : `; the pod is in default-deny because of ${isolating}.`;
  const base = `No egress rule allows ${endpointName(endpoint)}${because}`;
  return assessment(kind, confidence, miss === undefined ? base : `${base} ${nearMissSentence(miss)}`);
}

/** The rule that was meant to let it through. */
function beatenSentence(misses: readonly NearMiss[]): string {
  const beaten = misses.find(({ kind }) => kind === 'deny_wins')?.rule;
  return beaten === undefined ? '' : ` ${refText(beaten.policy)} ${beaten.path} would allow it.`;
}

/** With the rule's place, so that it can be opened right away. */
const nearMissSentence = ({ statement, rule }: NearMiss): string =>
  `${statement.replace(/\.$/, '')} (${refText(rule.policy)} ${rule.path}).`;

const assessment = (cls: CauseClass, confidence: Assessment['confidence'], statement: string): Assessment => ({
  class: cls,
  confidence,
  statement,
});

function classOf(misses: readonly NearMiss[]): readonly [CauseClass, NearMiss | undefined] {
  for (const [kind, cls] of CLASS_OF_NEAR_MISS) {
    const miss = misses.find((m) => m.kind === kind);
    if (miss !== undefined) return [cls, miss];
  }
  return ['POLICY_EGRESS_NOT_ALLOWED', misses[0]];
}

/**
 * The rules' verdict hangs on the DNS proxy having seen the name; a drop reported during the probe settles it. One from before may
 * be of a time when the rules were others.
 */
export function fqdnNotLearned(suspect: Suspect): Assessment | undefined {
  const { endpoint, phase } = suspect;
  if (endpoint.evaluation.connect.reason !== 'dns_not_proxied') return undefined;
  const seen = hasPolicyDrop(suspect);
  const silent = looksDropped(suspect);
  const unprobed = phase.kind === 'not_probed' || phase.kind === 'incomplete';
  if (!seen && (isLearned(suspect) || !(silent || unprobed))) return undefined;
  const sure = seen && !unprobed;
  return {
    class: 'FQDN_NO_DNS_L7',
    confidence: sure ? 'proven' : unsure(silent || seen),
    statement: `A toFQDNs rule names ${endpoint.host}, but the pod's DNS does not pass the engine's DNS proxy, so the name's addresses are never learned. ${endpoint.evaluation.connect.explanation}`,
    ...(sure
      ? {}
      : {
          decidedBy: `a POLICY_DENIED drop towards ${endpointName(endpoint)} in Hubble, and the absence of ${endpoint.host} in the agent's FQDN cache`,
        }),
  };
}

const unsure = (supported: boolean): Assessment['confidence'] => (supported ? 'likely' : 'possible');

/** The agent has every address of the name on record after all: another pod of the node looked it up through the proxy. */
function isLearned({ case: { fqdnCache }, endpoint }: Suspect): boolean {
  const { host, addresses } = endpoint.evaluation.destination;
  if (fqdnCache === undefined || !fqdnCache.ok || addresses.length === 0) return false;
  const entries = fqdnCache.value.filter(({ name }) => name.toLowerCase().replace(/\.$/, '') === host);
  return addresses.every((address) => entries.some(({ ips }) => ips.includes(address)));
}

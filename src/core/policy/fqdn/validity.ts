/** What each API or agent refuses as a name pattern, one rule a dialect, with the reason in words; called by `dialects.ts`. */

// The CRD caps names and patterns at 255 characters.
const CILIUM_MAX = 255;

export const CILIUM_CHARACTERS =
  'the selector has characters that Cilium refuses (no scheme, port, "/" or blanks; "*" only in matchPattern)';

/** cilium/cilium pkg/policy/api/fqdn.go: the agent's characters, the CRD's length. */
export function ciliumProblem(pattern: string): string | undefined {
  if (!/^[-a-zA-Z0-9_.*]+$/.test(pattern)) return CILIUM_CHARACTERS;
  return pattern.length <= CILIUM_MAX ? undefined : `the selector is longer than ${CILIUM_MAX} characters`;
}

/**
 * From 1.19 the agent caps the form with the final dot too, but only when it compiles an entry of toFQDNs (matchpattern.go prevalidate, called by
 * FQDNSelector.ToRegex): the policy is valid then, and the entry selects nothing.
 */
export function ciliumSelectsNothing(pattern: string, minor: number): string | undefined {
  const addsDot = !pattern.endsWith('.') && !/^\*+$/.test(pattern);
  if (minor < 19 || !addsDot || pattern.length < CILIUM_MAX) return undefined;
  return `with its final dot the selector is longer than ${CILIUM_MAX} characters: it selects nothing`;
}

/**
 * network-policy-api v0.2.0 apis/v1alpha2 (pattern of DomainName); the same in amazon-network-policy-controller-k8s. Its first characters are
 * written `A-z`, by mistake: of what that adds, only the underscore can be part of a name.
 */
export function kcnpProblem(pattern: string): string | undefined {
  const labels = plainLabels(pattern);
  if (labels.some((label) => label.includes('*'))) return PREFIX_ONLY;
  if (labels.length < 2) return 'the API refuses it: a domain name needs at least two labels, besides a leading "*."';
  return badLabel(labels, /^[A-Za-z0-9_](?:[-A-Za-z0-9_]*[A-Za-z0-9])?$/);
}

/** gke-networking-api apis/fqdnnetworkpolicy/v1alpha1/types.go (patterns of `name` and `pattern`). */
export function gkeProblem(pattern: string): string | undefined {
  return badLabel(withoutFinalDot(pattern).split('.'), /^[A-Za-z0-9*](?:[-A-Za-z0-9_*]*[A-Za-z0-9*])?$/);
}

/** ovn-kubernetes go-controller/pkg/crd/egressfirewall/v1/types.go (pattern of dnsName). */
export function ovnProblem(pattern: string): string | undefined {
  const labels = plainLabels(pattern);
  if (labels.some((label) => label.includes('*'))) return PREFIX_ONLY;
  return badLabel(labels, /^[-A-Za-z0-9]+$/);
}

/** antrea pkg/controller/networkpolicy/validate.go (allowedFQDNChars); pkg/agent/controller/networkpolicy/fqdn.go cuts the name's dot only. */
export function antreaProblem(pattern: string): string | undefined {
  if (!/^[-0-9a-zA-Z.*]+$/.test(pattern))
    return 'the API refuses it: only letters, digits, "-", "." and "*" are legal in fqdn';
  return pattern.endsWith('.')
    ? 'it matches nothing: Antrea compares names without their final dot, and this selector has one'
    : undefined;
}

/** docs.tigera.io network-policy/domain-based-policy, "Domain name matching". The product's source is closed: what it does then is not known. */
export function calicoProblem(pattern: string): string | undefined {
  const labels = withoutFinalDot(pattern).split('.');
  const starred = labels.filter((label) => label.includes('*'));
  if (starred.length > 1) return 'Calico does not support more than one "*" in a domain name';
  if (starred.some((label) => label !== '*'))
    return 'Calico does not support "*" as part of a label, only as a whole one';
  return badLabel(labels, /^(?:[-A-Za-z0-9_]+|\*)$/);
}

/**
 * istio pkg/config/validation ValidateWildcardDomain and pkg/config/labels IsWildcardDNS1123Label. A ServiceEntry refuses `*` alone as well,
 * a Sidecar does not.
 */
export function istioProblem(pattern: string): string | undefined {
  if (pattern.length > 255) return 'the API refuses it: longer than 255 characters';
  const [first = '', ...rest] = withoutFinalDot(pattern).split('.');
  if (first.lastIndexOf('*') > 0 || rest.some((label) => label.includes('*')))
    return 'the API refuses it: "*" may only be the first character';
  if (/^\d+$/.test(rest.at(-1) ?? '')) return 'the API refuses it: the top-level domain is a number';
  return badLabel([first === '*' ? 'any' : first.replace(/^\*-?/, ''), ...rest], RFC_1123);
}

/** Gateway API apis/v1/shared_types.go (Hostname). */
export function gatewayProblem(pattern: string): string | undefined {
  if (pattern.length > 253) return 'the API refuses it: longer than 253 characters';
  if (/[A-Z]/.test(pattern)) return 'the API refuses it: hostnames are lower case';
  if (pattern.endsWith('.')) return 'the API refuses it: hostnames have no final dot';
  const labels = plainLabels(pattern);
  return labels.some((label) => label.includes('*')) ? PREFIX_ONLY : badLabel(labels, RFC_1123);
}

const PREFIX_ONLY = 'the API refuses it: "*" may only be the whole first label of two or more';
const RFC_1123 = /^(?=.{1,63}$)[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?$/;

function plainLabels(pattern: string): readonly string[] {
  return withoutFinalDot(pattern).replace(/^\*\./, '').split('.');
}

function withoutFinalDot(pattern: string): string {
  return pattern.replace(/\.$/, '');
}

function badLabel(labels: readonly string[], allowed: RegExp): string | undefined {
  const bad = labels.find((label) => !allowed.test(label));
  if (bad === undefined) return undefined;
  return bad === '' ? 'the API refuses it: a label is empty' : `the API refuses it: "${bad}" is not a legal label`;
}

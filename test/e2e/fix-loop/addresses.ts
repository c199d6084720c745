/** Rules and denies by address, and by what is no address. */
import { blockRule, DNS_RULE, nameRule } from './added-lines.ts';
import type { Scenario } from './scenario.ts';
import { cilium, dns, NETWORK_DNS, network, toNames } from './texts.ts';

const FILE = 'caller-egress.yaml';

export const addressScenarios: readonly Scenario[] = [
  {
    name: 'deny-of-a-range',
    set: 14,
    files: (at) => ({
      [FILE]: cilium(
        at,
        `  egress:
${dns()}${toNames([`*.${at.domain}`])}  egressDeny:
    # The vendor's old range.
    - toCIDRSet:
        - cidr: ${at.address.api}/30
      toPorts:
        - ports:
            - port: "443"
              protocol: TCP
`,
      ),
    }),
    expects: {
      cause: 'POLICY_PRECEDENCE',
      added: (at) => ['except:', `- ${at.address.files}/32`],
      changes: [FILE],
      consent: true,
    },
  },
  {
    name: 'deny-of-the-address',
    set: 15,
    files: (at) => ({
      [FILE]: cilium(
        at,
        `  egress:
${dns()}${toNames([`*.${at.domain}`])}  egressDeny:
    - toCIDR:
        - ${at.address.files}/32
        - ${at.address.other}/32
`,
      ),
    }),
    expects: {
      cause: 'POLICY_PRECEDENCE',
      added: () => [],
      removed: (at) => [`- ${at.address.files}/32`],
      changes: [FILE],
      consent: true,
    },
  },
  {
    name: 'deny-of-the-world',
    set: 31,
    files: (at) => ({
      [FILE]: cilium(
        at,
        `  egress:
${dns()}${toNames([at.files])}  egressDeny:
    - toEntities:
        - world
`,
      ),
    }),
    expects: {
      cause: 'POLICY_PRECEDENCE',
      noFix: 'is meant to be denied; no change is proposed',
      added: () => [],
      changes: [],
    },
  },
  {
    name: 'address-missing',
    set: 16,
    files: (at) => ({
      [FILE]: network(
        at,
        `  egress:
${NETWORK_DNS}    - to:
        - ipBlock:
            cidr: ${at.address.api}/32
      ports:
        - port: 443
          protocol: TCP
`,
      ),
    }),
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: (at) => blockRule(at),
      changes: [FILE],
    },
  },
  {
    name: 'address-excepted',
    set: 17,
    files: (at) => ({
      [FILE]: network(
        at,
        `  egress:
${NETWORK_DNS}    - to:
        - ipBlock:
            cidr: ${at.address.api}/30
            except:
              - ${at.address.files}/32
              - ${at.address.other}/32
      ports:
        - port: 443
          protocol: TCP
`,
      ),
    }),
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: (at) => blockRule(at),
      changes: [FILE],
      warns: 'leaves the address out',
    },
  },
  {
    name: 'range-set-excepts',
    set: 18,
    files: (at) => ({
      [FILE]: cilium(
        at,
        `  egress:
${dns()}    - toCIDRSet:
        - cidr: ${at.address.api}/30
          except:
            - ${at.address.files}/32
            - ${at.address.other}/32
      toPorts:
        - ports:
            - port: "443"
              protocol: TCP
`,
      ),
    }),
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: (at) => nameRule(at),
      changes: [FILE],
      warns: 'leaves the address out',
    },
  },
  {
    name: 'cluster-only',
    set: 19,
    files: (at) => ({ [FILE]: cilium(at, `  egress:\n    - toEntities:\n        - cluster\n`) }),
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: (at) => [...nameRule(at), ...DNS_RULE],
      changes: [FILE],
    },
  },
];

/** Names that no rule lists, or that it lists wrongly. */
import { readFileSync } from 'node:fs';
import { addressOf, type Scenario } from './scenario.ts';
import { cilium, dns, toNames } from './texts.ts';

const FILE = 'caller-egress.yaml';

export const nameScenarios: readonly Scenario[] = [
  {
    name: 'name-missing',
    set: 1,
    files: (at) => ({ [FILE]: cilium(at, `  egress:\n${dns()}${toNames([at.api])}`) }),
    expects: {
      cause: 'POLICY_EGRESS_NOT_ALLOWED',
      added: (at) => [`- matchName: ${at.files}`],
      changes: [FILE],
    },
  },
  {
    name: 'pattern-too-short',
    set: 2,
    files: (at) => ({ [FILE]: cilium(at, `  egress:\n${dns()}${toNames([`*.${at.domain}`])}`) }),
    asks: (at) => ({ host: `eu.${at.files}`, port: 443 }),
    alsoMeasured: (at) =>
      ['files', 'other'].map((name) => {
        const host = `eu.${name}.${at.domain}`;
        return { host, port: 443, address: addressOf(host) };
      }),
    expects: {
      cause: 'FQDN_NAME_NOT_COVERED',
      added: (at) => [`- matchName: eu.${at.files}`],
      changes: [FILE],
    },
  },
  {
    name: 'name-misspelt',
    set: 3,
    files: (at) => ({ [FILE]: cilium(at, `  egress:\n${dns()}${toNames([at.api, `flies.${at.domain}`])}`) }),
    by: 'write',
    expects: {
      cause: 'FQDN_NAME_NOT_COVERED',
      added: (at) => [`- matchName: ${at.files}`],
      changes: [FILE],
    },
  },
  {
    name: 'second-hop',
    set: 4,
    files: (at) => ({ [FILE]: cilium(at, `  egress:\n${dns()}${toNames([at.api])}`) }),
    asks: (at) => ({ host: at.api, port: 443 }),
    application: ({ namespace, api }) =>
      readFileSync('test/e2e/scenarios/shop/app.yaml', 'utf8')
        // The namespace is there already, with the suite's mark.
        .replace(/^[^]*?---\n/, '')
        .replaceAll('api.vendor.example', api)
        .replaceAll('namespace: shop', `namespace: ${namespace}`)
        .replaceAll('name: shop', `name: ${namespace}`)
        .replaceAll('app: checkout', 'app: caller'),
    expects: {
      cause: 'SECOND_HOP_HOST',
      underlying: 'POLICY_EGRESS_NOT_ALLOWED',
      added: (at) => [`- matchName: ${at.files}`],
      changes: [FILE],
    },
  },
];

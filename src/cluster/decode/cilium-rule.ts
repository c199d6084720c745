/** Decodes the rules of Cilium policies (cilium/pkg/policy/api); present-but-empty lists stay lists, because they mean something. */
import { z } from 'zod';
import type { CiliumEgressRule, CiliumPortRule, CiliumRule } from '../../core/model/policy.ts';
import { selectorSchema } from './selector.ts';
import { compact, listOf, maybe, text } from './shapes.ts';

const selectors = maybe(z.array(selectorSchema));
const opaque = maybe(z.array(z.unknown()));
const fqdn = z.object({ matchName: maybe(text), matchPattern: maybe(text) }).transform(compact);

const cidrRule = z
  .object({
    cidr: maybe(text),
    cidrGroupRef: maybe(text),
    cidrGroupSelector: maybe(selectorSchema),
    except: listOf(text),
  })
  .transform(({ except, ...rest }) => ({ ...compact(rest), except }));

/** The API stores a string; manifests in an archive may have been written with a number. */
const port = z
  .object({
    port: maybe(z.union([text, z.number().transform(String)])),
    endPort: maybe(z.number()),
    protocol: maybe(text),
  })
  .transform(compact);

const l7Rules = z.looseObject({ dns: maybe(z.array(fqdn)), http: opaque });

/** TLS contexts and listeners change where traffic goes; they are named so that the evaluator can say so. */
const REDIRECTS = ['terminatingTLS', 'originatingTLS', 'listener'];

const portRule = z
  .looseObject({ ports: maybe(z.array(port)), rules: maybe(l7Rules), serverNames: maybe(z.array(text)) })
  .transform(({ ports, rules, serverNames, ...rest }): CiliumPortRule => {
    const parsers = Object.keys(rules ?? {}).filter((key) => key !== 'dns' && key !== 'http');
    const others = [...parsers, ...REDIRECTS.filter((key) => rest[key] !== undefined && rest[key] !== null)];
    return compact({
      ports,
      dns: rules?.dns,
      http: rules?.http,
      otherL7: others.length > 0 ? others : undefined,
      serverNames,
    });
  });

/** Unknown fields are refused: a peer kind that is not known here would otherwise read as "any destination". */
const egressRule: z.ZodType<CiliumEgressRule> = z
  .object({
    toEndpoints: selectors,
    toEntities: maybe(z.array(text)),
    toCIDR: maybe(z.array(text)),
    toCIDRSet: maybe(z.array(cidrRule)),
    toFQDNs: maybe(z.array(fqdn)),
    toServices: opaque,
    toNodes: selectors,
    toGroups: opaque,
    toRequires: selectors,
    toPorts: maybe(z.array(portRule)),
    icmps: opaque,
    authentication: maybe(z.looseObject({ mode: maybe(text) })),
  })
  .strict()
  .transform(({ authentication: _authentication, ...rest }) => compact(rest));

const section = maybe(z.array(z.unknown()));

export const ciliumRuleSchema: z.ZodType<CiliumRule> = z
  .object({
    endpointSelector: maybe(selectorSchema),
    nodeSelector: maybe(selectorSchema),
    egress: maybe(z.array(egressRule)),
    egressDeny: maybe(z.array(egressRule)),
    ingress: section,
    ingressDeny: section,
    enableDefaultDeny: maybe(z.object({ egress: maybe(z.boolean()) })),
  })
  .transform(({ ingress, ingressDeny, enableDefaultDeny, ...rest }) => ({
    ...compact(rest),
    hasIngress: (ingress?.length ?? 0) > 0 || (ingressDeny?.length ?? 0) > 0,
    ...compact({ enableDefaultDenyEgress: enableDefaultDeny?.egress }),
  }));

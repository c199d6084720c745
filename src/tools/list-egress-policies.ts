/** Which policies select the pod and, for a destination, what they decide; wraps `diagnose/list-policies.ts`. No probe. */
import * as z from 'zod';
import { DiagnoseError } from '../core/errors.ts';
import type { Destination } from '../core/model/destination.ts';
import { isAddress, isHostName, parseTarget, type Target } from '../core/net/host.ts';
import { listPolicies } from '../diagnose/list-policies.ts';
import { parseWorkload } from '../diagnose/workload-ref.ts';
import { renderPolicies } from '../render/policies.ts';
import { answerOutput, list, podInput } from './schema.ts';
import { defineTool, READS } from './tool.ts';

const to = z.strictObject({
  host: z.string().max(4096).optional(),
  cnames: z.array(z.string()).max(16).default([]),
  addresses: z.array(z.string()).max(64).default([]),
  port: z.int().min(1).max(65_535).optional(),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
});

const output = z.looseObject({
  ...answerOutput,
  policies: list,
  evaluation: z.looseObject({ decision: z.enum(['allowed', 'denied', 'unknown']) }).optional(),
});

export const listEgressPoliciesTool = defineTool({
  name: 'listEgressPolicies',
  title: 'List egress policies',
  description:
    'Policies that select the pod and their egress rules. With `to`: the decision and the rules behind it; no probe.',
  hints: READS,
  input: z.strictObject({ ...podInput, to: to.optional() }),
  output,
  untrusted: ['policies[].rules[].text', 'policies[].invalidReason'],
  async answer({ namespace, workload, to: destination, context }, { openDeps, run }) {
    const question = {
      workload: parseWorkload(namespace, workload),
      ...(destination === undefined ? {} : { to: checkedDestination(destination) }),
    };
    return listPolicies(await openDeps(context), question, run);
  },
  text: renderPolicies,
});

function checkedDestination({ host, cnames, addresses, port, protocol }: z.output<typeof to>): Destination {
  if (host === undefined && addresses.length === 0) throw invalid('to names neither a host nor an address');
  allMust(isHostName, cnames.map(withoutDot), 'cnames', 'a host name');
  allMust(isAddress, addresses, 'addresses', 'an IP address');
  const rest = { cnames: cnames.map((name) => withoutDot(name).toLowerCase()), protocol };
  if (host === undefined) return { ...rest, addresses, port: port ?? 443 };
  const target = parseTarget(host, port);
  if (port !== undefined) mustAgree(target, port);
  return {
    ...rest,
    ...(target.host === undefined ? {} : { host: target.host }),
    addresses: target.address === undefined ? addresses : [target.address, ...addresses],
    port: port ?? target.port,
  };
}

/** The port of a URL that names none is no contradiction. */
function mustAgree({ port, scheme }: Target, asked: number): void {
  const implicit = { http: 80, https: 443, tcp: undefined }[scheme ?? 'tcp'];
  if (port !== asked && port !== implicit) throw invalid(`host names port ${port} and port says ${asked}`);
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}

function allMust(rule: (text: string) => boolean, texts: readonly string[], field: string, kind: string): void {
  const wrong = texts.find((text) => !rule(text));
  if (wrong !== undefined) throw invalid(`${field} holds ${JSON.stringify(wrong.slice(0, 80))}, which is not ${kind}`);
}

function invalid(rule: string): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'DESTINATION_INVALID',
    `The destination cannot be used: ${rule}.`,
    'For example to: {"host": "files.vendor.example", "port": 443}.',
  );
}

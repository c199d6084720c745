/** Decodes namespaces, nodes, Services and EndpointSlices. */
import { z } from 'zod';
import type { Namespace, Node, Service, ServiceBackend, ServicePort } from '../../core/model/workload.ts';
import { metaSchema } from './meta.ts';
import { protocol } from './pod.ts';
import { compact, listOf, maybe, orEmpty, stringMap, text } from './shapes.ts';

export const namespaceSchema: z.ZodType<Namespace> = z
  .object({ metadata: metaSchema })
  .transform(({ metadata }) => ({ meta: metadata }));

export const nodeSchema: z.ZodType<Node> = z
  .object({
    metadata: metaSchema,
    status: maybe(
      z.object({
        addresses: listOf(z.object({ type: text, address: text })),
        nodeInfo: maybe(z.object({ kubeletVersion: maybe(text) })),
      }),
    ),
  })
  .transform(({ metadata, status }) =>
    compact({
      meta: metadata,
      addresses: (status?.addresses ?? []).flatMap(({ type, address }) => (type.endsWith('IP') ? [address] : [])),
      kubeletVersion: status?.nodeInfo?.kubeletVersion,
    }),
  );

const servicePort = z
  .object({
    name: maybe(text),
    port: z.number(),
    protocol: maybe(protocol),
    targetPort: maybe(z.union([z.number(), text])),
  })
  .transform((port): ServicePort => compact({ ...port, protocol: port.protocol ?? 'TCP' }));

const serviceSpec = z.object({
  type: maybe(text),
  clusterIP: maybe(text),
  clusterIPs: listOf(text),
  externalIPs: listOf(text),
  externalName: maybe(text),
  selector: stringMap,
  ports: listOf(servicePort),
});

const ingress = maybe(z.object({ loadBalancer: maybe(z.object({ ingress: listOf(z.object({ ip: maybe(text) })) })) }));

/** Addresses of a load balancer count as external ones; a headless Service has no cluster address. */
export const serviceSchema: z.ZodType<Service> = z
  .object({ metadata: metaSchema, spec: orEmpty(serviceSpec), status: ingress })
  .transform(({ metadata, spec, status }) => {
    const balancer = (status?.loadBalancer?.ingress ?? []).flatMap((entry) => entry.ip || []);
    return compact({
      meta: metadata,
      type: spec.type ?? 'ClusterIP',
      clusterIPs: clusterIPs(spec.clusterIPs, spec.clusterIP),
      externalIPs: [...new Set([...spec.externalIPs, ...balancer])],
      externalName: spec.externalName,
      selector: spec.selector,
      ports: spec.ports,
    });
  });

function clusterIPs(list: readonly string[] | undefined, single: string | undefined): string[] {
  const all = list && list.length > 0 ? list : single ? [single] : [];
  return all.filter((address) => address !== '' && address !== 'None');
}

/** A port without a number means every port; nothing in a diagnosis can use it. */
const slicePort = z.object({ name: maybe(text), port: maybe(z.number()), protocol: maybe(protocol) });

const endpoint = z.object({ addresses: listOf(text), conditions: maybe(z.object({ ready: maybe(z.boolean()) })) });

/** One slice holds several endpoints of one Service; without the label it belongs to none. Ready unless it says otherwise (API type). */
export const backendsSchema: z.ZodType<readonly ServiceBackend[]> = z
  .object({ metadata: metaSchema, endpoints: listOf(endpoint), ports: listOf(slicePort) })
  .transform(({ metadata, endpoints, ports }) => {
    const service = metadata.labels['kubernetes.io/service-name'];
    if (service === undefined) return [];
    const usable = ports.flatMap(({ name, port, protocol }) =>
      port === undefined
        ? []
        : [compact({ name: name === '' ? undefined : name, port, protocol: protocol ?? ('TCP' as const) })],
    );
    return endpoints.map(({ addresses, conditions }) => ({
      namespace: metadata.namespace ?? 'default',
      service,
      addresses,
      ports: usable,
      ready: conditions?.ready ?? true,
    }));
  });

/** A Service in front of every pod, on other ports than the pod's: what is asked of a pod is asked through it as well; used by `main.ts`. */
import { object, type Query, type Raw, type World } from '../kinds/world.ts';

const SHIFT = 10_000;

/** The pods' Services with their endpoints. */
export function serviceObjects({ pods }: World): Raw[] {
  return pods.flatMap(({ namespace, name, ips, ports }, index) => {
    const meta = { namespace, name: `to-${name}` };
    const served = ports.map((port) => ({ ...port, port: port.port + SHIFT, targetPort: port.port }));
    const service = { ...object('v1', 'Service', meta), spec: { clusterIP: addressOf(index), ports: served } };
    const labels = { 'kubernetes.io/service-name': meta.name };
    const slice = {
      ...object('discovery.k8s.io/v1', 'EndpointSlice', { ...meta, labels }),
      endpoints: [{ addresses: ips, conditions: { ready: true } }],
      ports,
    };
    return [service, slice];
  });
}

/** The question to the pod as one to its Service: to policies the destination is the pod behind it (pkg/connectivity/probe/jobbuilder.go). */
export function throughService({ pods }: World, query: Query): Query {
  const index = pods.findIndex(({ ips }) => ips.includes(query.address));
  return { ...query, address: addressOf(index), port: query.port + SHIFT };
}

function addressOf(index: number): string {
  return `10.96.0.${index + 1}`;
}

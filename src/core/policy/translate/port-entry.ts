/** A port of NetworkPolicy, and of the kinds that took it over: protocol, number or container port name, end; used by their translators. */
import { ALL_PORTS } from '../../net/port-range.ts';
import type { L4Protocol, PortMatch } from '../rules/rule.ts';

interface PortEntry {
  readonly protocol?: string | undefined;
  readonly port?: number | string | undefined;
  readonly endPort?: number | undefined;
}

/** networking.k8s.io/v1 NetworkPolicyPort: TCP where no protocol is given, every port where none is. */
export function portEntry({ protocol: name = 'TCP', port, endPort }: PortEntry): PortMatch {
  const protocol = name.toUpperCase() as L4Protocol;
  const text = `${port ?? 'any'}${endPort === undefined ? '' : `-${endPort}`}/${protocol}`;
  return { protocols: [protocol], port: numbers(port, endPort), text };
}

function numbers(port: PortEntry['port'], endPort: number | undefined): PortMatch['port'] {
  if (port === undefined) return ALL_PORTS;
  if (typeof port === 'string' && !/^\d+$/.test(port)) return { name: port.toLowerCase() };
  const from = Number(port);
  return { from, to: endPort !== undefined && endPort > from ? endPort : from };
}

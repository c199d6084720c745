/** Port intervals; used by `core/policy` rules. */

/** Both ends inclusive; 0–65535 stands for all ports. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export const ALL_PORTS: PortRange = { from: 0, to: 65535 };

export function rangeContains(range: PortRange, port: number): boolean {
  return port >= range.from && port <= range.to;
}

export function isSinglePort(range: PortRange, port: number): boolean {
  return range.from === port && range.to === port;
}

// Configuration of dnsmasq as the lab's public name server: it knows the zone and asks nobody.
import { plan } from '../plan.ts';
import { failingNames, type Site, sites } from './zone.ts';

function records(site: Site): string[] {
  const aliases = (site.aliases ?? []).map((alias) => `cname=${alias},${site.name}`);
  return [`host-record=${site.name},${site.address}`, ...aliases];
}

export function dnsmasqConfig(): string {
  const failing = failingNames.map((name) => `server=/${name}/${plan.failingDns}`);
  const lines = [
    `listen-address=${plan.publicDns}`,
    'bind-interfaces',
    'user=root',
    'pid-file=',
    'no-resolv',
    'no-hosts',
    'local-ttl=60',
    'local=/#/',
    'log-facility=-',
    'log-queries',
    ...failing,
    ...sites.flatMap(records),
  ];
  return `${lines.join('\n')}\n`;
}

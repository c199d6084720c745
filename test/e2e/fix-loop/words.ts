/** What changed by measurement, and what the answer said would change, in the same terms. */

import type { Trip } from './loop.ts';
import { askedOf, short } from './measure.ts';
import { placeOf } from './scenario.ts';
import { ELSEWHERE } from './stage.ts';

/** What opened beside what was asked for, and beside the lookup that it needs. */
export function gainsOf({ scenario, before, after }: Trip): string[] {
  const asked = askedOf(scenario);
  const needed = [`caller ${asked}`, `caller lookup ${asked.split(':')[0]}`];
  return [...after].filter((one) => !before.has(one) && !needed.includes(one)).toSorted();
}

export function lossesOf({ before, after }: Trip): string[] {
  return [...before].filter((one) => !after.has(one)).toSorted();
}

/** Sentences that are understood, in terms of what is measured; one that is not stands for itself, and so differs. */
export function claimsOf(trip: Trip): string[] {
  const said: readonly string[] = trip.diagnosis.structured.fix?.alsoAllows ?? [];
  return [...new Set(said.flatMap((sentence) => claims(trip, sentence)))].toSorted();
}

function claims(trip: Trip, sentence: string): string[] {
  const { scenario, before } = trip;
  const at = placeOf(scenario);
  const others = /^the same for \d+ other pods? that .* selects?: (?<pods>.*)$/.exec(sentence)?.groups?.['pods'];
  if (others !== undefined) return others.split(', ').map((pod) => `${nameOf(pod, at.namespace)} ${askedOf(scenario)}`);
  if (sentence.startsWith("lookups of every name at the cluster's DNS"))
    return ['api', 'files', 'other']
      .map((name) => `caller lookup ${name}`)
      .filter((one) => !before.has(one) && one !== `caller lookup ${askedOf(scenario).split(':')[0]}`);
  const excepted = /^(?<address>\S+) on every port of that deny/.exec(sentence)?.groups?.['address'];
  if (excepted !== undefined && excepted === `${at.address.files}/32`) return [];
  if (sentence.startsWith('all that '))
    return [...sentence.matchAll(/matchName "(?<name>[^"]+)" on (?<port>\d+)\/TCP/g)]
      .map(({ groups }) => `caller ${short(at, groups?.['name'] ?? '')}:${groups?.['port']}`)
      .filter((one) => one !== `caller ${askedOf(scenario)}`);
  const names = /^(?<names>.*) on (?<port>\d+)\/TCP$/.exec(sentence)?.groups;
  if (names !== undefined)
    return (names['names'] ?? '').split(', ').map((name) => `caller ${short(at, name)}:${names['port']}`);
  return [sentence];
}

function nameOf(pod: string, namespace: string): string {
  return pod.replace(`${namespace}/`, '').replace(`${ELSEWHERE}/`, '');
}

/**
 * The proposed fix closes the loop: what a policy blocks is diagnosed, the diff goes into Git, and what was asked for connects, while
 * nothing that nobody asked for does.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scenarios } from './fix-loop/all.ts';
import { roundTrips, type Trip } from './fix-loop/loop.ts';
import { askedOf } from './fix-loop/measure.ts';
import { placeOf } from './fix-loop/scenario.ts';
import { clear, kubectlPath, raise } from './fix-loop/stage.ts';
import { tableOf } from './fix-loop/table.ts';
import { claimsOf, gainsOf, lossesOf } from './fix-loop/words.ts';
import { startClient, type TestClient } from './support/client.ts';
import { openCluster, type TestCluster } from './support/cluster.ts';

let cluster: TestCluster;
let client: TestClient;
let trips: ReadonlyMap<string, Trip>;

beforeAll(async () => {
  cluster = await openCluster();
  await clear(cluster);
  // What builds kustomizations, for the product.
  process.env['PATH'] = `${dirname(await kubectlPath())}:${process.env['PATH'] ?? ''}`;
  client = await startClient(['--kubeconfig', cluster.kubeconfig]);
  await raise(cluster, scenarios);
  trips = new Map((await roundTrips({ cluster, client }, scenarios)).map((trip) => [trip.scenario.name, trip]));
  const table = tableOf([...trips.values()]);
  mkdirSync('.reports', { recursive: true });
  writeFileSync('.reports/fix-loop.md', table);
  process.stdout.write(table);
}, 900_000);

afterAll(async () => {
  await client?.close();
  if (cluster && process.env['K8S_EGRESS_LOOP_KEEP'] === undefined) await clear(cluster);
});

describe.each(scenarios)('$name', (scenario) => {
  const { expects } = scenario;
  const at = placeOf(scenario);
  const trip = (): Trip => {
    const found = trips.get(scenario.name);
    if (found === undefined) throw new Error('it did not run');
    return found;
  };

  it('is blocked, for the reason that is given', () => {
    const { before, diagnosis } = trip();
    expect(before).not.toContain(`caller ${askedOf(scenario)}`);
    expect(before).toContain(`stranger ${askedOf(scenario)}`);
    const { verdict, cause } = diagnosis.structured;
    expect(verdict).toBe('blocked');
    expect(cause).toMatchObject({ class: expects.cause, confidence: 'proven' });
    expect(cause.underlying).toBe(expects.underlying);
  });

  it.runIf(expects.noFix !== undefined)('is not what a policy change should open, and says so', () => {
    const { structured, text } = trip().diagnosis;
    expect(structured.fix).toBeUndefined();
    expect(text).toContain(expects.noFix);
    expect(trip().after).toEqual(trip().before);
    expect(trip().again.structured.verdict).toBe('blocked');
  });

  it.runIf(expects.noFix === undefined)('gets the smallest change of the file in Git', () => {
    const { fix } = trip().diagnosis.structured;
    const lines = (fix.diff as string).split('\n');
    const signed = (sign: string): string[] =>
      lines
        .filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3)))
        .map((line) => line.slice(1).trim());
    expect(fix.inGit).toBe(true);
    expect(fix.after).toBe(expects.after ?? 'allowed');
    expect(signed('+')).toEqual(expects.added(at));
    expect(signed('-')).toEqual(expects.removed?.(at) ?? []);
    const files = expects.changes.map((file) => `clusters/lab/${scenario.name}/${file}`);
    expect(fix.file.split(', ').toSorted()).toEqual(files.toSorted());
    expect(fix.warnings.join('\n')).toContain(expects.warns ?? '');
    expect(fix.consent !== undefined).toBe(expects.consent === true);
  });

  it.runIf(expects.noFix === undefined)('connects once the change is delivered, and nothing else does', () => {
    const result = trip();
    expect(result.refusal).toBeUndefined();
    expect(result.after).toContain(`caller ${askedOf(scenario)}`);
    expect(lossesOf(result)).toEqual([]);
    expect(gainsOf(result)).toEqual(expects.gains ?? []);
    expect(result.again.structured.verdict, result.again.text).toBe('reachable');
  });

  it('was told beforehand what else changes', () => {
    const result = trip();
    expect(claimsOf(result)).toEqual(gainsOf(result));
  });
});

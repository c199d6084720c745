/** The case as findings: one file a room of evidence, put together here in the order a person checks them. */
import type { Finding } from '../model/evidence.ts';
import type { Case, EndpointCase } from './case.ts';
import { environmentFindings } from './findings-environment.ts';
import { driftFinding, sourceFindings } from './findings-git.ts';
import { groupedFindings } from './findings-grouped.ts';
import { httpFindings, limitFindings, proxyFindings, resolverFindings, tlsFindings } from './findings-layers.ts';
import { gapFindings, policyFindings } from './findings-policy.ts';
import { comparisonFinding, connectFinding, lookupFinding, unevenFindings } from './findings-probe.ts';
import { dropFinding, logFinding, pastDropFindings } from './findings-sources.ts';
import { timelineFindings } from './findings-timeline.ts';

export function findingsOf(seen: Case, subject: EndpointCase): readonly Finding[] {
  return [
    // A literal address is looked up by nobody.
    ...(subject.evaluation.destination.host === undefined ? [] : [lookupFinding(seen, subject)]),
    ...policyFindings(seen, subject),
    connectFinding(seen, subject),
    ...unevenFindings(seen, subject),
    ...resolverFindings(seen, subject),
    ...tlsFindings(seen, subject),
    ...httpFindings(seen, subject),
    ...proxyFindings(seen, subject),
    comparisonFinding(seen, subject),
    ...environmentFindings(seen, subject),
    dropFinding(seen, subject),
    ...pastDropFindings(seen, subject),
    ...groupedFindings(seen, subject),
    logFinding(seen, subject),
    ...timelineFindings(seen, subject),
    driftFinding(seen, subject),
    ...sourceFindings(seen),
    ...limitFindings(seen),
    ...gapFindings(seen),
  ];
}

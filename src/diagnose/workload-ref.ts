/** Reads what the user calls the failing workload (`checkout-1`, `pod/checkout-1`, `deploy/checkout`); first step of every use case about a pod. */
import { DiagnoseError } from '../core/errors.ts';
import { parseK8sName } from '../core/net/host.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';

/** kubectl's own short and long resource names. */
const KINDS: Readonly<Record<string, WorkloadRef['kind']>> = {
  pod: 'pod',
  pods: 'pod',
  po: 'pod',
  deploy: 'deployment',
  deployment: 'deployment',
  deployments: 'deployment',
  sts: 'statefulset',
  statefulset: 'statefulset',
  statefulsets: 'statefulset',
  ds: 'daemonset',
  daemonset: 'daemonset',
  daemonsets: 'daemonset',
  rs: 'replicaset',
  replicaset: 'replicaset',
  replicasets: 'replicaset',
  job: 'job',
  jobs: 'job',
};

/** @throws DiagnoseError usage NAMESPACE_MISSING, WORKLOAD_INVALID or NAME_INVALID. */
export function parseWorkload(namespace: string, text: string): WorkloadRef {
  if (namespace === '') {
    throw new DiagnoseError(
      'usage',
      'NAMESPACE_MISSING',
      'No namespace was given.',
      'Name the namespace of the failing pod.',
    );
  }
  const parts = text.split('/');
  const [kindText, name] = parts.length === 1 ? ['pod', text] : parts;
  // kubectl also prints and takes `Deployment` and `deployments.apps`.
  const written = (kindText ?? '').toLowerCase().replace(/\.(apps|batch)$/, '');
  const kind = Object.hasOwn(KINDS, written) ? KINDS[written] : undefined;
  if (parts.length > 2 || kind === undefined) {
    throw new DiagnoseError(
      'usage',
      'WORKLOAD_INVALID',
      `${JSON.stringify(text.slice(0, 80))} is not a workload this tool knows: POD, pod/NAME, deploy/NAME, sts/NAME, ds/NAME, rs/NAME or job/NAME.`,
      'Name the failing pod, or the workload that owns it.',
    );
  }
  return { namespace: parseK8sName(namespace, 'namespace'), kind, name: parseK8sName(name ?? '', `${kind} name`) };
}

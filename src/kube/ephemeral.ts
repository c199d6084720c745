/** The request that adds an ephemeral container to a pod: path, patch, and its refusals in words; used by `connect.ts`. */
import type { NotRead } from '../core/model/cluster-state.ts';
import type { PodRef } from '../core/model/probe.ts';
import type { EphemeralContainer } from './connection.ts';
import { isByRights } from './refusal.ts';

export function ephemeralPath({ namespace, name }: PodRef): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/ephemeralcontainers`;
}

/**
 * A strategic merge patch adds to the list by name, so that sending it twice adds one container. What it asks for passes the `restricted`
 * Pod Security Standard (kubernetes.io, pod-security-standards): no root, no capability, no way to more, the runtime's seccomp profile.
 * Without `targetContainerName`: the network is the pod's anyway, and the processes of the others are nothing to look at.
 */
export function ephemeralPatch({ name, image, argv, runAsUser }: EphemeralContainer): string {
  const container = {
    name,
    image,
    command: argv,
    imagePullPolicy: 'IfNotPresent',
    securityContext: {
      runAsNonRoot: true,
      ...(runAsUser === undefined ? {} : { runAsUser }),
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
  return JSON.stringify({ spec: { ephemeralContainers: [container] } });
}

export function ephemeralRefusal(notRead: NotRead, { namespace, name }: PodRef): NotRead {
  const what = `ephemeral container in pod ${namespace}/${name}`;
  if (notRead.code === 'forbidden' && isByRights(notRead.reason))
    return {
      ...notRead,
      what,
      nextStep: `Grant verb "patch" on "pods/ephemeralcontainers" in namespace ${namespace}: kubectl create role egress-debug -n ${namespace} --verb=patch --resource=pods/ephemeralcontainers, and bind it.`,
    };
  if (notRead.code === 'kind_absent')
    return { ...notRead, what, reason: 'the API server has no ephemeral containers (Kubernetes 1.25 and later have)' };
  if (notRead.code !== 'forbidden' && notRead.code !== 'refused') return { ...notRead, what };
  return {
    what,
    code: 'refused',
    reason: notRead.said === undefined ? notRead.reason : 'the cluster did not admit the container',
    ...(notRead.said === undefined ? {} : { said: notRead.said }),
    nextStep: `A rule of the cluster does not admit this container: whoever keeps its admission policies can allow the image and ephemeral containers in namespace ${namespace}.`,
  };
}

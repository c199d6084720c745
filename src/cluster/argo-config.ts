/** The ConfigMap in which Argo CD keeps how it tracks objects, and what is read of it; for `read-sync.ts` and `prune-gitops.ts`. */

/** argo-cd util/settings/settings.go. */
export const ARGO_CONFIG = {
  name: 'argocd-cm',
  keys: ['application.resourceTrackingMethod', 'application.instanceLabelKey', 'installationID'],
} as const;

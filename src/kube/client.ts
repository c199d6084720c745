/** The two classes `kube/` uses of the Kubernetes client; loaded by `open.ts` on first use. Naming them lets the bundle drop 5 MB of API models. */
export { Exec, KubeConfig } from '@kubernetes/client-node';

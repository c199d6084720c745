/** Opens the connection to one API server; called by `compose.ts` when a tool first needs a cluster, because the client costs 0.4 s to load. */

import { connect } from './connect.ts';
import type { WritableConnection } from './connection.ts';
import { createCredentials } from './credentials.ts';
import { type KubeconfigOptions, loadKubeconfig } from './kubeconfig.ts';

/**
 * Reads the kubeconfig and returns a connection for its context; nothing is sent yet.
 * @throws DiagnoseError (cluster) KUBECONFIG_MISSING, KUBECONFIG_INVALID, CONTEXT_NOT_FOUND.
 */
export async function openKube(options: KubeconfigOptions): Promise<WritableConnection> {
  const { Exec, KubeConfig } = await import('./client.ts');
  const client = { Exec, KubeConfig };
  const loaded = await loadKubeconfig(client, options);
  return connect(client, loaded, createCredentials(client, loaded));
}

/** What the operator allows towards Git servers, from flags and environment; read by `settings.ts`, acted on by `gitops`. */
import { DiagnoseError } from '../core/errors.ts';
import { isAddress, isHostName } from '../core/net/host.ts';

export interface GitSettings {
  /** `HOST` for its usual port, or `HOST:PORT`: only these get credentials, and only these are reached by ssh. */
  readonly hosts: readonly string[];
  readonly token?: string;
  readonly credentialHelper: boolean;
  readonly render: boolean;
}

export interface GitFlags {
  readonly 'git-host'?: readonly string[] | undefined;
  readonly 'git-credentials'?: boolean | undefined;
  readonly 'git-render'?: boolean | undefined;
}

/** @throws DiagnoseError usage OPTION_INVALID. */
export function gitSettings(
  flags: GitFlags,
  env: Readonly<Record<string, string | undefined>>,
): GitSettings | undefined {
  const { 'git-host': hosts = [], 'git-credentials': credentialHelper = false, 'git-render': render = false } = flags;
  for (const host of hosts) checkHost(host);
  if (credentialHelper && hosts.length === 0) {
    throw invalid(
      '--git-credentials says where credentials come from, and no host was named that may get them.',
      'Name it: --git-host HOST.',
    );
  }
  if (hosts.length === 0 && !render) return undefined;
  const token = env['EGRESS_DIAGNOSE_GIT_TOKEN'];
  return { hosts, credentialHelper, render, ...(token === undefined || token === '' ? {} : { token }) };
}

function checkHost(text: string): void {
  const [, host = '', port] = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const bare = host.replace(/^\[|\]$/g, '');
  const known = isHostName(bare) || isAddress(bare);
  if (known && (port === undefined || (Number(port) > 0 && Number(port) <= 65535))) return;
  throw invalid(
    `--git-host ${JSON.stringify(text.slice(0, 80))} is not a host name or address, with a port or without.`,
    'Use HOST or HOST:PORT, for example git.example.com; a host without a port means its usual one.',
  );
}

function invalid(message: string, nextStep: string): DiagnoseError {
  return new DiagnoseError('usage', 'OPTION_INVALID', message, nextStep);
}

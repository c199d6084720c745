/** Reads an API path back into what it asks for, so that a refusal can be put in words (`refusal.ts`). */

export interface ApiRequest {
  readonly verb: 'get' | 'list' | 'patch';
  readonly group: string;
  /** With its subresource: `pods/log`. Empty for discovery paths. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

export function describePath(path: string): ApiRequest {
  const match = /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)\/(.+)$/.exec(path);
  if (!match) return { verb: 'get', group: '', resource: '' };
  const parts = (match[2] ?? '').split('/').map(decodeURIComponent);
  const namespaced = parts[0] === 'namespaces' && parts.length > 2;
  const [resource = '', name, sub] = namespaced ? parts.slice(2) : parts;
  return {
    verb: name === undefined ? 'list' : 'get',
    group: match[1] ?? '',
    resource: sub ? `${resource}/${sub}` : resource,
    ...(namespaced && parts[1] !== undefined ? { namespace: parts[1] } : {}),
    ...(name === undefined ? {} : { name }),
  };
}

/** `pods in namespace shop`, `pods/log of shop/checkout`, `nodes`. */
export function inWords(request: ApiRequest): string {
  if (request.resource === '') return 'API discovery';
  if (request.name !== undefined) {
    return `${request.resource} ${request.namespace === undefined ? '' : `${request.namespace}/`}${request.name}`;
  }
  return request.namespace === undefined ? request.resource : `${request.resource} in namespace ${request.namespace}`;
}

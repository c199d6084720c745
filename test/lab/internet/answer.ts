// What the HTTP servers of the lab's internet answer.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Site } from './zone.ts';

function presignedUrl(host: string): string {
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIALABLABLABLAB0000/20261124/lab/s3/aws4_request',
    'X-Amz-Date': '20261124T000000Z',
    'X-Amz-Expires': '900',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': '7e1ab0'.repeat(11).slice(0, 64),
  });
  return `https://${host}/exports/42.csv?${query.toString()}`;
}

function text(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

function json(response: ServerResponse, body: object): void {
  text(response, 'application/json', `${JSON.stringify(body)}\n`);
}

function sendOn(response: ServerResponse, path: string, host: string): void {
  const signed = path.startsWith('/presigned');
  const location = signed ? presignedUrl(host) : `https://${host}/landing`;
  response.writeHead(signed ? 307 : 302, { location, 'content-length': 0 }).end();
}

export function answer(site: Site): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '/', 'https://lab.invalid').pathname;
    if (site.redirects !== undefined) return sendOn(response, path, site.redirects);
    if (path === '/v2/download' && site.presigns !== undefined)
      return json(response, { url: presignedUrl(site.presigns) });
    if (path === '/exports/42.csv') return text(response, 'text/csv', 'id,amount\n42,17\n');
    return json(response, { host: request.headers.host ?? null, site: site.name, path });
  };
}

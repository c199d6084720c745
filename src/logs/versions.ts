/** Which version of a library a text names: user agents, module paths, banners; used by `fold-failures.ts`. */

const VERSION =
  '(\\d{1,4}(?:\\.\\d{1,6}){1,3}(?:[+-][A-Za-z][\\w+-]{0,20}(?:\\.\\d{1,4})?|(?:a|b|rc|dev|post)\\d{1,4})?)';

/** Library as `patterns/` names it → how its version is written: in a user agent, a file's path, a banner. */
const SPELLINGS: readonly (readonly [library: string, sources: readonly string[]])[] = [
  ['requests', [`python-requests/${VERSION}`, `\\brequests[-/ =]{1,2}${VERSION}`]],
  ['urllib3', [`python-urllib3/${VERSION}`, `\\burllib3[-/ =]{1,2}${VERSION}`]],
  ['boto3', [`\\bBoto3/${VERSION}`, `\\bboto3[- =]{1,2}${VERSION}`]],
  ['botocore', [`\\b[Bb]otocore[/#]${VERSION}`, `\\bbotocore[- =]{1,2}${VERSION}`]],
  ['aiohttp', [`\\baiohttp[/ =-]{1,2}${VERSION}`]],
  ['httpx', [`python-httpx/${VERSION}`, `\\bhttpx[/ =-]{1,2}${VERSION}`]],
  ['urllib', [`Python-urllib/${VERSION}`]],
  ['azure-sdk', [`azsdk-[a-z]{1,12}-[\\w.-]{1,40}/${VERSION}`]],
  ['google-cloud', [`gapic/${VERSION}`, `\\bgccl/${VERSION}`, `gcloud-[a-z]{1,12}/${VERSION}`]],
  ['node fetch', [`\\bundici[/@ -]v?${VERSION}`, `^Node\\.js v${VERSION}`]],
  ['node', [`^Node\\.js v${VERSION}`, `\\bnode/v?${VERSION}`]],
  ['axios', [`\\baxios[/@-]${VERSION}`]],
  ['got', [`\\bgot[/@]${VERSION}`]],
  ['go net', [`\\bgo(1\\.\\d{1,3}(?:\\.\\d{1,3})?)\\b`]],
  ['java http client', [`Java-http-client/${VERSION}`]],
  ['java', [`\\bJava/${VERSION}`]],
  ['okhttp', [`\\bokhttp[/-]${VERSION}`]],
  ['apache httpclient', [`Apache-HttpClient/${VERSION}`, `\\bhttpclient5?-${VERSION}`]],
  ['netty', [`\\bnetty-[a-z-]{2,20}-${VERSION}`, `ReactorNetty/${VERSION}`]],
  ['jdbc', [`\\bpostgresql-${VERSION}`, `mysql-connector-j(?:ava)?-${VERSION}`]],
  ['.net', [`\\.NET(?: Core)? ${VERSION}`]],
  ['ruby net/http', [`\\bruby[/ -]${VERSION}`]],
  ['faraday', [`\\b[Ff]araday[- ]v?${VERSION}`]],
  ['guzzle', [`GuzzleHttp/${VERSION}`]],
  ['php', [`\\bPHP/${VERSION}`]],
  ['reqwest', [`\\breqwest[/-]${VERSION}`]],
  ['hyper', [`\\bhyper[/-]${VERSION}`]],
  ['curl', [`\\b(?:lib)?curl[/ ]${VERSION}`]],
  ['wget', [`\\b[Ww]get[/ ]${VERSION}`]],
  ['git', [`\\bgit[/ ](?:version )?${VERSION}`]],
  ['psql', [`\\bpsql \\(PostgreSQL\\) ${VERSION}`]],
  ['kafka', [`Kafka version: ${VERSION}`, `\\bkafka-clients-${VERSION}`]],
  ['mongodb', [`\\bmongo[a-z-]{0,20}[/ |-]${VERSION}`]],
  ['redis', [`\\b(?:redis-py|ioredis|lettuce-core|jedis)[/@ -]${VERSION}`]],
  ['grpc', [`\\bgrpc-[a-z+-]{1,12}/${VERSION}`]],
  ['npm', [`\\bnpm[/@ ]${VERSION}`]],
  ['pip', [`\\bpip[/ ]${VERSION}`]],
  ['docker', [`\\bdocker/${VERSION}`]],
];

const EXPRESSIONS = new Map(
  SPELLINGS.map(([library, sources]) => [library, sources.map((source) => new RegExp(source, 'm'))]),
);

/** The version that the same event names; text of others. */
export function versionOf(library: string | undefined, text: string): string | undefined {
  const expressions = library === undefined ? undefined : EXPRESSIONS.get(library);
  for (const expression of expressions ?? []) {
    const version = expression.exec(text)?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}

/** Libraries that say who they are when they start, or with each request that they send; not user agents of others. */
const SAY_SO = ['kafka', 'boto3', 'botocore', 'azure-sdk', 'google-cloud', 'mongodb'];

/** What a line says of versions outside of a failure. */
export function bannersIn(line: string): readonly (readonly [library: string, version: string])[] {
  return SAY_SO.flatMap((library) => {
    const version = versionOf(library, line);
    return version === undefined ? [] : [[library, version] as const];
  });
}

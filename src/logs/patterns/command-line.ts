/** Error texts of curl, wget, git, psql and the resolver tools, as scripts in pods print them. */
import { ADDRESS, type FailurePattern, HOST, PORT, rowsOf } from '../failure-pattern.ts';

const curl = rowsOf('curl');
const wget = rowsOf('wget');
const psql = rowsOf('psql');
const nslookup = rowsOf('nslookup');

const FAILED = `Failed to connect to ${HOST} port ${PORT}[^\\n:]{0,40}: `;
const PSQL = `connection to server at "${HOST}"(?: \\(${ADDRESS}\\))?, port ${PORT} failed: `;

export const COMMAND_LINE: readonly FailurePattern[] = [
  // curl does not say whether the name is unknown or nobody answered.
  curl('lookup_failed', 3, `Could not resolve (?:host|proxy): ${HOST}`),
  curl('lookup_failed', 3, `curl: \\(28\\) Resolving timed out`),
  curl('connect_timeout', 3, `${FAILED}(?:Timeout was reached|Connection timed out|Operation timed out)`),
  curl('connect_refused', 3, `${FAILED}Connection refused`),
  curl('unreachable', 3, `${FAILED}(?:No route to host|Network is unreachable|Host is unreachable)`),
  // Newer curl words every failed connect alike.
  curl('other', 2, `${FAILED}(?:Couldn't|Could not) connect to server`),
  curl('connect_refused', 3, `connect to ${ADDRESS} port ${PORT} (?:from [^\\n]{1,60} )?failed: Connection refused`),
  curl('connect_timeout', 3, `curl: \\(28\\) (?:Connection timed out|Connection timeout|connect\\(\\) timed out)`),
  curl('connection_reset', 3, `curl: \\((?:52|55|56)\\)[^\\n]{0,80}|curl: \\(35\\)[^\\n]{0,80}Connection reset`),
  curl('tls_failed', 3, `curl: \\(28\\) SSL connection timeout|curl: \\((?:35|51|58|59|60|77|83|90)\\)`),
  curl('read_timeout', 3, `curl: \\(28\\) Operation timed out`),
  curl('http_denied', 3, `curl: \\(22\\)[^\\n]{0,60}40[37]|HTTP code 40[37] from proxy|response 40[37]\\b`),
  wget('lookup_failed', 3, `bad address '${HOST}(?::${PORT})?'|bad address "`),
  wget('lookup_failed', 3, `unable to resolve host address .${HOST}\\b`),
  wget('connect_refused', 3, `can't connect to remote host \\(${ADDRESS}\\): Connection refused`),
  wget('unreachable', 3, `can't connect to remote host \\(${ADDRESS}\\): (?:No route to host|Network is unreachable)`),
  wget('connect_timeout', 3, `can't connect to remote host \\(${ADDRESS}\\): (?:Connection|Operation) timed out`),
  wget('other', 2, `wget: download timed out`),
  psql('connect_timeout', 3, `${PSQL}(?:Connection timed out|timeout expired)`),
  psql('connect_refused', 3, `${PSQL}Connection refused`),
  psql('unreachable', 3, `${PSQL}(?:No route to host|Network is unreachable)`),
  psql('lookup_failed', 3, `could not translate host name "${HOST}" to address: Temporary failure`),
  psql('name_not_found', 3, `could not translate host name "${HOST}" to address: Name or service not known`),
  nslookup('name_not_found', 3, `server can't find ${HOST}: NXDOMAIN`),
  nslookup('lookup_failed', 3, `server can't find ${HOST}: (?:REFUSED|SERVFAIL)`),
  nslookup('lookup_failed', 3, `no servers could be reached`),
];

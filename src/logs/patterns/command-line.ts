/** Error texts of curl, wget, git, psql and the resolver tools, as scripts in pods print them. */
import { ADDRESS, type FailurePattern, HOST, PORT, rowsOf } from '../failure-pattern.ts';
import { forReasons } from '../reasons.ts';

const curl = rowsOf('curl');
const wget = rowsOf('wget');
const git = rowsOf('git');
const ssh = rowsOf('ssh');
const nslookup = rowsOf('nslookup');

/** GNU Wget's connect.c and http.c; its lines about one URL are one event. */
const WGET_FAILED = `Connecting to ${HOST} \\([^)\\n]{1,253}\\)\\|${ADDRESS}\\|:${PORT}\\.\\.\\. failed: `;
const WGET_CONNECTED = `Connecting to ${HOST} \\([^)\\n]{1,253}\\)\\|${ADDRESS}\\|:${PORT}\\.\\.\\. connected\\.\\n`;
/** Busybox's own, in two lines. */
const BUSYBOX = `Connecting to ${HOST}(?::\\d{1,5})? \\(\\[?${ADDRESS}\\]?:${PORT}\\)\\n(?:[^\\n]{0,200}\\n){0,3}wget: `;
/** curl -v tells of one call line by line. */
const VERBOSE_HOST = `(?:[^\\n]{0,200}\\n){1,3}\\* Failed to connect to ${HOST} port ${PORT}`;
const CONNECTED = `\\* Connected to ${HOST} \\(${ADDRESS}\\) port ${PORT}\\b(?![\\s\\S]{0,8000}\\n\\* Connected to )`;
const FAILED = `Failed to connect to ${HOST} port ${PORT}[^\\n:]{0,40}: `;

export const COMMAND_LINE: readonly FailurePattern[] = [
  // curl does not say whether the name is unknown or nobody answered.
  curl('lookup_failed', 3, `Could not resolve (?:host|proxy): ${HOST}`),
  ...forReasons(curl, `connect to ${ADDRESS} port \\d{1,5} (?:from [^\\n]{1,60} )?failed: `, VERBOSE_HOST),
  curl(
    'connect_timeout',
    3,
    `Trying ${ADDRESS}:\\d{1,5}\\.\\.\\.\\n\\* ipv[46] connect timeout[^\\n]{0,80}${VERBOSE_HOST}`,
  ),
  curl('tls_failed', 3, CONNECTED, {
    cause: '\\* SSL connection timeout|\\* SSL certificate problem|\\* SSL: no alternative certificate',
  }),
  curl('connection_reset', 3, CONNECTED, { cause: '\\* (?:Recv|Send) failure: Connection reset' }),
  curl('read_timeout', 3, CONNECTED, { cause: '\\* Operation timed out after' }),
  curl('http_denied', 3, `Establish HTTP proxy tunnel to ${HOST}:${PORT}`, { cause: ' 40[37]\\b' }),
  curl('lookup_failed', 3, `curl: \\(28\\) Resolving timed out`),
  curl('connect_timeout', 3, `${FAILED}(?:Timeout was reached|Connection timed out|Operation timed out)`),
  curl('connect_refused', 3, `${FAILED}Connection refused`),
  curl('unreachable', 3, `${FAILED}(?:No route to host|Network is unreachable|Host is unreachable)`),
  // Newer curl words every failed connect alike.
  curl('other', 2, `${FAILED}(?:Couldn't|Could not) connect to server`),
  curl('connect_refused', 3, `connect to ${ADDRESS} port ${PORT} (?:from [^\\n]{1,60} )?failed: Connection refused`),
  curl('connect_timeout', 3, `curl: \\(28\\) ${FAILED}(?:Couldn't|Could not) connect to server`),
  curl('connect_timeout', 3, `curl: \\(28\\) (?:Connection timed out|Connection timeout|connect\\(\\) timed out)`),
  curl('connection_reset', 3, `curl: \\((?:52|55|56)\\)[^\\n]{0,80}|curl: \\(35\\)[^\\n]{0,80}Connection reset`),
  curl('tls_failed', 3, `curl: \\(28\\) SSL connection timeout|curl: \\((?:35|51|58|59|60|77|83|90)\\)`),
  curl('read_timeout', 3, `curl: \\(28\\) Operation timed out`),
  curl('http_denied', 3, `curl: \\(22\\)[^\\n]{0,60}40[37]|HTTP code 40[37] from proxy|response 40[37]\\b`),
  curl('tls_failed', 3, `SSL: no alternative certificate subject name matches target host name '${HOST}'`),
  curl('connect_timeout', 3, `Connection timed out after \\d{1,9} milliseconds`),
  ...forReasons(wget, WGET_FAILED),
  ...forReasons(wget, `Resolving ${HOST} \\([^)\\n]{1,253}\\)\\.\\.\\. failed: `),
  wget('connection_reset', 3, `${WGET_CONNECTED}(?:[^\\n]{0,200}\\n){0,2}GnuTLS: Error in the pull function`),
  wget('tls_failed', 3, `${WGET_CONNECTED}(?:ERROR: The certificate|The certificate's owner|Unable to establish SSL)`),
  wget(
    'read_timeout',
    3,
    `${WGET_CONNECTED}HTTP request sent, awaiting response\\.\\.\\. Read error \\(Connection timed out\\)`,
  ),
  wget(
    'connection_reset',
    3,
    `${WGET_CONNECTED}HTTP request sent, awaiting response\\.\\.\\. Read error \\(Connection reset`,
  ),
  wget('http_denied', 3, `Proxy tunneling failed: (?:Proxy Authentication Required|Forbidden)`),
  ...forReasons(wget, `${BUSYBOX}can't connect to remote host \\([^)\\n]{1,60}\\): `),
  wget('connection_reset', 3, `${BUSYBOX}error getting response: Connection reset by peer`),
  // It counts connecting and answering together.
  wget('other', 3, `${BUSYBOX}download timed out`),
  wget('lookup_failed', 3, `bad address '${HOST}(?::${PORT})?'|bad address "`),
  wget('lookup_failed', 3, `unable to resolve host address .${HOST}\\b`),
  wget('connect_refused', 3, `can't connect to remote host \\(${ADDRESS}\\): Connection refused`),
  wget('unreachable', 3, `can't connect to remote host \\(${ADDRESS}\\): (?:No route to host|Network is unreachable)`),
  wget('connect_timeout', 3, `can't connect to remote host \\(${ADDRESS}\\): (?:Connection|Operation) timed out`),
  wget('other', 2, `wget: download timed out`),
  git(
    'tls_failed',
    3,
    `unable to access [^\\n]{1,300}(?:SSL certificate problem|SSL: certificate subject name|server certificate verification failed|gnutls_handshake)`,
  ),
  git('http_denied', 3, `unable to access [^\\n]{1,300}(?:HTTP code 40[37]|returned error: 40[37])`),
  git(
    'connection_reset',
    3,
    `unable to access [^\\n]{1,300}(?:[Cc]onnection was reset|Connection reset|TLS connection was non-properly terminated|Recv failure)`,
  ),
  git('other', 2, `fatal: unable to access '`),
  ...forReasons(ssh, `ssh: connect to host ${HOST} port ${PORT}: `),
  ...forReasons(ssh, `ssh: Could not resolve hostname ${HOST}: `),
  nslookup('name_not_found', 3, `server can't find ${HOST}: NXDOMAIN`),
  nslookup('lookup_failed', 3, `server can't find ${HOST}: (?:REFUSED|SERVFAIL)`),
  nslookup('lookup_failed', 3, `no servers could be reached`),
];

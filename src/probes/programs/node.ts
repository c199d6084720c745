/**
 * The probe program for containers that have Node (10 or newer), Deno or Bun: one text for all three, each started its own way;
 * sent by `probes/exec-runner.ts`, its records are read by `probes/collector.ts`. A constant: every value comes in as an argument.
 *
 * Records go out by `writeSync`: what is still queued in a stream is lost when the process ends.
 */
import { BUN_CONNECT } from './bun-connect.ts';
import { NODE_CONNECT } from './node-connect.ts';
import { NODE_HTTP } from './node-http.ts';
import { NODE_LOOKUP } from './node-lookup.ts';
import { END_OF_PROGRAM, type Rung } from './rung.ts';

const PROGRAM = `"use strict";
const dns = require("dns"), net = require("net"), dgram = require("dgram"), fs = require("fs");
let tls = null;
try { tls = require("tls"); } catch (e) {}

const [NONCE, ...VALUES] = ARGUMENTS;
const [CONNECT, LOOKUP, TOTAL] = VALUES.map(Number);
const SERVERS = [], RESOLVER = { search: [], ndots: 1 };
// Look-ups that the C library has not ended; a plain exit would wait for them.
let pending = 0;

const TARGETS = [];
for (let i = 3; i + 4 < VALUES.length; i += 5) {
  const [id, host, port, secure, path] = VALUES.slice(i, i + 5);
  TARGETS.push({ id, host, port: Number(port), tls: secure === "1", path });
}

function now() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

const END = now() + TOTAL;
const ms = start => "ms=" + Math.round(now() - start);
const codeOf = error => String(error.code || error.name || "error");

function die() {
  process.kill(process.pid, "SIGKILL");
}

// What "settle" is given first, or nothing when the time is over.
function within(time, work) {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, time);
    work(value => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

const after = time => new Promise(resolve => setTimeout(resolve, time));

function clean(field) {
  const text = String(field).replace(/[^ -~]/g, " ");
  return text.slice(0, /^(cert|hex|location)=/.test(text) ? 12500 : 300);
}

function emit(...fields) {
  let line = Buffer.from([NONCE].concat(fields.map(clean)).join("\\t") + "\\n");
  while (line.length) {
    try {
      line = line.slice(fs.writeSync(1, line));
    } catch (error) {
      if (error.code !== "EAGAIN" || now() > END) die();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function readLines(file) {
  try {
    return fs.readFileSync(file, "latin1").split("\\n");
  } catch (e) {
    return null;
  }
}

function readResolver() {
  const lines = readLines("/etc/resolv.conf"), options = [];
  if (!lines) emit("limit", "-", "code=no_resolv_conf");
  for (const line of lines || []) {
    const [word, ...values] = line.trim().split(/\\s+/);
    if (word === "nameserver" && values.length) SERVERS.push(values[0]);
    else if (word === "search" || word === "domain") RESOLVER.search = values;
    else if (word === "options") options.push(...values);
  }
  for (const option of options) if (/^ndots:\\d+$/.test(option)) RESOLVER.ndots = Number(option.slice(6));
  const told = (key, list, most) => list.slice(0, most).map(one => key + "=" + one);
  const others = options.filter(option => !option.startsWith("ndots:"));
  emit("resolver", "-", "ndots=" + RESOLVER.ndots, ...told("nameserver", SERVERS, 8), ...told("search", RESOLVER.search, 16), ...told("option", others, 16));
  const usable = SERVERS.filter(server => net.isIP(server.split("%")[0]));
  SERVERS.splice(0, SERVERS.length, ...(usable.length ? usable.slice(0, 3) : ["127.0.0.1"]));
}

function tellProxies() {
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"])
    for (const key of [name, name.toLowerCase()]) {
      const value = process.env[key];
      if (value) emit("env", "-", "name=" + key, "value=" + value.replace(/^(.*?:\\/\\/)?.*@/, "$1"));
    }
}

function libcPath() {
  const paths = (readLines("/proc/self/maps") || []).map(line => line.slice(line.indexOf("/")));
  return paths.find(path => /\\/(ld-musl-|libc\\.musl-|libc(-2\\.\\d+)?\\.so)/.test(path));
}

function libc() {
  const path = libcPath();
  return path ? [path.includes("musl") ? "libc=musl" : "libc=glibc"] : [];
}

${NODE_LOOKUP}
${NODE_CONNECT}
${BUN_CONNECT}
${NODE_HTTP}
async function probe(t) {
  const proxy = proxyOf(t.tls);
  const work = proxy ? [askProxy(t, proxy)] : [];
  const addresses = net.isIP(t.host) ? [t.host] : await lookup(t, work);
  work.push(connectAll(t, addresses, async (address, socket) => {
    const channel = t.tls ? tls && (await checkTls(t, address, socket)) : socket;
    if (channel && t.path !== "-") await head(t, address, channel);
    socket.destroy();
  }));
  await Promise.all(work);
}

async function main() {
  setTimeout(die, TOTAL);
  // Node's own look-ups run four at a time otherwise: one name that hangs would hold up the others.
  process.env.UV_THREADPOOL_SIZE = "64";
  const version = RUNTIME === "node" ? process.versions.node : process.versions[RUNTIME];
  emit("hello", "-", "rung=" + RUNTIME, "version=" + version, "time=" + Math.floor(Date.now() / 1000), ...libc());
  if (TARGETS.some(t => t.tls)) for (const code of tls ? ["own_trust_store", "no_segment"] : ["no_tls"]) emit("limit", "-", "code=" + code);
  if (!tls && TARGETS.some(t => t.tls && t.path !== "-")) emit("limit", "-", "code=no_http_tls");
  tellProxies();
  readResolver();
  await Promise.all(TARGETS.map(t => probe(t).catch(e => emit("trouble", t.id, "text=" + codeOf(e) + " " + e.message))));
  emit("done", "-");
  if (pending) die();
  process.exit(0);
}

main();
`;

/** Reads the program and runs it; the end of the input, before or after, ends the process. */
const LOADER = `let text = "", running = false;
process.stdin.setEncoding("latin1").on("data", chunk => {
  text += running ? "" : chunk;
  const end = text.indexOf("\\n${END_OF_PROGRAM}\\n");
  if (running || end < 0) return;
  running = true;
  new Function("require", "process", "Buffer", "RUNTIME", "ARGUMENTS", text.slice(0, end))(require, process, Buffer, RUNTIME, ARGUMENTS);
}).on("end", () => process.kill(process.pid, "SIGKILL"));
`;

const NODE_START = ['-e', `const RUNTIME = "node", ARGUMENTS = process.argv.slice(1);\n${LOADER}`];

/** NODE_OPTIONS may name an agent or a debugger port of the application's; a shell can keep it from the probe. */
export const NODE: Rung = {
  name: 'node',
  detect: `unset NODE_OPTIONS; node -e 'new URL("http://a/")'`,
  start: ['node', ...NODE_START],
  direct: [
    ['node', ...NODE_START],
    ['/nodejs/bin/node', ...NODE_START],
  ],
  program: PROGRAM,
};

/** `eval` has all permissions without being asked, and reads no configuration of the working folder. */
const DENO_FLAGS: readonly string[] = ['eval', '--no-config', '--no-lock'];

const DENO_CHECK =
  'const [one, two] = Deno.version.deno.split(".").map(Number); Deno.exit(one * 100 + two < 207 ? 1 : 0)';

const DENO_LOADER = `import { createRequire } from "node:module";
import process from "node:process";
import { Buffer } from "node:buffer";
const require = createRequire("file:///"), RUNTIME = "deno", ARGUMENTS = Deno.args;
${LOADER}`;

/**
 * Before 2.7 a handshake on a connection that stands hangs. Not without a shell: only the environment keeps Deno from writing its cache
 * and from asking for updates.
 */
export const DENO: Rung = {
  name: 'deno',
  detect: `export DENO_DIR=/dev/null DENO_NO_UPDATE_CHECK=1; deno ${DENO_FLAGS.join(' ')} '${DENO_CHECK}'`,
  start: ['deno', ...DENO_FLAGS, DENO_LOADER],
  program: PROGRAM,
};

/** Neither the working folder's preloads nor its .env, and nothing is installed. */
const BUN_FLAGS: readonly string[] = ['--config=/dev/null', '--env-file=/dev/null', '--no-install', '-e'];

/** An older one asks for names by a resolver that gives up on answers cut short, and loses an argument: as if it were not there. */
const BUN_CHECK = 'if (!Bun.semver.satisfies(Bun.version, ">=1.3.14")) process.exit(126);';

/** Bun reads the number of its threads when it starts; without a shell it starts itself once more. */
const BUN_LOADER = `${BUN_CHECK}
const COMMAND = require("fs").readFileSync("/proc/self/cmdline", "latin1").split("\\0").slice(0, -1);
const RUNTIME = "bun", ARGUMENTS = COMMAND.slice(COMMAND.indexOf("-e") + 2);
if (!process.env.UV_THREADPOOL_SIZE && process.execve)
  process.execve(process.execPath, COMMAND, { ...process.env, UV_THREADPOOL_SIZE: "64", BUN_OPTIONS: "" });
${LOADER}`;
const BUN_START: readonly string[] = ['bun', ...BUN_FLAGS, BUN_LOADER];

export const BUN: Rung = {
  name: 'bun',
  detect: `unset BUN_OPTIONS; export UV_THREADPOOL_SIZE=64; bun ${BUN_FLAGS.join(' ')} '${BUN_CHECK}'`,
  start: BUN_START,
  direct: [BUN_START],
  program: PROGRAM,
};

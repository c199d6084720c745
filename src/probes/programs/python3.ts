/**
 * The probe program for containers that have python3 (3.4 or newer), and the same text for python 2 (`python2.ts`); sent by
 * `probes/exec-runner.ts`, its records are read by `probes/collector.ts`. A constant: every value comes in as an argument.
 *
 * What it does not do: it sends no application data but the one HEAD request, writes no file (`-B`), and imports nothing from the
 * working folder (`-I`). `select`, not `poll`, because a minimal build always has it.
 */

import { PYTHON3_CONNECT } from './python3-connect.ts';
import { PYTHON3_HTTP } from './python3-http.ts';
import { PYTHON3_LOOKUP } from './python3-lookup.ts';
import { PYTHON3_SESSION } from './python3-session.ts';
import { PYTHON3_TLS } from './python3-tls.ts';
import { END_OF_PROGRAM, type Rung } from './rung.ts';

/** Isolated (no PYTHON* variables, no import from the working folder), no site, no .pyc files. */
const FLAGS: readonly string[] = ['-I', '-S', '-B'];

/** Imports the program cannot do without; the ladder tries them before it settles on this rung. */
const NEEDS = 'import errno, os, select, socket, struct, sys, threading, time';

const LOADER = `import sys
text = []
for line in iter(sys.stdin.readline, ""):
    if line == "${END_OF_PROGRAM}\\n":
        break
    text.append(line)
exec(compile("".join(text), "k8s-egress-probe", "exec"))
`;

const PROGRAM = `import errno, os, select, socket, struct, sys, threading, time
try:
    import ssl
    ssl.create_default_context
except Exception:
    ssl = None

NONCE = sys.argv[1]
CONNECT, LOOKUP, DEADLINE = [int(x) / 1000.0 for x in sys.argv[2:5]]
TARGETS = [sys.argv[i:i + 5] for i in range(5, len(sys.argv) - 4, 5)]
MAX_ADDRESSES = 4
LOCK = threading.Lock()
EAI = dict((getattr(socket, n), n) for n in dir(socket) if n.startswith("EAI_"))
# python 2 has no other steady clock (to 10 ms).
now = getattr(time, "monotonic", None) or (lambda: os.times()[4])


def clean(value):
    text = "".join(c if " " <= c <= "~" else " " for c in (value if hasattr(value, "encode") else str(value)))
    return text[:12500] if text.startswith(("cert=", "hex=", "location=")) else text[:300]


def emit(kind, tid, *fields):
    line = "\\t".join([NONCE, kind, tid] + [clean(f) for f in fields]) + "\\n"
    with LOCK:
        try:
            sys.stdout.write(line)
            sys.stdout.flush()
        except Exception:
            os._exit(5)


def ms(start):
    return "ms=%d" % round((now() - start) * 1000)


def code(error):
    return errno.errorcode.get(getattr(error, "errno", None), type(error).__name__)


def background(work, *args):
    thread = threading.Thread(target=work, args=args)
    thread.daemon = True
    thread.start()
    return thread


# Ends the process when time is up, whatever hangs in a C library.
def deadline():
    time.sleep(DEADLINE)
    os._exit(4)


# Ends the process when the caller goes away: the caller holds standard input open for as long as it listens.
def hangup():
    while os.read(0, 65536):
        pass
    os._exit(5)


def is_literal(host):
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
            return True
        except Exception:
            pass
    return False


def resolver_config():
    servers, search, options, ndots = [], [], [], 1
    try:
        with open("/etc/resolv.conf", "rb") as f:
            lines = str(f.read(65536).decode("ascii", "ignore")).splitlines()
    except Exception:
        emit("limit", "-", "code=no_resolv_conf")
        lines = []
    for line in lines:
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            servers.append(words[1])
        elif len(words) > 1 and words[0] in ("search", "domain"):
            search = words[1:]
        elif words and words[0] == "options":
            options += [w for w in words[1:] if not w.startswith("ndots:")]
            for w in words[1:]:
                if w.startswith("ndots:") and w[6:].isdigit():
                    ndots = int(w[6:])
    fields = ["nameserver=" + s for s in servers[:8]] + ["search=" + s for s in search[:16]] + ["option=" + o for o in options[:16]]
    emit("resolver", "-", "ndots=%d" % ndots, *fields)
    usable = [s for s in servers if is_literal(s.split("%")[0])]
    return {"servers": usable[:3] or ["127.0.0.1"], "search": search, "ndots": ndots}


# Which C library this python runs on; they differ in what ends a search.
def libc():
    try:
        if os.confstr("CS_GNU_LIBC_VERSION").startswith("glibc"):
            return ["libc=glibc"]
    except Exception:
        pass
    try:
        with open("/proc/self/maps") as f:
            text = f.read()
        return ["libc=musl"] if "musl" in text else ["libc=glibc"] if "/libc.so.6" in text or "/libc-2" in text else []
    except Exception:
        return []


def proxy_env():
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        for key in (name, name.lower()):
            value = os.environ.get(key)
            if value:
                if "@" in value:
                    value = (value.split("://", 1)[0] + "://" if "://" in value else "") + value.rsplit("@", 1)[1]
                emit("env", "-", "name=" + key, "value=" + value)


${PYTHON3_CONNECT}

${PYTHON3_LOOKUP}

${PYTHON3_SESSION}

${PYTHON3_TLS}

${PYTHON3_HTTP}

def talk(tid, url, tls, address, sock):
    session = None
    if tls:
        session = check_tls(tid, url[0], url[1], address, sock) if ssl else None
        if session is None:
            return
    if url[2] != "-":
        request(tid, address, url, sock, session)


def probe(tid, url, tls, resolver):
    host, port = url[:2]
    try:
        waiters = []
        proxy = proxy_of(tls)
        if proxy:
            waiters.append(background(ask_proxy, tid, host, port, proxy))
        addresses = [host]
        if not is_literal(host):
            addresses, waiter = lookup(tid, host, port, resolver)
            waiters.append(waiter)

        def first(address, sock):
            waiters.append(background(talk, tid, url, tls, address, sock))

        live = connect_all(tid, addresses[:MAX_ADDRESSES], port, first)
        for thread in waiters:
            thread.join(DEADLINE)
        for sock in live:
            sock.close()
    except Exception as e:
        emit("trouble", tid, "text=" + type(e).__name__ + " " + str(e))


def tls_limits():
    if ssl:
        trust_store_limit()
        return
    emit("limit", "-", "code=no_tls")
    if any(t[3] == "1" and t[4] != "-" for t in TARGETS):
        emit("limit", "-", "code=no_http_tls")


def main():
    background(deadline)
    background(hangup)
    emit("hello", "-", "rung=python%d" % sys.version_info[0], "version=%d.%d" % sys.version_info[:2], "time=%d" % time.time(), *libc())
    if any(t[3] == "1" for t in TARGETS):
        tls_limits()
    proxy_env()
    resolve_proxies()
    resolver = resolver_config()
    threads = [background(probe, t[0], (t[1], int(t[2]), t[4]), t[3] == "1", resolver) for t in TARGETS]
    for thread in threads:
        thread.join()
    emit("done", "-")
    os._exit(0)


main()
`;

const START: readonly string[] = ['python3', ...FLAGS, '-c', LOADER];

export const PYTHON3: Rung = {
  name: 'python3',
  detect: `python3 ${FLAGS.join(' ')} -c '${NEEDS}'`,
  start: START,
  direct: [START],
  program: PROGRAM,
};

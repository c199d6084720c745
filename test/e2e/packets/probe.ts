/** What really happens: one program in the pod that looks all names up, then tries all addresses, each side by side. */
import { execIn, type TestCluster } from '../support/cluster.ts';
import type { Target } from './lanes.ts';

/** `silent`: no answer in time, as when packets are dropped. */
export interface Lookup {
  readonly outcome: 'resolved' | 'refused' | 'silent' | 'other';
  readonly addresses: readonly string[];
  readonly detail: string;
}

/** A refusal by the remote side counts as reached: the packet got there. */
export interface Attempt {
  readonly outcome: 'reached' | 'silent' | 'other';
  readonly detail: string;
}

export interface Seen {
  readonly lookups: Readonly<Record<string, Lookup>>;
  readonly attempts: Readonly<Record<string, Attempt>>;
}

// Questions are absolute, of type A, over UDP. Every packet gets a second chance before silence is believed: the question is
// repeated, as the kernel repeats a SYN after a second.
const PROGRAM = `
import itertools, json, os, socket, sys, time
from concurrent.futures import ThreadPoolExecutor

job = json.loads(sys.argv[1])
server = next(line.split()[1] for line in open('/etc/resolv.conf') if line.startswith('nameserver'))

def skip_name(data, at):
    while data[at]:
        if data[at] >= 192:
            return at + 2
        at += data[at] + 1
    return at + 1

def addresses(data):
    at = skip_name(data, 12) + 4
    found = []
    for _ in range(int.from_bytes(data[6:8], 'big')):
        at = skip_name(data, at)
        size = int.from_bytes(data[at + 8:at + 10], 'big')
        if data[at:at + 2] == b'\\0\\1':
            found.append(socket.inet_ntoa(data[at + 10:at + 14]))
        at += 10 + size
    return found

# Below those that the kernel gives, and not used for ten minutes: a port used again so soon would pass for an old, allowed connection.
ports = itertools.count(1024 + int(time.time() * 4) % 2600 * 12)

def ask(address, name):
    ident = os.urandom(2)
    labels = b''.join(bytes([len(label)]) + label.encode() for label in name.split('.'))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(('', next(ports)))
        sock.connect((address, 53))
        for seconds in (1.0, 1.2):
            sock.send(ident + b'\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0' + labels + b'\\0\\0\\1\\0\\1')
            sock.settimeout(seconds)
            try:
                return sock.recv(4096)
            except socket.timeout:
                pass

def look_up(name):
    try:
        reply = ask(server, name)
    except OSError as error:
        return {'outcome': 'other', 'addresses': [], 'detail': repr(error)}
    if reply is None:
        return {'outcome': 'silent', 'addresses': [], 'detail': 'no reply'}
    code = reply[3] & 15
    found = addresses(reply) if code == 0 else []
    outcome = 'refused' if code == 5 else 'resolved' if found else 'other'
    return {'outcome': outcome, 'addresses': found, 'detail': 'rcode %d' % code}

def attempt(target):
    start = time.monotonic()
    try:
        if target['protocol'] == 'UDP':
            seen = 'silent' if ask(target['address'], 'other.example') is None else 'reached'
        else:
            socket.create_connection((target['address'], target['port']), timeout=2.2).close()
            seen = 'reached'
        detail = ''
    except socket.timeout:
        seen, detail = 'silent', 'timed out'
    except ConnectionRefusedError:
        seen, detail = 'reached', 'refused by the remote side'
    except OSError as error:
        seen, detail = 'other', repr(error)
    return {'outcome': seen, 'detail': ('%s %.0f ms' % (detail, 1000 * (time.monotonic() - start))).strip()}

with ThreadPoolExecutor(32) as pool:
    lookups = dict(zip(job['names'], pool.map(look_up, job['names'])))
    attempts = dict(zip([t['id'] for t in job['targets']], pool.map(attempt, job['targets'])))
print(json.dumps({'lookups': lookups, 'attempts': attempts}))
`;

export async function probe(
  cluster: TestCluster,
  pod: { namespace: string; name: string },
  targets: readonly Target[],
): Promise<Seen> {
  const names = [...new Set(targets.flatMap((target) => target.host ?? []))];
  const ran = await execIn(cluster, pod, ['python3', '-c', PROGRAM, JSON.stringify({ names, targets })]);
  if (ran.code !== 0) throw new Error(`the probe ended with ${ran.code}: ${ran.stderr}`);
  return JSON.parse(ran.stdout) as Seen;
}

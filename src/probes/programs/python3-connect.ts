/** The part of `programs/python3.ts` that connects: to every address of a target at once, and to one for a further attempt. */
import { METADATA_V4, METADATA_V6 } from './metadata-addresses.ts';

export const PYTHON3_CONNECT = `METADATA = [socket.inet_aton(a) for a in "${METADATA_V4}".split()] + [socket.inet_pton(socket.AF_INET6, a) for a in "${METADATA_V6}".split()]


def is_metadata(address):
    packed = socket.inet_pton(family(address), address.split("%")[0])
    return any(packed[-len(m):] == m and len(packed) in (len(m), 16) for m in METADATA)


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def failed(sock):
    rc = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.errorcode.get(rc, str(rc)) if rc else None


def start_connect(tid, address, port):
    start = now()
    emit("trying", tid, "addr=" + address)
    try:
        if is_metadata(address):
            emit("connect", tid, "addr=" + address, "err=metadata")
            return None, start
        sock = socket.socket(family(address), socket.SOCK_STREAM)
        sock.setblocking(False)
        rc = sock.connect_ex((address, port))
    except Exception as e:
        sock, rc = None, getattr(e, "errno", None) or -1
    if rc in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
        return sock, start
    emit("connect", tid, "addr=" + address, ms(start), "err=" + errno.errorcode.get(rc, str(rc)))
    return None, start


# Tells first about the first connection at once; ends when every address has its outcome.
def connect_all(tid, addresses, port, first):
    waiting, live = {}, []
    for address in addresses:
        sock, start = start_connect(tid, address, port)
        if sock is not None:
            waiting[sock] = (address, start)
    end = now() + CONNECT
    while waiting:
        ready = select.select([], list(waiting), list(waiting), max(0, end - now()))
        done = set(ready[1] + ready[2])
        for sock in done or list(waiting):
            address, start = waiting.pop(sock)
            error = failed(sock) if done else "ETIMEDOUT"
            emit("connect", tid, "addr=" + address, ms(start), "err=" + error if error else "ok=1")
            if error:
                sock.close()
                continue
            live.append(sock)
            if len(live) == 1:
                first(address, sock)
    return live


# One more connection, or an OSError; mss is announced to the other side, which then sends no larger segments.
def connect_one(address, port, end, mss=None):
    sock = socket.socket(family(address), socket.SOCK_STREAM)
    try:
        if mss:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, mss)
        sock.setblocking(False)
        rc = sock.connect_ex((address, port))
        if rc in (errno.EINPROGRESS, errno.EWOULDBLOCK):
            ready = select.select([], [sock], [], max(0, end - now()))[1]
            rc = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if ready else errno.ETIMEDOUT
        if rc:
            raise OSError(rc, os.strerror(rc))
        return sock
    except Exception:
        sock.close()
        raise


class Closed(Exception):
    pass


# A peer that never ends is cut off; the half second is for a container that gets little time.
def receive(sock, end):
    if now() > end + 0.5 or not select.select([sock], [], [], max(0, end - now()))[0]:
        raise socket.timeout("timed out")
    data = sock.recv(16384)
    if not data:
        raise Closed("closed by the peer")
    return data


def send_all(sock, data, end):
    while data:
        if not select.select([], [sock], [], max(0, end - now()))[1]:
            raise socket.timeout("timed out")
        data = data[sock.send(data):]


# For all that comes after a connection. A silent peer: timeout; a kernel that gave up: ETIMEDOUT.
def why(error):
    if isinstance(error, Closed):
        return "err=closed"
    if isinstance(error, socket.timeout) and not getattr(error, "errno", None):
        return "err=timeout"
    return "err=" + code(error)
`;

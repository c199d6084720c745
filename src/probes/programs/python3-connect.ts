/** The part of `programs/python3.ts` that connects to every address and shakes hands by TLS; no application data is ever sent. */
import { METADATA_V4, METADATA_V6 } from './metadata-addresses.ts';

export const PYTHON3_CONNECT = `def is_metadata(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    packed = socket.inet_pton(family, address.split("%")[0])
    return any(packed[-len(m):] == m and len(packed) in (len(m), 16) for m in METADATA)


METADATA = [socket.inet_aton(a) for a in "${METADATA_V4}".split()] + [socket.inet_pton(socket.AF_INET6, a) for a in "${METADATA_V6}".split()]


def start_connect(tid, address, port):
    start = now()
    emit("trying", tid, "addr=" + address)
    try:
        if is_metadata(address):
            emit("connect", tid, "addr=" + address, "err=metadata")
            return None, start
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        rc = sock.connect_ex((address, port))
    except Exception as e:
        sock, rc = None, e.errno if isinstance(e, OSError) else -1
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
            rc = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if done else errno.ETIMEDOUT
            if rc == 0:
                emit("connect", tid, "addr=" + address, ms(start), "ok=1")
                live.append(sock)
                if len(live) == 1:
                    first(address, sock)
            else:
                sock.close()
                emit("connect", tid, "addr=" + address, ms(start), "err=" + errno.errorcode.get(rc, str(rc)))
    return live


def handshake(context, sock, host):
    end = now() + CONNECT
    sock.setblocking(False)
    secure = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
    while True:
        try:
            secure.do_handshake()
            return secure
        except ssl.SSLWantReadError:
            ready = select.select([secure], [], [], max(0, end - now()))[0]
        except ssl.SSLWantWriteError:
            ready = select.select([], [secure], [], max(0, end - now()))[1]
        if not ready:
            raise socket.timeout("timed out")


def session(secure):
    cert = secure.getpeercert(True)
    return ["version=" + str(secure.version() if hasattr(secure, "version") else ""), "cert=" + "".join("%02x" % b for b in cert[:6000])]


# After a failed verification: who is it that answers? A second handshake that verifies nothing and sends nothing.
def unverified(host, address, port):
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_SSLv23)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        sock = socket.create_connection((address, port), CONNECT)
        return session(handshake(context, sock, host))
    except Exception:
        return []


def tls_failure(error):
    verify = getattr(error, "verify_code", None)
    if verify is not None:
        return ["verify=%d" % verify, "text=" + str(getattr(error, "verify_message", ""))]
    if type(error).__name__ == "CertificateError" or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return ["verify=unknown", "text=" + str(error)]
    if isinstance(error, socket.timeout):
        return ["err=timeout"]
    if isinstance(error, getattr(ssl, "SSLEOFError", ())):
        return ["err=closed", "text=" + str(error)]
    if isinstance(error, ssl.SSLError):
        return ["err=tls", "text=" + str(error.reason or error)]
    return ["err=" + code(error), "text=" + str(error)]


def check_tls(tid, host, port, address, sock):
    start = now()
    try:
        fields = ["ok=1"] + session(handshake(ssl.create_default_context(), sock, host))
        fields.append(ms(start))
    except Exception as e:
        fields = tls_failure(e) + [ms(start)]
        if fields[0].startswith("verify="):
            sock.close()
            fields += unverified(host, address, port)
    emit("tls", tid, "addr=" + address, *fields)


def trust_store_limit():
    try:
        paths = ssl.get_default_verify_paths()
        if not paths.cafile and not (paths.capath and os.listdir(paths.capath)):
            emit("limit", "-", "code=no_trust_store")
    except Exception:
        pass
`;

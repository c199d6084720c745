/** The part of `programs/python3.ts` that holds one TLS session over a connection whose bytes it counts; for python 2 and early 3 by another way. */
export const PYTHON3_SESSION = `# TLS apart from its socket, so that what comes back can be counted (python 3.5 and newer).
class Session(object):
    def __init__(self, context, sock, host):
        self.sock, self.got = sock, 0
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=host.rstrip("."))

    # Does one step of the library's, with what it wants to send and to read.
    def run(self, step, end):
        while True:
            try:
                result = step()
                send_all(self.sock, self.outgoing.read(), end)
                return result
            except ssl.SSLWantReadError:
                send_all(self.sock, self.outgoing.read(), end)
                data = receive(self.sock, end)
                self.got += len(data)
                self.incoming.write(data)

    def shake(self, end):
        self.run(self.tls.do_handshake, end)

    # The alert that tells the peer why; nobody waits for it.
    def part(self):
        try:
            send_all(self.sock, self.outgoing.read(), now())
        except Exception:
            pass

    def shown(self):
        cert = self.tls.getpeercert(True)
        return ["version=" + str(self.tls.version() if hasattr(self.tls, "version") else ""), "cert=" + "".join("%02x" % b for b in bytearray(cert[:6000]))]


# The same where ssl has no MemoryBIO: it gets one end of a socket pair, and what passes there goes on by the connection.
class PairSession(object):
    def __init__(self, context, sock, host):
        self.sock, self.got, self.lost = sock, 0, None
        name, self.literal = host.rstrip("."), None
        near, self.far = socket.socketpair()
        if sys.version_info[0] < 3:
            near = socket.socket(_sock=near)
            if is_literal(host):
                # It knows names only.
                self.literal = context.verify_mode and host
                context.check_hostname, name = False, None
        near.setblocking(False)
        self.tls = context.wrap_socket(near, server_hostname=name, do_handshake_on_connect=False)
        background(self.carry)

    def carry(self):
        end = now() + DEADLINE
        try:
            while True:
                ready = select.select([self.sock, self.far], [], [])[0]
                if self.far in ready:
                    send_all(self.sock, receive(self.far, end), end)
                if self.sock in ready:
                    data = receive(self.sock, end)
                    self.got += len(data)
                    send_all(self.far, data, end)
        except Exception as e:
            self.lost = e
        self.far.close()

    def run(self, step, end):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                ready = select.select([self.tls], [], [], max(0, end - now()))[0]
            except ssl.SSLWantWriteError:
                ready = select.select([], [self.tls], [], max(0, end - now()))[1]
            except Exception as e:
                # Where the library only saw an end, the connection knows which.
                if self.lost and (not isinstance(e, ssl.SSLError) or "eof" in str(e).lower()):
                    raise self.lost
                raise
            if not ready:
                raise socket.timeout("timed out")

    def shake(self, end):
        self.run(self.tls.do_handshake, end)
        if self.literal and not any(same_address(v, self.literal) for k, v in self.tls.getpeercert().get("subjectAltName", ()) if k == "IP Address"):
            raise ssl.CertificateError("IP address doesn't match the certificate")

    def part(self):
        pass

    shown = Session.__dict__["shown"]


def same_address(one, other):
    try:
        return family(one) == family(other) and socket.inet_pton(family(one), one.strip()) == socket.inet_pton(family(other), other)
    except Exception:
        return False


def open_session(context, sock, host):
    return (Session if hasattr(ssl, "MemoryBIO") else PairSession)(context, sock, host)
`;

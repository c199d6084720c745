/** The part of `programs/python3.ts` that looks names up: through the C library as the application does, and by raw questions to the pod's name servers. */
export const PYTHON3_LOOKUP = `# Up to two addresses of each family first: those are the ones that are tried.
def in_order(addresses):
    six = [a for a in addresses if ":" in a]
    four = [a for a in addresses if ":" not in a]
    return four[:2] + six[:2] + four[2:] + six[2:]


def ask_library(tid, host, port, form):
    start, found = now(), []
    try:
        for info in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
            if info[4][0] not in found:
                found.append(info[4][0])
        found = in_order(found)
        emit("library", tid, "form=" + form, ms(start), *["addr=" + a for a in found[:16]])
    except socket.gaierror as e:
        emit("library", tid, "form=" + form, ms(start), "err=" + EAI.get(e.args[0], str(e.args[0])), "text=" + str(e.args[-1]))
    except Exception as e:
        emit("library", tid, "form=" + form, ms(start), "err=" + code(e), "text=" + str(e))
    return found


# The way the application asks; where that fails, the absolute name as the control (reported, never connected to: the
# application does not get that address).
def resolve(tid, host, port, found, answered):
    found.extend(ask_library(tid, host, port, "app"))
    answered.set()
    if not found:
        ask_library(tid, host + ".", port, "absolute")


def query(host, qtype):
    ident = os.urandom(2)
    labels = b"".join(struct.pack("B", len(l)) + l.encode("ascii") for l in host.split(".") if l)
    return ident + struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + labels + b"\\0" + struct.pack(">HH", qtype, 1)


def open_to(server, kind):
    sock = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, kind)
    sock.setblocking(False)
    rc = sock.connect_ex((server, 53))
    if rc not in (0, errno.EINPROGRESS):
        sock.close()
        raise OSError(rc, os.strerror(rc))
    return sock


# One server, one question over UDP, sent again half-way; returns the answer, or None when none came.
def ask_udp(server, packet, end):
    sock = open_to(server, socket.SOCK_DGRAM)
    try:
        for until in (now() + (end - now()) / 2, end):
            sock.send(packet)
            while select.select([sock], [], [], max(0, until - now()))[0]:
                answer = sock.recv(4096)
                if answer[:2] == packet[:2]:
                    return answer
        return None
    finally:
        sock.close()


def ask_tcp(server, packet, end):
    sock = open_to(server, socket.SOCK_STREAM)
    try:
        if not select.select([], [sock], [], max(0, end - now()))[1]:
            return None
        sock.send(struct.pack(">H", len(packet)) + packet)
        data = b""
        while len(data) < 2 or len(data) < 2 + struct.unpack(">H", data[:2])[0]:
            if not select.select([sock], [], [], max(0, end - now()))[0]:
                return None
            chunk = sock.recv(65536)
            if not chunk:
                return None
            data += chunk
        return data[2:]
    finally:
        sock.close()


def ask_servers(tid, host, servers, qtype, name):
    end = now() + LOOKUP * 0.95
    for i, server in enumerate(servers):
        start = now()
        try:
            packet = query(host, qtype)
            until = start + (end - start) / (len(servers) - i)
            answer = ask_udp(server, packet, until)
            if answer is not None and len(answer) > 3 and struct.unpack("B", answer[2:3])[0] & 2:
                answer = ask_tcp(server, packet, until) or answer
            if answer is not None:
                emit("dns", tid, "q=" + name, "server=" + server, ms(start), "hex=" + "".join("%02x" % b for b in answer[:4096]))
                return
            emit("dns", tid, "q=" + name, "server=" + server, ms(start), "err=timeout")
        except Exception as e:
            emit("dns", tid, "q=" + name, "server=" + server, ms(start), "err=" + code(e))


def lookup(tid, host, port, servers):
    start, found, answered = now(), [], threading.Event()
    threads = [background(resolve, tid, host, port, found, answered)]
    threads += [background(ask_servers, tid, host, servers, t, n) for t, n in ((1, "A"), (28, "AAAA"))]

    def finish():
        for thread in threads:
            thread.join(max(0, start + LOOKUP - now()))
        emit("looked", tid, ms(start))

    waiter = background(finish)
    answered.wait(LOOKUP)
    return list(found), waiter
`;

/**
 * The part of `programs/python3.ts` that looks names up: through the C library as the application does, and by raw questions to
 * the pod's name servers, all of a target in one loop, so that a container with a small limit of threads is not filled up.
 */
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


def query(name, qtype):
    labels = b"".join(struct.pack("B", len(l)) + l.encode("ascii") for l in name.split(".") if l)
    return os.urandom(2) + struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + labels + b"\\0" + struct.pack(">HH", qtype, 1)


def open_to(server, kind):
    sock = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, kind)
    sock.setblocking(False)
    rc = sock.connect_ex((server, 53))
    if rc not in (0, errno.EINPROGRESS):
        sock.close()
        raise OSError(rc, os.strerror(rc))
    return sock


# One question to one server: over UDP, and over TCP where that is silent or cut short.
class Ask(object):
    def __init__(self, tid, server, question):
        self.tid, self.server, self.question = tid, server, question
        name, self.label, qtype, self.suffix = question
        self.packet, self.data = query(name, qtype), b""
        self.socks, self.began = {}, {}
        self.connecting = self.settled = False
        self.begin("udp", socket.SOCK_DGRAM)
        self.send("udp", self.packet)

    def begin(self, via, kind):
        if via in self.began:
            return
        self.began[via] = now()
        try:
            self.socks[via] = open_to(self.server, kind)
            self.connecting = via == "tcp"
        except Exception as e:
            self.end(via, "err=" + code(e))

    def end(self, via, result=None):
        sock = self.socks.pop(via, None)
        if sock:
            sock.close()
        if result:
            suffix = ["suffix=" + self.suffix] if self.suffix else []
            emit("dns", self.tid, "q=" + self.label, "server=" + self.server, "via=" + via, ms(self.began[via]), *(suffix + [result]))

    def send(self, via, data):
        if via in self.socks:
            try:
                self.socks[via].send(data)
            except Exception as e:
                self.end(via, "err=" + code(e))

    # NOERROR or NXDOMAIN: no other server is asked.
    def answer(self, via, data):
        self.settled = struct.unpack("B", data[3:4])[0] & 15 in (0, 3)
        self.end(via, "hex=" + "".join("%02x" % b for b in bytearray(data[:4096])))

    # No answer so far: once more, and the names of the search list over UDP alone.
    def again(self):
        self.send("udp", self.packet)
        if "udp" in self.socks and not self.suffix:
            self.begin("tcp", socket.SOCK_STREAM)

    def read_udp(self):
        data = self.socks["udp"].recv(65535)
        if len(data) < 12 or data[:2] != self.packet[:2]:
            return
        self.answer("udp", data)
        if struct.unpack("B", data[2:3])[0] & 2:
            self.begin("tcp", socket.SOCK_STREAM)
        else:
            self.end("tcp")

    # UDP had its chance: it was asked before, and again at the time when TCP began.
    def read_tcp(self):
        chunk = self.socks["tcp"].recv(65536)
        self.data += chunk
        if not chunk:
            self.end("tcp", "err=closed")
        elif len(self.data) >= 14 and len(self.data) >= 2 + struct.unpack(">H", self.data[:2])[0]:
            self.answer("tcp", self.data[2:])
            if "udp" in self.socks:
                self.end("udp", "err=timeout")

    def write_tcp(self):
        self.connecting = False
        rc = self.socks["tcp"].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if rc:
            raise OSError(rc, os.strerror(rc))
        self.send("tcp", struct.pack(">H", len(self.packet)) + self.packet)

    def step(self, readable, writable):
        for via, ready, work in (("udp", readable, self.read_udp), ("tcp", writable, self.write_tcp), ("tcp", readable, self.read_tcp)):
            if via in self.socks and self.socks[via] in ready:
                try:
                    work()
                except Exception as e:
                    self.end(via, "err=" + code(e))


# end() may come nearer while this waits. Gives the questions that another server is to be asked.
def ask_server(tid, server, questions, end):
    if is_metadata(server):
        for _, label, _, suffix in questions[:2]:
            emit("dns", tid, "q=" + label, "server=" + server, "err=metadata")
        return questions
    asks = [Ask(tid, server, q) for q in questions]
    resend = now() + (end() - now()) / 3
    while True:
        waiting = [a for a in asks if a.socks]
        if not waiting:
            break
        if now() >= resend:
            resend = float("inf")
            for ask in waiting:
                ask.again()
        reading = [a.socks[v] for a in waiting for v in a.socks if v == "udp" or not a.connecting]
        writing = [a.socks["tcp"] for a in waiting if "tcp" in a.socks and a.connecting]
        left = min(end(), resend) - now()
        ready = select.select(reading, writing, [], max(0, min(0.25, left)))
        for ask in waiting:
            ask.step(ready[0], ready[1])
        if now() >= end() + (0.5 if ready[0] or ready[1] else 0):
            for ask in waiting:
                for via in list(ask.socks):
                    ask.end(via, "err=timeout")
    return [a.question for a in asks if not a.settled]


# The host's own name, and the names that the search list makes of it.
def questions_on(host, resolver):
    questions = [(host, "A", 1, None), (host, "AAAA", 28, None)]
    if host.count(".") < resolver["ndots"] and not host.endswith("."):
        for domain in resolver["search"][:6]:
            if domain.strip("."):
                questions.append((host + "." + domain, "A", 1, domain))
    return questions


# Server after server, until one answers; no longer than the connections take that go on meanwhile.
def ask_servers(tid, host, resolver, answered):
    begin, left, servers = now(), questions_on(host, resolver), resolver["servers"]

    def end():
        return min([begin + LOOKUP * 0.95] + [at + CONNECT for at in answered])

    for i, server in enumerate(servers):
        start = now()
        try:
            left = ask_server(tid, server, left, lambda: start + (end() - start) / (len(servers) - i))
        except Exception as e:
            emit("trouble", tid, "text=" + server + " " + str(e))
        if not left:
            return


# The way the application asks; where that fails, the absolute name as the control (reported, never connected to: the
# application does not get that address). The record of the lookup's end comes after all that is known of it.
def lookup(tid, host, port, resolver):
    start, found, answered, heard = now(), [], [], threading.Event()

    def ask():
        found.extend(ask_library(tid, host, port, "app"))
        answered.append(now())
        heard.set()
        if not found and not host.endswith("."):
            ask_library(tid, host + ".", port, "absolute")

    library = background(ask)

    def finish():
        ask_servers(tid, host, resolver, answered)
        library.join(max(0, start + LOOKUP - now()))
        emit("looked", tid, ms(start))

    waiter = background(finish)
    heard.wait(LOOKUP)
    return list(found), waiter
`;

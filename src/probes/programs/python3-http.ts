/** The part of `programs/python3.ts` that sends the one HEAD request, and asks the proxy of the environment for a way. */
export const PYTHON3_HTTP = `# The head of an answer, without those that only announce one (100, 103).
def read_head(read):
    data = b""
    while True:
        at = data.find(b"\\r\\n\\r\\n")
        if at >= 0 and data[9:10] == b"1" and data[9:12] != b"101":
            data = data[at + 4:]
        elif at >= 0 or len(data) > 32768:
            return data[:at if at >= 0 else None]
        else:
            data += read()


def said(head, names):
    lines = head.decode("latin-1").split("\\r\\n")
    words = lines[0].split(None, 2)
    if len(words) < 2 or not words[0].startswith("HTTP/"):
        return ["err=EPROTO", "text=no HTTP answer"]
    fields = ["status=" + words[1]]
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name.strip().lower() in names:
            fields.append(name.strip().lower() + "=" + value.strip())
    return fields


def authority(host, port):
    return ("[%s]:%d" if ":" in host else "%s:%d") % (host, port)


# Over the connection that stands already: session where it is TLS.
def request(tid, address, url, sock, session):
    host, port, path = url
    start = now()
    end = start + CONNECT
    usual = port == (443 if session else 80)
    place = authority(host, port)
    text = "HEAD %s HTTP/1.1\\r\\nHost: %s\\r\\nUser-Agent: k8s-egress-diagnose\\r\\nAccept: */*\\r\\nConnection: close\\r\\n\\r\\n" % (
        path, place.rsplit(":", 1)[0] if usual else place)
    try:
        if session:
            session.run(lambda: session.tls.write(text.encode("ascii")), end)
            head = read_head(lambda: session.run(lambda: session.tls.read(16384), end) or ended())
        else:
            send_all(sock, text.encode("ascii"), end)
            head = read_head(lambda: receive(sock, end))
        fields = said(head, ("location", "via", "server"))
    except Exception as e:
        closed = ssl and isinstance(e, (ssl.SSLZeroReturnError, ssl.SSLEOFError))
        fields = ["err=closed" if closed else why(e)]
    emit("http", tid, "addr=" + address, ms(start), *fields)


def ended():
    raise Closed("closed by the peer")


# The variable, and what of its value can be used: scheme, host, port. Everything before the last @ may be a password.
def proxy_of(tls):
    names = ("https_proxy", "HTTPS_PROXY") if tls else ("http_proxy", "HTTP_PROXY")
    for name in names + ("all_proxy", "ALL_PROXY"):
        value = os.environ.get(name, "")
        if not value:
            continue
        scheme = value.split("://", 1)[0].lower() if "://" in value else "http"
        place = value.split("://", 1)[-1].rsplit("@", 1)[-1].split("/", 1)[0]
        host, colon, port = place.rpartition(":")
        if not colon or place.endswith("]"):
            host, port = place, {"http": "80", "https": "443"}.get(scheme, "1080")
        host = host.strip("[]")
        plain = host and all(c.isalnum() or c in ".-_:" for c in host) and port.isdigit()
        return (name, scheme, host, int(port)) if plain and int(port) < 65536 else None
    return None


# One lookup for all targets.
PROXIES = {}


def resolve_proxies():
    for tls in (True, False):
        proxy = proxy_of(tls)
        if proxy and proxy[2] not in PROXIES:
            PROXIES[proxy[2]] = found = ([], threading.Event())
            background(resolve_proxy, proxy[2], found)


def resolve_proxy(host, found):
    try:
        infos = [(0, 0, 0, "", (host,))] if is_literal(host) else socket.getaddrinfo(host, None, 0, socket.SOCK_STREAM)
        found[0].extend(in_order([i[4][0] for i in infos])[:2])
    except Exception:
        pass
    found[1].set()


# A CONNECT without credentials, and nothing through the way that it opens.
def ask_proxy(tid, host, port, proxy):
    name, scheme, phost, pport = proxy
    about = ["name=" + name, "host=" + phost, "port=%d" % pport]
    found, known = PROXIES[phost]
    known.wait(LOOKUP)
    start = now()
    if scheme != "http":
        fields = ["err=scheme"]
    elif not found:
        fields = ["err=lookup"]
    else:
        fields = through(list(found), pport, authority(host, port))
    emit("proxy", tid, *(about + [ms(start)] + fields))


def through(addresses, port, place):
    end, fields = now() + CONNECT, []
    for i, address in enumerate(addresses):
        if is_metadata(address):
            fields = ["err=metadata"]
            continue
        try:
            sock = connect_one(address, port, now() + (end - now()) / (len(addresses) - i))
        except Exception as e:
            fields = [why(e)]
            continue
        try:
            send_all(sock, ("CONNECT %s HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n" % (place, place)).encode("ascii"), end)
            return said(read_head(lambda: receive(sock, end)), ("via",))
        except Exception as e:
            return [why(e)]
        finally:
            sock.close()
    return fields
`;

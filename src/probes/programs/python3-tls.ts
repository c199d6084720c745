/** The part of `programs/python3.ts` that shakes hands by TLS, counts what comes back, and tries a stalled handshake with small segments. */
export const PYTHON3_TLS = `# After a failed verification: who is it that answers? A second handshake that verifies nothing and sends nothing.
def unverified(host, address, port):
    end = now() + CONNECT
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_SSLv23)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        sock = connect_one(address, port, end)
        try:
            session = open_session(context, sock, host)
            session.shake(end)
            return session.shown()
        finally:
            sock.close()
    except Exception:
        return []


def tls_failure(error):
    verify = getattr(error, "verify_code", None)
    if verify is not None:
        return ["verify=%d" % verify, "text=" + str(getattr(error, "verify_message", ""))]
    if type(error).__name__ == "CertificateError" or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return ["verify=unknown", "text=" + str(error)]
    if isinstance(error, ssl.SSLError):
        return ["err=tls", "text=" + str(error.reason or error)]
    return [why(error), "text=" + str(error)]


# Gives the session where the peer is trusted.
def check_tls(tid, host, port, address, sock):
    start, session = now(), None
    try:
        session = open_session(ssl.create_default_context(), sock, host)
        session.shake(start + CONNECT)
        emit("tls", tid, "addr=" + address, "ok=1", ms(start), *session.shown())
        return session
    except Exception as e:
        fields = tls_failure(e) + [ms(start)]
        if session:
            session.part()
            fields.append("got=%d" % session.got)
    if fields[0].startswith("verify="):
        sock.close()
        fields += unverified(host, address, port)
    emit("tls", tid, "addr=" + address, *fields)
    if fields[0] in ("err=timeout", "err=ETIMEDOUT"):
        sock.close()
        small_segments(tid, host, port, address)
    return None


# Where large packets alone are lost, the certificate comes in small ones.
def small_segments(tid, host, port, address):
    end = now() + CONNECT
    try:
        sock = connect_one(address, port, end, 536)
        try:
            session = open_session(ssl.create_default_context(), sock, host)
            session.shake(end)
            fields = ["ok=1"]
        finally:
            sock.close()
    except Exception as e:
        fields = tls_failure(e)
    emit("segment", tid, "addr=" + address, "mss=536", *fields)


def trust_store_limit():
    try:
        paths = ssl.get_default_verify_paths()
        if not paths.cafile and not (paths.capath and os.listdir(paths.capath)):
            emit("limit", "-", "code=no_trust_store")
    except Exception:
        pass
`;

/** The part of `programs/node.ts` that connects to every address and shakes hands by TLS; no application data is sent here. */
import { METADATA_V4, METADATA_V6 } from './metadata-addresses.ts';

export const NODE_CONNECT = `// As the URL parser writes an address.
function spelled(address) {
  return new URL("http://[" + address.split("%")[0] + "]/").hostname.slice(1, -1);
}

const METADATA_V4 = "${METADATA_V4}".split(" ");
// Every IPv6 address that ends in an IPv4 one of them counts as well (mapped, NAT64).
const METADATA_V6 = "${METADATA_V6}".split(" ").map(spelled);
const METADATA_ENDS = METADATA_V4.map(address => spelled("::ffff:" + address).replace("::ffff", ""));

function isMetadata(address) {
  if (!address.includes(":")) return METADATA_V4.includes(address);
  return METADATA_V6.includes(spelled(address)) || METADATA_ENDS.some(end => spelled(address).endsWith(end));
}

// "first" takes the first connection that stands; the others are closed at once.
function connectAll(t, addresses, first) {
  let taken = false;
  return Promise.all(addresses.slice(0, 4).map(address => {
    emit("trying", t.id, "addr=" + address);
    if (isMetadata(address)) return emit("connect", t.id, "addr=" + address, "err=metadata");
    return open(address, t.port).then(({ socket, error, took }) => {
      emit("connect", t.id, "addr=" + address, took, error ? "err=" + error : "ok=1");
      if (error || taken) return socket.destroy();
      taken = true;
      return first(address, socket);
    });
  }));
}

// Gives the socket, and why it does not stand.
function open(address, port) {
  const start = now();
  const socket = net.connect({ host: address, port });
  return within(CONNECT, settle => {
    socket.on("error", error => settle(codeOf(error)));
    socket.on("connect", () => settle("ok"));
  }).then(async (result = "ETIMEDOUT") => {
    const took = ms(start);
    if (result === "ok") return { socket, took };
    socket.destroy();
    return { socket, took, error: await trueError(address, port, result, start + CONNECT) };
  });
}

function session(secure) {
  const cert = secure.getPeerCertificate();
  const fields = ["version=" + (secure.getProtocol() || "")];
  return cert && cert.raw ? fields.concat("cert=" + Buffer.from(cert.raw).slice(0, 6000).toString("hex")) : fields;
}

// Deno says only that the verification failed: the certificate's dates tell the rest.
function outOfDate(cert) {
  return RUNTIME === "deno" && (Date.parse(cert.valid_to) < Date.now() || Date.parse(cert.valid_from) > Date.now());
}

function verdict(error, cert) {
  const text = String((error && (error.code || error.message)) || error);
  if (/ALTNAME|HOSTNAME/.test(text)) return ["verify=wrong_name", "text=" + text];
  const expired = /EXPIRED|NOT_YET_VALID/.test(text) || outOfDate(cert);
  return [expired ? "verify=expired" : "verify=untrusted", "text=" + text];
}

// Bun before 1.4 takes an alert for a handshake, and does not compare an address with the certificate.
function judge(host, secure) {
  const cert = secure.getPeerCertificate();
  if (!cert || !cert.raw) return ["err=tls", "text=no certificate was shown"];
  const error = secure.authorized ? tls.checkServerIdentity(host, cert) : secure.authorizationError;
  return error ? verdict(error, cert) : ["ok=1"];
}

function tlsFailure(error, received) {
  const got = "got=" + received;
  if (!error) return ["err=timeout", got];
  const code = codeOf(error);
  if (/before secure TLS|socket hang up/.test(error.message) || code === "closed") return ["err=closed", got];
  if (code === "EPROTO" || code.includes("SSL")) return ["err=tls", "text=" + error.message, got];
  return ["err=" + code, "text=" + error.message, got];
}

// Verifies after the handshake, so that the certificate of one who is not trusted is seen too. Gives the channel of one who is.
function checkTls(t, address, socket) {
  const start = now();
  const options = { socket, host: t.host, rejectUnauthorized: false };
  if (!net.isIP(t.host)) options.servername = t.host;
  const secure = tls.connect(options);
  return within(CONNECT, settle => {
    secure.on("error", error => settle({ error }));
    secure.on("close", () => settle({ error: { code: "closed", message: "" } }));
    secure.on("secureConnect", () => settle({ secure }));
  }).then(result => {
    const shaken = result && result.secure;
    const fields = shaken ? judge(t.host, secure) : tlsFailure(result && result.error, socket.bytesRead);
    emit("tls", t.id, "addr=" + address, ms(start), ...fields, ...(shaken ? session(secure) : []));
    if (fields[0] === "ok=1") return secure;
    secure.destroy();
    socket.destroy();
  });
}
`;

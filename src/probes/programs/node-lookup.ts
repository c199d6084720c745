/** The part of `programs/node.ts` that looks names up: by getaddrinfo as `net.connect` does, and by raw questions to the pod's name servers. */
export const NODE_LOOKUP = `// Up to two addresses of each family first: those are the ones that are tried.
function inOrder(addresses) {
  const six = addresses.filter(a => a.includes(":"));
  const four = addresses.filter(a => !a.includes(":"));
  return four.slice(0, 2).concat(six.slice(0, 2), four.slice(2), six.slice(2));
}

// libuv's numbers, which keep apart what Node calls ENOTFOUND in both cases (Node 12 and older: only the name).
function libraryError(error) {
  const known = { "-3007": "EAI_NODATA", "-3008": "EAI_NONAME", "-3001": "EAI_AGAIN", "-3004": "EAI_FAIL" };
  return known[error.errno] || codeOf(error);
}

// net.connect asks with ADDRCONFIG: only for families of which this pod has an address.
function getaddrinfo(host) {
  pending++;
  return new Promise(resolve => {
    dns.lookup(host, { all: true, verbatim: true, hints: dns.ADDRCONFIG }, (error, found) => {
      pending--;
      resolve({ error, addresses: error ? [] : inOrder(Array.from(new Set(found.map(one => one.address)))) });
    });
  });
}

async function askLibrary(t, host, form) {
  const start = now();
  const { error, addresses } = await getaddrinfo(host);
  const fields = error ? ["err=" + libraryError(error), "text=" + error.message] : addresses.slice(0, 16).map(a => "addr=" + a);
  emit("library", t.id, "form=" + form, ms(start), ...fields);
  return addresses;
}

function question(host, type) {
  const parts = [Buffer.from([Math.random() * 256, Math.random() * 256, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])];
  for (const label of host.split(".").filter(Boolean)) parts.push(Buffer.from([label.length]), Buffer.from(label, "latin1"));
  return Buffer.concat(parts.concat(Buffer.from([0, 0, type, 0, 1])));
}

// Sent again half-way. Gives the reply, an error, or nothing.
function askUdp(server, packet, time) {
  const socket = dgram.createSocket(server.includes(":") ? "udp6" : "udp4");
  let again;
  return within(time, settle => {
    const fail = error => error && settle({ error: codeOf(error) });
    // A connected socket hears of a closed port; Node 10 has none.
    const send = () => (socket.connect ? socket.send(packet, fail) : socket.send(packet, 53, server, fail));
    const begin = () => {
      send();
      again = setTimeout(send, time / 2);
    };
    socket.on("error", fail);
    socket.on("message", reply => {
      if (reply.length > 3 && reply[0] === packet[0] && reply[1] === packet[1]) settle({ reply });
    });
    if (socket.connect) socket.connect(53, server, error => (error ? fail(error) : begin()));
    else begin();
  }).then(result => {
    clearTimeout(again);
    try { socket.close(); } catch (e) {}
    return result;
  });
}

function askTcp(server, packet, time) {
  const socket = net.connect({ host: server, port: 53 });
  let data = Buffer.alloc(0);
  return within(time, settle => {
    socket.on("error", error => settle({ error: codeOf(error) }));
    socket.on("close", () => settle({ error: "closed" }));
    socket.on("connect", () => socket.write(Buffer.concat([Buffer.from([0, packet.length]), packet])));
    socket.on("data", chunk => {
      data = Buffer.concat([data, chunk]);
      if (data.length > 1 && data.length >= 2 + data.readUInt16BE(0)) settle({ reply: data.slice(2, 2 + data.readUInt16BE(0)) });
    });
  }).then(result => {
    socket.destroy();
    return result;
  });
}

function tellReply(t, fields, start, result) {
  let outcome = "err=timeout";
  if (result) outcome = result.reply ? "hex=" + result.reply.slice(0, 4096).toString("hex") : "err=" + result.error;
  emit("dns", t.id, ...fields, ms(start), outcome);
  return Boolean(result && result.reply);
}

// One question: each server in turn until one answers, over UDP and, where that is silent or truncated, over TCP.
async function askServers(t, type, suffix) {
  const end = now() + LOOKUP * 0.95;
  for (let i = 0; i < SERVERS.length; i++) {
    const packet = question(suffix ? t.host + "." + suffix : t.host, type === "A" ? 1 : 28);
    const fields = ["q=" + type, "server=" + SERVERS[i]].concat(suffix ? ["suffix=" + suffix] : []);
    const share = Math.max(0, end - now()) / (SERVERS.length - i);
    const start = now();
    const udp = await askUdp(SERVERS[i], packet, share * 0.6);
    const answered = tellReply(t, fields.concat("via=udp"), start, udp);
    if (answered && !(udp.reply[2] & 2)) return;
    const again = now();
    const tcp = await askTcp(SERVERS[i], packet, Math.max(0, start + share - again));
    if (tellReply(t, fields.concat("via=tcp"), again, tcp) || answered) return;
  }
}

// Gives the addresses as soon as the application would have them. Where it gets none, the absolute name is the control:
// reported, never connected to.
async function lookup(t, work) {
  const start = now();
  const app = askLibrary(t, t.host, "app");
  const questions = [app.then(found => (found.length ? found : askLibrary(t, t.host + ".", "absolute")))];
  questions.push(askServers(t, "A"), askServers(t, "AAAA"));
  if (t.host.split(".").length - 1 < RESOLVER.ndots && !t.host.endsWith("."))
    for (const domain of RESOLVER.search.slice(0, 6)) questions.push(askServers(t, "A", domain));
  const all = within(LOOKUP, settle => Promise.all(questions).then(settle));
  work.push(all.then(() => emit("looked", t.id, ms(start))));
  return (await within(LOOKUP, settle => app.then(settle))) || [];
}
`;

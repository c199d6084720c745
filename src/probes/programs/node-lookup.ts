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

function query({ name, type }) {
  const parts = [Buffer.from([Math.random() * 256, Math.random() * 256, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])];
  for (const label of name.split(".").filter(Boolean)) parts.push(Buffer.from([label.length]), Buffer.from(label, "latin1"));
  return Buffer.concat(parts.concat(Buffer.from([0, 0, type === "A" ? 1 : 28, 0, 1])));
}

// Sent again after a third of the time. Gives the reply, an error, or nothing where none came or "stop" came first.
function askUdp(server, packet, time, stop) {
  const socket = dgram.createSocket(server.includes(":") ? "udp6" : "udp4");
  let again;
  return within(time, settle => {
    const fail = error => error && settle({ error: codeOf(error) });
    // A connected socket hears of a closed port; Node 10 has none.
    const send = () => (socket.connect ? socket.send(packet, fail) : socket.send(packet, 53, server, fail));
    const begin = () => {
      send();
      again = setTimeout(send, time / 3);
    };
    stop.then(() => settle());
    socket.on("error", fail);
    socket.on("message", reply => {
      if (reply.length > 11 && reply[0] === packet[0] && reply[1] === packet[1]) settle({ reply });
    });
    if (socket.connect) socket.connect(53, server, error => (error ? fail(error) : begin()));
    else begin();
  }).then(result => {
    clearTimeout(again);
    try { socket.close(); } catch (e) {}
    return result;
  });
}

function askTcp(server, packet, time, stop) {
  const socket = net.connect({ host: server, port: 53 });
  let data = Buffer.alloc(0);
  return within(time, settle => {
    stop.then(() => settle());
    socket.on("error", error => settle({ error: codeOf(error) }));
    socket.on("close", () => settle({ error: "closed" }));
    socket.on("connect", () => socket.write(Buffer.concat([Buffer.from([0, packet.length]), packet])));
    socket.on("data", chunk => {
      data = Buffer.concat([data, chunk]);
      if (data.length > 13 && data.length >= 2 + data.readUInt16BE(0)) settle({ reply: data.slice(2, 2 + data.readUInt16BE(0)) });
    });
  }).then(result => {
    socket.destroy();
    return result;
  });
}

// "whole": not cut short. "settled": with NOERROR or NXDOMAIN no other server is asked.
function tellReply(t, fields, start, result) {
  const reply = result && result.reply;
  const error = (result && result.error) || "timeout";
  emit("dns", t.id, ...fields, ms(start), reply ? "hex=" + reply.slice(0, 4096).toString("hex") : "err=" + error);
  if (!reply) return { error };
  return { whole: !(reply[2] & 2), settled: [0, 3].includes(reply[3] & 15) };
}

// One question to one server over UDP. Where that stays silent for a third of the time or is cut short, also over TCP, but for
// the names of the search list.
async function askServer(t, question, server, time) {
  const fields = ["q=" + question.type, "server=" + server].concat(question.suffix ? ["suffix=" + question.suffix] : []);
  if (isMetadata(server)) return tellReply(t, fields, now(), { error: "metadata" }).settled;
  const packet = query(question), start = now();
  let first, stop;
  const overTcp = new Promise(resolve => (stop = resolve));
  const udp = askUdp(server, packet, time, Promise.race([t.hurry, overTcp])).then(result => (first = tellReply(t, fields.concat("via=udp"), start, result)));
  await Promise.race([udp, after(time / 3)]);
  if (question.suffix || (first && (first.error || first.whole))) return (await udp).settled;
  const again = now();
  const answered = udp.then(told => (told.whole ? null : new Promise(() => {})));
  const tcp = await askTcp(server, packet, Math.max(0, start + time - again), Promise.race([t.hurry, answered]));
  if (!tcp && first && first.whole) return first.settled;
  const told = tellReply(t, fields.concat("via=tcp"), again, tcp);
  if (!told.error) stop();
  return told.settled || (await udp).settled;
}

// Each server in turn until one has settled it; no longer than the connections take that go on meanwhile.
async function askServers(t, question) {
  const end = now() + LOOKUP * 0.95;
  for (let i = 0; i < SERVERS.length && !t.hurried; i++)
    if (await askServer(t, question, SERVERS[i], Math.max(0, end - now()) / (SERVERS.length - i))) return;
}

// Gives the addresses as soon as the application would have them. Where it gets none, the absolute name is the control:
// reported, never connected to.
async function lookup(t, work) {
  const start = now();
  const app = askLibrary(t, t.host, "app");
  const absolute = found => found.length || t.host.endsWith(".") || askLibrary(t, t.host + ".", "absolute");
  t.hurry = app.then(() => after(CONNECT)).then(() => (t.hurried = true));
  const questions = [app.then(absolute), askServers(t, { name: t.host, type: "A" }), askServers(t, { name: t.host, type: "AAAA" })];
  if (t.host.split(".").length - 1 < RESOLVER.ndots && !t.host.endsWith("."))
    for (const suffix of RESOLVER.search.slice(0, 6)) questions.push(askServers(t, { name: t.host + "." + suffix, type: "A", suffix }));
  const all = within(LOOKUP, settle => Promise.all(questions).then(settle));
  work.push(all.then(() => emit("looked", t.id, ms(start))));
  return (await within(LOOKUP, settle => app.then(settle))) || [];
}
`;

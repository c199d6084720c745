/** The part of `programs/node.ts` that asks one HEAD over the connection that stands, and a CONNECT of the proxy that the environment names. */
export const NODE_HTTP = `const authority = (host, port) => (host.includes(":") ? "[" + host + "]" : host) + (port ? ":" + port : "");

// One request; gives the answer's head, up to 16 KB of it, or why there is none.
function ask(channel, request) {
  let text = "";
  return within(CONNECT, settle => {
    channel.on("error", error => settle({ error: codeOf(error) }));
    channel.on("end", () => settle({ error: "closed" }));
    channel.on("close", () => settle({ error: "closed" }));
    channel.on("data", chunk => {
      text += chunk.toString("latin1");
      if (/\\r?\\n\\r?\\n/.test(text) || text.length > 16384) settle({ text });
    });
    channel.write(request.concat("", "").join("\\r\\n"));
  }).then(result => result || { error: "timeout" });
}

function answer(result, names) {
  const [first, ...lines] = (result.text || "").split(/\\r?\\n\\r?\\n/)[0].split(/\\r?\\n/);
  const status = /^HTTP\\/1\\.[01] ([1-5]\\d\\d)\\b/.exec(first);
  if (!status) return ["err=" + (result.error || "EPROTO")];
  const fields = ["status=" + status[1]];
  for (const line of lines) {
    const at = line.indexOf(":");
    const name = line.slice(0, at).toLowerCase();
    if (at > 0 && names.includes(name)) fields.push(name + "=" + line.slice(at + 1).trim());
  }
  return fields;
}

async function head(t, address, channel) {
  const start = now();
  const host = authority(t.host, t.port === (t.tls ? 443 : 80) ? 0 : t.port);
  const result = await ask(channel, ["HEAD " + t.path + " HTTP/1.1", "Host: " + host, "Accept: */*", "Connection: close"]);
  emit("http", t.id, "addr=" + address, ms(start), ...answer(result, ["location", "via", "server"]));
}

// NO_PROXY as most clients read it: names and what ends in them, with or without a leading dot, and "*".
function isDirect(t) {
  const list = process.env.no_proxy || process.env.NO_PROXY || "";
  return list.toLowerCase().split(/[\\s,]+/).filter(Boolean).some(entry => {
    const [, name, port] = /^\\*?\\.?(.*?)(?::(\\d+))?$/.exec(entry);
    if (port && Number(port) !== t.port) return false;
    return entry === "*" || t.host.toLowerCase() === name || t.host.toLowerCase().endsWith("." + name);
  });
}

function proxyOf(t) {
  const first = t.tls ? "https_proxy" : "http_proxy";
  const name = [first, first.toUpperCase(), "all_proxy", "ALL_PROXY"].find(one => process.env[one]);
  if (!name || isDirect(t)) return null;
  const value = process.env[name];
  try {
    const url = new URL(value.includes("://") ? value : "http://" + value);
    const host = url.hostname.replace(/^\\[|\\]$/g, "");
    return { name, host, port: Number(url.port) || (url.protocol === "http:" ? 80 : 1080), plain: url.protocol === "http:" };
  } catch (e) {
    return null;
  }
}

async function tunnel(t, proxy) {
  if (!proxy.plain) return ["err=scheme"];
  const { addresses } = (await within(LOOKUP, settle => getaddrinfo(proxy.host).then(settle))) || { addresses: [] };
  if (!addresses.length) return ["err=lookup"];
  if (isMetadata(addresses[0])) return ["err=metadata"];
  const { socket, error } = await open(addresses[0], proxy.port);
  if (error) return ["err=" + error];
  const to = authority(t.host, t.port);
  const result = await ask(socket, ["CONNECT " + to + " HTTP/1.1", "Host: " + to]);
  socket.destroy();
  return answer(result, ["via"]);
}

async function checkProxy(t) {
  const proxy = proxyOf(t);
  if (!proxy) return;
  const start = now();
  const fields = await tunnel(t, proxy);
  emit("proxy", t.id, "name=" + proxy.name, "host=" + proxy.host, "port=" + proxy.port, ms(start), ...fields);
}
`;

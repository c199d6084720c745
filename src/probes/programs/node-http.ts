/** The part of `programs/node.ts` that asks one HEAD over the connection that stands, and a CONNECT of the proxy that the environment names. */
export const NODE_HTTP = `const authority = (host, port) => (host.includes(":") ? "[" + host + "]" : host) + (port ? ":" + port : "");

// One request; gives the answer's head, without those that only announce one (100, 103), or why there is none.
function ask(channel, request) {
  let text = "";
  return within(CONNECT, settle => {
    channel.on("error", error => settle({ error: codeOf(error) }));
    channel.on("end", () => settle({ error: "closed" }));
    channel.on("close", () => settle({ error: "closed" }));
    channel.on("data", chunk => {
      text = (text + chunk.toString("latin1")).replace(/^(HTTP\\/1\\.[01] 1(?!01)[^]*?\\r?\\n\\r?\\n)+/, "");
      if (/\\r?\\n\\r?\\n/.test(text) || text.length > 32768) settle({ text });
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
  const lines = ["HEAD " + t.path + " HTTP/1.1", "Host: " + host, "User-Agent: k8s-egress-diagnose", "Accept: */*", "Connection: close"];
  const result = await ask(channel, lines);
  emit("http", t.id, "addr=" + address, ms(start), ...answer(result, ["location", "via", "server"]));
}

// The variable, and what of its value can be used. Everything before the last @ may be a password.
function proxyOf(secure) {
  const first = secure ? "https_proxy" : "http_proxy";
  const name = [first, first.toUpperCase(), "all_proxy", "ALL_PROXY"].find(one => process.env[one]);
  const parts = /^(?:([^:\\/]*):\\/\\/)?(?:.*@)?(\\[[0-9a-f:.]+\\]|[\\w.-]+)(?::(\\d{1,5}))?(?:\\/|$)/i.exec(name ? process.env[name] : "");
  if (!parts) return null;
  const scheme = (parts[1] || "http").toLowerCase();
  const port = Number(parts[3] || { http: 80, https: 443 }[scheme] || 1080);
  return { name, scheme, host: parts[2].replace(/^\\[|\\]$/g, ""), port };
}

// One look-up for all targets; two of its addresses are tried.
const PROXIES = new Map();

function proxyAddresses(host) {
  if (!PROXIES.has(host)) PROXIES.set(host, within(LOOKUP, settle => getaddrinfo(host).then(settle)));
  return PROXIES.get(host).then(found => (found ? found.addresses.slice(0, 2) : []));
}

// A CONNECT without credentials, and nothing through the way that it opens.
async function tunnel(t, proxy) {
  let fields = ["err=lookup"];
  for (const address of await proxyAddresses(proxy.host)) {
    if (isMetadata(address)) fields = ["err=metadata"];
    if (isMetadata(address)) continue;
    const { socket, error } = await open(address, proxy.port);
    fields = ["err=" + error];
    if (error) continue;
    const to = authority(t.host, t.port);
    const result = await ask(socket, ["CONNECT " + to + " HTTP/1.1", "Host: " + to]);
    socket.destroy();
    return answer(result, ["via"]);
  }
  return fields;
}

async function askProxy(t, proxy) {
  const start = now();
  const fields = proxy.scheme === "http" ? await tunnel(t, proxy) : ["err=scheme"];
  emit("proxy", t.id, "name=" + proxy.name, "host=" + proxy.host, "port=" + proxy.port, ms(start), ...fields);
}
`;

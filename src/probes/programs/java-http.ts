/** The part of `programs/java.ts` that asks one HEAD over the connection that stands, and a CONNECT of the proxy that the environment names. */
export const JAVA_HTTP = String.raw`  static String authority(String host, int port) {
    return (host.contains(":") ? "[" + host + "]" : host) + (port > 0 ? ":" + port : "");
  }

  // One request; gives the answer's head, without those that only announce one (100, 103), or why there is none.
  static String ask(Socket socket, StringBuilder why, String... request) {
    StringBuilder text = new StringBuilder();
    Alarm alarm = new Alarm(socket, connect);
    try {
      OutputStream to = socket.getOutputStream();
      to.write((String.join("\r\n", request) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
      to.flush();
      InputStream in = socket.getInputStream();
      int one = in.read();
      for (; one >= 0 && text.length() < 32768; one = in.read()) {
        text.append((char) one);
        if (one != '\n' || !Pattern.compile("\r?\n\r?\n$").matcher(text).find()) continue;
        if (!Pattern.compile("^HTTP/1\\.[01] 1(?!01)").matcher(text).find()) return text.toString();
        text.setLength(0);
      }
      why.append("closed");
    } catch (IOException e) {
      why.append(alarm.rang ? "timeout" : e instanceof SSLException ? "tls" : errno(e));
    } finally {
      alarm.stop();
    }
    return text.toString();
  }

  static List<String> answer(String text, StringBuilder why, String... names) {
    String[] lines = text.split("\r?\n");
    Matcher status = Pattern.compile("^HTTP/1\\.[01] ([1-5]\\d\\d)\\b").matcher(lines[0]);
    if (!status.find()) return List.of("err=" + (why.length() > 0 ? why : "EPROTO"));
    List<String> fields = new ArrayList<>(List.of("status=" + status.group(1)));
    for (String line : lines) {
      int at = line.indexOf(':');
      String name = at > 0 ? line.substring(0, at).toLowerCase(Locale.ROOT) : "";
      if (Arrays.asList(names).contains(name)) fields.add(name + "=" + line.substring(at + 1).trim());
    }
    return fields;
  }

  static void head(Target t, String address, Socket channel) {
    long start = now();
    StringBuilder why = new StringBuilder();
    String host = authority(t.host, t.port == (t.tls ? 443 : 80) ? 0 : t.port);
    String text = ask(channel, why, "HEAD " + t.path + " HTTP/1.1", "Host: " + host,
        "User-Agent: k8s-egress-diagnose", "Accept: */*", "Connection: close");
    emit("http", t.id, with(answer(text, why, "location", "via", "server"), "addr=" + address, ms(start)));
  }

  static final class Proxy {
    String name, scheme, host;
    int port;
  }

  // The variable, and what of its value can be used. Everything before the last @ may be a password.
  static Proxy proxyOf(boolean tls) {
    String first = tls ? "https_proxy" : "http_proxy";
    for (String name : new String[] {first, first.toUpperCase(Locale.ROOT), "all_proxy", "ALL_PROXY"}) {
      if (!proxies.containsKey(name)) continue;
      Matcher parts = Pattern.compile("^(?:([^:/]*)://)?(?:.*@)?(\\[[0-9a-fA-F:.]+\\]|[\\w.-]+)(?::(\\d{1,5}))?(?:/|$)").matcher(proxies.get(name));
      if (!parts.find()) return null;
      Proxy proxy = new Proxy();
      proxy.name = name;
      proxy.scheme = parts.group(1) == null ? "http" : parts.group(1).toLowerCase(Locale.ROOT);
      proxy.host = parts.group(2).replaceAll("[\\[\\]]", "");
      int usual = proxy.scheme.equals("http") ? 80 : proxy.scheme.equals("https") ? 443 : 1080;
      proxy.port = parts.group(3) == null ? usual : Integer.parseInt(parts.group(3));
      return proxy;
    }
    return null;
  }

  // One look-up for all targets; two of its addresses are tried.
  static final Map<String, CompletableFuture<List<String>>> PROXY_ADDRESSES = new ConcurrentHashMap<>();

  static List<String> proxyAddresses(Target t, String host) throws Exception {
    CompletableFuture<List<String>> found = PROXY_ADDRESSES.computeIfAbsent(host, one -> {
      CompletableFuture<List<String>> future = new CompletableFuture<>();
      start(t, () -> {
        try {
          future.complete(getaddrinfo(one));
        } catch (UnknownHostException e) {
          future.complete(List.of());
        }
      });
      return future;
    });
    try {
      return found.get(lookup, TimeUnit.MILLISECONDS).stream().limit(2).collect(Collectors.toList());
    } catch (TimeoutException e) {
      return List.of();
    }
  }

  // A CONNECT without credentials, and nothing through the way that it opens.
  static List<String> tunnel(Target t, Proxy proxy) throws Exception {
    List<String> fields = List.of("err=lookup");
    for (String address : proxyAddresses(t, proxy.host)) {
      if (isMetadata(address)) {
        fields = List.of("err=metadata");
        continue;
      }
      StringBuilder why = new StringBuilder();
      Socket socket = open(address, proxy.port, why);
      fields = List.of("err=" + why);
      if (socket == null) continue;
      String to = authority(t.host, t.port);
      String text = ask(socket, why, "CONNECT " + to + " HTTP/1.1", "Host: " + to);
      quietly(socket);
      return answer(text, why, "via");
    }
    return fields;
  }

  static void askProxy(Target t, Proxy proxy) throws Exception {
    long start = now();
    List<String> fields = proxy.scheme.equals("http") ? tunnel(t, proxy) : List.of("err=scheme");
    emit("proxy", t.id, with(fields, "name=" + proxy.name, "host=" + proxy.host, "port=" + proxy.port, ms(start)));
  }
`;

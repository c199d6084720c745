/** The part of `programs/java.ts` that asks one HEAD over the connection that stands, and a CONNECT of the proxy that the environment names. */
export const JAVA_HTTP = String.raw`  static String authority(String host, int port) {
    return (host.contains(":") ? "[" + host + "]" : host) + (port > 0 ? ":" + port : "");
  }

  // One request; gives the answer's head, up to 16 KB of it, or why there is none.
  static String ask(Socket socket, StringBuilder why, String... request) {
    StringBuilder text = new StringBuilder();
    Alarm alarm = new Alarm(socket, connect);
    try {
      OutputStream to = socket.getOutputStream();
      to.write((String.join("\r\n", request) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
      to.flush();
      InputStream in = socket.getInputStream();
      int one = in.read();
      for (; one >= 0 && text.length() < 16384; one = in.read()) {
        text.append((char) one);
        if (one == '\n' && text.toString().matches("(?s).*\r?\n\r?\n")) return text.toString();
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
    String text = ask(channel, why, "HEAD " + t.path + " HTTP/1.1", "Host: " + host, "Accept: */*", "Connection: close");
    emit("http", t.id, with(answer(text, why, "location", "via", "server"), "addr=" + address, ms(start)));
  }

  // NO_PROXY as most clients read it: names and what ends in them, with or without a leading dot, and "*".
  static boolean isDirect(Target t) {
    String list = proxies.getOrDefault("no_proxy", proxies.getOrDefault("NO_PROXY", "")).toLowerCase(Locale.ROOT);
    String host = t.host.toLowerCase(Locale.ROOT);
    for (String entry : list.split("[\\s,]+")) {
      Matcher parts = Pattern.compile("^\\*?\\.?(.*?)(?::(\\d{1,5}))?$").matcher(entry);
      if (entry.isEmpty() || !parts.find()) continue;
      if (parts.group(2) != null && Integer.parseInt(parts.group(2)) != t.port) continue;
      if (entry.equals("*") || host.equals(parts.group(1)) || host.endsWith("." + parts.group(1))) return true;
    }
    return false;
  }

  static List<String> tunnel(Target t, URI proxy, String host, int port) throws Exception {
    if (!proxy.getScheme().equalsIgnoreCase("http")) return List.of("err=scheme");
    ExecutorService asking = Executors.newSingleThreadExecutor(work -> {
      Thread thread = new Thread(work);
      thread.setDaemon(true);
      return thread;
    });
    List<String> addresses;
    try {
      addresses = asking.submit(() -> getaddrinfo(host)).get(lookup, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return List.of("err=lookup");
    }
    if (isMetadata(addresses.get(0))) return List.of("err=metadata");
    StringBuilder why = new StringBuilder();
    Socket socket = open(addresses.get(0), port, why);
    if (socket == null) return List.of("err=" + why);
    String to = authority(t.host, t.port);
    String text = ask(socket, why, "CONNECT " + to + " HTTP/1.1", "Host: " + to);
    quietly(socket);
    return answer(text, why, "via");
  }

  static void checkProxy(Target t) throws Exception {
    String first = t.tls ? "https_proxy" : "http_proxy";
    String name = null;
    for (String one : new String[] {"ALL_PROXY", "all_proxy", first.toUpperCase(Locale.ROOT), first}) if (proxies.containsKey(one)) name = one;
    if (name == null || isDirect(t)) return;
    // Without the credentials, which may hold what no URI may.
    String value = proxies.get(name).replaceFirst("^(.*?://)?.*@", "$1");
    URI proxy;
    try {
      proxy = new URI(value.contains("://") ? value : "http://" + value);
    } catch (URISyntaxException e) {
      return;
    }
    if (proxy.getHost() == null) return;
    long start = now();
    String host = proxy.getHost().replaceAll("[\\[\\]]", "");
    int port = proxy.getPort() > 0 ? proxy.getPort() : proxy.getScheme().equalsIgnoreCase("http") ? 80 : 1080;
    List<String> fields = tunnel(t, proxy, host, port);
    emit("proxy", t.id, with(fields, "name=" + name, "host=" + host, "port=" + port, ms(start)));
  }
`;

/** The part of `programs/java.ts` that looks names up: by InetAddress, which asks the C library, and by raw questions to the pod's name servers. */
export const JAVA_LOOKUP = String.raw`  // As the C libraries say it: glibc, then musl.
  static final String[][] LIBRARY_ERRORS = {
    {"Name or service not known", "EAI_NONAME"}, {"Name does not resolve", "EAI_NONAME"},
    {"No address associated", "EAI_NODATA"}, {"Name has no usable address", "EAI_NODATA"},
    {"Temporary failure", "EAI_AGAIN"}, {"Try again", "EAI_AGAIN"},
    {"Non-recoverable", "EAI_FAIL"}, {"Unrecoverable", "EAI_FAIL"},
  };

  static String libraryError(String text) {
    for (String[] known : LIBRARY_ERRORS) if (text.contains(known[0])) return known[1];
    return "failed";
  }

  // Up to two addresses of each family first: those are the ones that are tried.
  static List<String> inOrder(List<String> addresses) {
    List<String> first = new ArrayList<>(), later = new ArrayList<>();
    for (boolean six : new boolean[] {false, true}) {
      List<String> family = addresses.stream().filter(a -> a.contains(":") == six).collect(Collectors.toList());
      first.addAll(family.subList(0, Math.min(2, family.size())));
      later.addAll(family.subList(Math.min(2, family.size()), family.size()));
    }
    first.addAll(later);
    return first;
  }

  // Java writes no "::".
  static String written(InetAddress address) {
    String text = address.getHostAddress();
    return text.contains(":") ? text.replaceFirst("(^|:)(0(:|$|(?=%))){2,}", "::") : text;
  }

  static List<String> getaddrinfo(String host) throws UnknownHostException {
    return inOrder(Arrays.stream(InetAddress.getAllByName(host)).map(Probe::written).distinct().collect(Collectors.toList()));
  }

  static List<String> askLibrary(Target t, String host, String form) {
    long start = now();
    try {
      List<String> found = getaddrinfo(host);
      List<String> fields = found.stream().limit(16).map(address -> "addr=" + address).collect(Collectors.toList());
      emit("library", t.id, with(fields, "form=" + form, ms(start)));
      return found;
    } catch (UnknownHostException e) {
      String text = String.valueOf(e.getMessage());
      emit("library", t.id, "form=" + form, ms(start), "err=" + libraryError(text), "text=" + text);
      return List.of();
    }
  }

  static byte[] question(String host, int type) throws IOException {
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(packet);
    data.writeShort(ThreadLocalRandom.current().nextInt(65536));
    for (int word : new int[] {0x0100, 1, 0, 0, 0}) data.writeShort(word);
    for (String label : host.split("\\.")) {
      if (label.isEmpty()) continue;
      data.writeByte(label.length());
      data.writeBytes(label);
    }
    data.writeByte(0);
    data.writeShort(type);
    data.writeShort(1);
    return packet.toByteArray();
  }

  // Sent again half-way; gives nothing when the time is over.
  static byte[] askUdp(InetAddress server, byte[] packet, long until) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(server, 53);
      for (long end : new long[] {now() + (until - now()) / 2, until}) {
        socket.send(new DatagramPacket(packet, packet.length));
        while (now() < end) {
          DatagramPacket reply = new DatagramPacket(new byte[4096], 4096);
          socket.setSoTimeout((int) Math.max(1, end - now()));
          try {
            socket.receive(reply);
          } catch (SocketTimeoutException e) {
            break;
          }
          byte[] data = Arrays.copyOf(reply.getData(), reply.getLength());
          if (data.length > 3 && data[0] == packet[0] && data[1] == packet[1]) return data;
        }
      }
      return null;
    }
  }

  static byte[] askTcp(InetAddress server, byte[] packet, long until) throws IOException {
    try (Socket socket = new Socket()) {
      new Alarm(socket, until - now());
      socket.connect(new InetSocketAddress(server, 53), (int) Math.max(1, until - now()));
      DataOutputStream data = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
      data.writeShort(packet.length);
      data.write(packet);
      data.flush();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] reply = new byte[in.readUnsignedShort()];
      in.readFully(reply);
      return reply;
    }
  }

  static boolean tellReply(Target t, List<String> fields, long start, String outcome) {
    emit("dns", t.id, with(fields, ms(start), outcome));
    return outcome.startsWith("hex=");
  }

  static String hex(byte[] bytes, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.length && i < most; i++) text.append(String.format("%02x", bytes[i]));
    return text.toString();
  }

  static String asked(boolean tcp, String server, byte[] packet, long until) {
    try {
      InetAddress address = InetAddress.getByName(server);
      byte[] reply = tcp ? askTcp(address, packet, until) : askUdp(address, packet, until);
      return reply == null ? "err=timeout" : "hex=" + hex(reply, 4096);
    } catch (SocketTimeoutException e) {
      return "err=timeout";
    } catch (IOException e) {
      if (now() >= until) return "err=timeout";
      return "err=" + (e instanceof EOFException ? "closed" : errno(e));
    }
  }

  // One question: each server in turn until one answers, over UDP and, where that is silent or truncated, over TCP.
  static void askServers(Target t, String type, String suffix) throws Exception {
    long end = now() + lookup * 95 / 100;
    List<String> all = servers.subList(0, Math.min(3, servers.size()));
    for (int i = 0; i < all.size(); i++) {
      byte[] packet = question(suffix.isEmpty() ? t.host : t.host + "." + suffix, type.equals("A") ? 1 : 28);
      List<String> fields = new ArrayList<>(List.of("q=" + type, "server=" + all.get(i)));
      if (!suffix.isEmpty()) fields.add("suffix=" + suffix);
      long start = now(), share = Math.max(0, end - start) / (all.size() - i);
      String udp = asked(false, all.get(i), packet, start + share * 6 / 10);
      boolean answered = tellReply(t, Arrays.asList(with(fields, "via=udp")), start, udp);
      if (answered && (Integer.parseInt(udp.substring(8, 10), 16) & 2) == 0) return;
      long again = now();
      String tcp = asked(true, all.get(i), packet, start + share);
      if (tellReply(t, Arrays.asList(with(fields, "via=tcp")), again, tcp) || answered) return;
    }
  }

  // Gives the addresses as soon as the application would have them. Where it gets none, the absolute name is the control:
  // reported, never connected to.
  static List<String> lookUp(Target t, List<Thread> work) throws Exception {
    long begun = now();
    CompletableFuture<List<String>> found = new CompletableFuture<>();
    List<Thread> questions = new ArrayList<>();
    questions.add(start(t, () -> {
      found.complete(askLibrary(t, t.host, "app"));
      if (found.get().isEmpty()) askLibrary(t, t.host + ".", "absolute");
    }));
    for (String type : new String[] {"A", "AAAA"}) questions.add(start(t, () -> askServers(t, type, "")));
    if (t.host.chars().filter(c -> c == '.').count() < ndots && !t.host.endsWith("."))
      for (String domain : search.subList(0, Math.min(6, search.size()))) questions.add(start(t, () -> askServers(t, "A", domain)));
    work.add(start(t, () -> {
      join(questions, begun + lookup);
      emit("looked", t.id, ms(begun));
    }));
    try {
      return found.get(lookup, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return List.of();
    }
  }
`;

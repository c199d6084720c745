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

  static byte[] query(String host, int type) throws IOException {
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

  // Sent again after a third of the time; gives nothing when the time is over.
  static byte[] askUdp(DatagramSocket socket, byte[] packet, long until) throws IOException {
    for (long end : new long[] {now() + (until - now()) / 3, until}) {
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
        if (data.length > 11 && data[0] == packet[0] && data[1] == packet[1]) return data;
      }
    }
    return null;
  }

  static byte[] askTcp(Socket socket, InetAddress server, byte[] packet) throws IOException {
    socket.connect(new InetSocketAddress(server, 53));
    DataOutputStream data = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    data.writeShort(packet.length);
    data.write(packet);
    data.flush();
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] reply = new byte[in.readUnsignedShort()];
    in.readFully(reply);
    return reply;
  }

  static String hex(byte[] bytes, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.length && i < most; i++) text.append(String.format("%02x", bytes[i]));
    return text.toString();
  }

  // One question to one server: a socket is closed when the time is over, when the connections are done, or when it is not waited for.
  static final class Question {
    final Target t;
    final InetAddress server;
    final List<String> fields;
    final byte[] packet;
    final long start = now(), until;
    final DatagramSocket udp = new DatagramSocket();
    final Socket tcp = new Socket();

    Question(Target t, String server, List<String> fields, byte[] packet, long until) throws IOException {
      this.t = t;
      this.server = InetAddress.getByName(server);
      this.fields = fields;
      this.packet = packet;
      this.until = until;
      t.asking.addAll(List.of(udp, tcp));
      new Alarm(tcp, until - now());
      udp.connect(this.server, 53);
    }

    // Gives nothing where the answer over the other way ended it.
    String ask(boolean overTcp) {
      try {
        byte[] reply = overTcp ? askTcp(tcp, server, packet) : askUdp(udp, packet, until);
        return reply == null ? "err=timeout" : "hex=" + hex(reply, 4096);
      } catch (IOException e) {
        if (tcp.isClosed() && overTcp || udp.isClosed() || now() >= until) return "err=timeout";
        return "err=" + (e instanceof EOFException ? "closed" : errno(e));
      }
    }

    void tell(String via, long begun, String outcome) {
      emit("dns", t.id, with(fields, "via=" + via, ms(begun), outcome));
    }

    void end() {
      udp.close();
      quietly(tcp);
      t.asking.removeAll(List.of(udp, tcp));
    }
  }

  static boolean isAnswer(String outcome) {
    return outcome != null && outcome.startsWith("hex=");
  }

  static boolean isWhole(String outcome) {
    return isAnswer(outcome) && (Integer.parseInt(outcome.substring(8, 10), 16) & 2) == 0;
  }

  // After NOERROR and NXDOMAIN no other server is asked.
  static boolean settles(String outcome) {
    return isAnswer(outcome) && "03".indexOf(outcome.charAt(11)) >= 0;
  }

  static String within(CompletableFuture<String> future, long time) throws Exception {
    try {
      return future.get(Math.max(1, time), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return null;
    }
  }

  // Over UDP. Where that stays silent for a third of the time or is cut short, also over TCP, but for the names of the search list.
  static boolean askServer(Question question, boolean suffixed) throws Exception {
    CompletableFuture<String> udp = new CompletableFuture<>();
    start(question.t, () -> {
      String outcome = question.ask(false);
      question.tell("udp", question.start, outcome);
      udp.complete(outcome);
      if (isWhole(outcome)) quietly(question.tcp);
    });
    String early = within(udp, suffixed ? question.until - now() + 1000 : (question.until - question.start) / 3);
    if (suffixed || early != null && (isWhole(early) || !isAnswer(early))) return settles(early);
    long again = now();
    String tcp = question.ask(true);
    if (udp.isDone() && isWhole(udp.get())) return settles(udp.get());
    question.tell("tcp", again, tcp);
    if (isAnswer(tcp)) question.udp.close();
    return settles(tcp) || settles(within(udp, question.until - now() + 1000));
  }

  // Each server in turn until one has settled it; no longer than the connections take that go on meanwhile.
  static void askServers(Target t, String type, String suffix, long end) throws Exception {
    List<String> all = servers.subList(0, Math.min(3, servers.size()));
    for (int i = 0; i < all.size() && !t.hurried; i++) {
      List<String> fields = new ArrayList<>(List.of("q=" + type, "server=" + all.get(i)));
      if (!suffix.isEmpty()) fields.add("suffix=" + suffix);
      if (isMetadata(all.get(i))) {
        emit("dns", t.id, with(fields, "err=metadata"));
        continue;
      }
      byte[] packet = query(suffix.isEmpty() ? t.host : t.host + "." + suffix, type.equals("A") ? 1 : 28);
      Question question = new Question(t, all.get(i), fields, packet, now() + Math.max(0, end - now()) / (all.size() - i));
      try {
        if (askServer(question, !suffix.isEmpty())) return;
      } finally {
        question.end();
      }
    }
  }

  static void askAsApplication(Target t, CompletableFuture<List<String>> found) {
    found.complete(askLibrary(t, t.host, "app"));
    timer.schedule(() -> {
      t.hurried = true;
      t.asking.forEach(Probe::quietly);
    }, connect, TimeUnit.MILLISECONDS);
    // The control: reported, never connected to.
    if (found.join().isEmpty() && !t.host.endsWith(".")) askLibrary(t, t.host + ".", "absolute");
  }

  // Gives the addresses as soon as the application would have them.
  static List<String> lookUp(Target t, List<Thread> work) throws Exception {
    long begun = now(), end = begun + lookup * 92 / 100;
    CompletableFuture<List<String>> found = new CompletableFuture<>();
    List<Thread> questions = new ArrayList<>();
    questions.add(start(t, () -> askAsApplication(t, found)));
    for (String type : new String[] {"A", "AAAA"}) questions.add(start(t, () -> askServers(t, type, "", end)));
    if (t.host.chars().filter(c -> c == '.').count() < ndots && !t.host.endsWith("."))
      for (String domain : search.subList(0, Math.min(6, search.size()))) questions.add(start(t, () -> askServers(t, "A", domain, end)));
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

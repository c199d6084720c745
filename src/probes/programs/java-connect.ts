/** The part of `programs/java.ts` that connects to every address and shakes hands by TLS; no application data is sent here. */
import { METADATA_V4, METADATA_V6 } from './metadata-addresses.ts';

export const JAVA_CONNECT = String.raw`  static final String METADATA = "${METADATA_V4} ${METADATA_V6}";

  // Every IPv6 address that ends in an IPv4 one of them counts as well (mapped, NAT64).
  static boolean isMetadata(String address) throws UnknownHostException {
    byte[] packed = InetAddress.getByName(address.split("%")[0]).getAddress();
    for (String one : METADATA.split(" ")) {
      byte[] end = InetAddress.getByName(one).getAddress();
      if (packed.length >= end.length && Arrays.equals(Arrays.copyOfRange(packed, packed.length - end.length, packed.length), end)) return true;
    }
    return false;
  }

  // Java has the C library's words instead of errno.
  static final String[][] ERRORS = {
    {"refused", "ECONNREFUSED"}, {"reset", "ECONNRESET"}, {"unreachable|Unreachable", "ENETUNREACH"}, {"timed out", "ETIMEDOUT"},
    {"not permitted", "EPERM"}, {"Permission denied", "EACCES"}, {"Cannot assign", "EADDRNOTAVAIL"}, {"Invalid argument", "EINVAL"},
    {"not supported", "EAFNOSUPPORT"}, {"Broken pipe", "EPIPE"}, {"closed", "closed"},
  };

  static String errno(IOException e) {
    String text = String.valueOf(e.getMessage());
    if (e instanceof NoRouteToHostException) return "EHOSTUNREACH";
    if (e instanceof PortUnreachableException) return "ECONNREFUSED";
    for (String[] known : ERRORS) if (Pattern.compile(known[0]).matcher(text).find()) return known[1];
    return e.getClass().getSimpleName();
  }

  static final class Counted extends Socket {
    volatile long received;

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          int one = in.read();
          if (one >= 0) received++;
          return one;
        }

        @Override
        public int read(byte[] bytes, int from, int most) throws IOException {
          int count = in.read(bytes, from, most);
          if (count > 0) received += count;
          return count;
        }
      };
    }
  }

  // Gives the socket, or closes it and says why it does not stand.
  static Counted open(String address, int port, StringBuilder why) {
    Counted socket = new Counted();
    try {
      socket.connect(new InetSocketAddress(InetAddress.getByName(address), port), (int) connect);
      return socket;
    } catch (SocketTimeoutException e) {
      why.append("ETIMEDOUT");
    } catch (IOException e) {
      why.append(errno(e));
    }
    quietly(socket);
    return null;
  }

  // Closes what takes too long, and tells that it was this.
  static final class Alarm implements Runnable {
    final Closeable what;
    final ScheduledFuture<?> due;
    volatile boolean rang;

    Alarm(Closeable what, long after) {
      this.what = what;
      due = timer.schedule(this, Math.max(1, after), TimeUnit.MILLISECONDS);
    }

    void stop() {
      due.cancel(false);
    }

    @Override
    public void run() {
      rang = true;
      quietly(what);
    }
  }

  static void quietly(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      // Nothing is left to close.
    }
  }

  // Each by itself; the first that stands goes on to TLS and HTTP, the others are closed.
  static void connectAll(Target t, List<String> addresses) throws Exception {
    Semaphore first = new Semaphore(1);
    List<Thread> work = new ArrayList<>();
    for (String address : addresses) work.add(start(t, () -> connectTo(t, address, first)));
    join(work, Long.MAX_VALUE);
  }

  static void connectTo(Target t, String address, Semaphore first) throws Exception {
    long start = now();
    String addr = "addr=" + address;
    emit("trying", t.id, addr);
    if (isMetadata(address)) {
      emit("connect", t.id, addr, "err=metadata");
      return;
    }
    StringBuilder why = new StringBuilder();
    Counted socket = open(address, t.port, why);
    emit("connect", t.id, addr, ms(start), socket == null ? "err=" + why : "ok=1");
    if (socket == null) return;
    if (first.tryAcquire()) {
      Socket channel = t.tls ? checkTls(t, address, socket) : socket;
      if (channel != null && !t.path.equals("-")) head(t, address, channel);
    }
    quietly(socket);
  }

  static X509ExtendedTrustManager trustManager() throws Exception {
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
  }

  // Notes what was shown before the runtime's own manager judges it.
  static final class Noting extends X509ExtendedTrustManager {
    final X509ExtendedTrustManager own;
    final List<String> shown = new ArrayList<>();

    Noting(X509ExtendedTrustManager own) {
      this.own = own;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
      shown.add("version=" + ((SSLSocket) socket).getHandshakeSession().getProtocol());
      shown.add("cert=" + hex(chain[0].getEncoded(), 6000));
      own.checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
      own.checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
      own.checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
      own.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
      own.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
      own.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return own.getAcceptedIssuers();
    }
  }

  static String outcome(IOException error, boolean shown) {
    boolean judged = false;
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof CertificateExpiredException || e instanceof CertificateNotYetValidException) return "verify=expired";
      String text = String.valueOf(e.getMessage());
      if (Pattern.compile("No subject alternative|No name matching|Illegal given domain name").matcher(text).find()) return "verify=wrong_name";
      judged = judged || e instanceof CertificateException || e instanceof CertPathValidatorException;
      if (e instanceof EOFException || text.contains("terminated the handshake")) return "err=closed";
    }
    if (judged && shown) return "verify=untrusted";
    if (error instanceof SSLException && !(error.getCause() instanceof SocketException)) return "err=tls";
    return "err=" + errno(error.getCause() instanceof SocketException ? (IOException) error.getCause() : error);
  }

  // Gives the channel of one who is trusted.
  static Socket checkTls(Target t, String address, Counted socket) throws Exception {
    long start = now();
    Noting noting = new Noting(trustManager());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {noting}, null);
    SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, t.host, t.port, true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    secure.setSSLParameters(parameters);
    Alarm alarm = new Alarm(socket, connect);
    List<String> fields = new ArrayList<>(List.of("addr=" + address));
    try {
      secure.startHandshake();
      fields.add("ok=1");
    } catch (IOException e) {
      fields.add(alarm.rang ? "err=timeout" : outcome(e, !noting.shown.isEmpty()));
      if (!alarm.rang) fields.add("text=" + e.getMessage());
      fields.add("got=" + socket.received);
    }
    alarm.stop();
    fields.addAll(noting.shown);
    emit("tls", t.id, with(fields, ms(start)));
    return fields.get(1).equals("ok=1") ? secure : null;
  }
`;

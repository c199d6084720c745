/**
 * The probe program for containers with a Java compiler (JDK 11 or newer); sent by `probes/exec-runner.ts`, its records are read
 * by `probes/collector.ts`. A constant: every value comes in as an argument.
 *
 * `java --source` compiles in memory, but only from something that can be sought in, which a pipe is not before JDK 19, and no
 * file may be written: it is given the environment that it was started with (`/proc/self/environ`), which is nothing but the
 * program. Between the comment that makes it a variable and the one that swallows what follows, it is Java.
 */
import { JAVA_CONNECT } from './java-connect.ts';
import { JAVA_HTTP } from './java-http.ts';
import { JAVA_LOOKUP } from './java-lookup.ts';
import { END_OF_PROGRAM, type Rung } from './rung.ts';

const PROGRAM = String.raw`
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.KeyStore;
import java.security.cert.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.regex.*;
import java.util.stream.*;
import javax.net.ssl.*;

public class Probe {
  static String nonce;
  static long connect, lookup;
  static final List<String> servers = new ArrayList<>(), search = new ArrayList<>();
  static int ndots = 1;
  static final Map<String, String> proxies = new LinkedHashMap<>();
  static final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    return thread;
  });

  static final class Target {
    String id, host, path;
    int port;
    boolean tls;
    // Sockets of its raw questions; they end with the connections.
    final Set<Closeable> asking = ConcurrentHashMap.newKeySet();
    volatile boolean hurried;
  }

  interface Work {
    void run() throws Exception;
  }

  static Thread start(Target t, Work work) {
    Thread thread = new Thread(() -> {
      try {
        work.run();
      } catch (Throwable e) {
        emit("trouble", t.id, "text=" + e);
      }
    });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  static void join(Collection<Thread> threads, long until) throws InterruptedException {
    for (Thread thread : threads) thread.join(Math.max(1, until - now()));
  }

  static long now() {
    return System.nanoTime() / 1000000;
  }

  static String ms(long start) {
    return "ms=" + (now() - start);
  }

  static final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false);

  static synchronized void emit(String kind, String id, String... fields) {
    StringBuilder line = new StringBuilder(nonce + "\t" + kind + "\t" + id);
    for (String field : fields) {
      String text = field.replaceAll("[^ -~]", " ");
      int most = text.matches("(cert|hex|location)=.*") ? 12500 : 300;
      line.append('\t').append(text, 0, Math.min(most, text.length()));
    }
    out.print(line.append('\n'));
    if (out.checkError()) Runtime.getRuntime().halt(5);
  }

  static String[] with(List<String> fields, String... more) {
    List<String> all = new ArrayList<>(fields);
    all.addAll(Arrays.asList(more));
    return all.toArray(new String[0]);
  }

  static boolean isLiteral(String host) {
    return host.contains(":") || host.matches("[0-9.]+");
  }

  static List<String> readLines(String file) {
    try {
      return Arrays.asList(new String(Files.readAllBytes(Paths.get(file)), StandardCharsets.ISO_8859_1).split("\n"));
    } catch (IOException e) {
      return null;
    }
  }

  static void readResolver() {
    List<String> lines = readLines("/etc/resolv.conf"), told = new ArrayList<>();
    if (lines == null) emit("limit", "-", "code=no_resolv_conf");
    for (String line : lines == null ? List.<String>of() : lines) {
      String[] words = line.trim().split("\\s+");
      List<String> values = Arrays.asList(words).subList(1, words.length);
      if (words[0].equals("nameserver") && !values.isEmpty()) servers.add(values.get(0));
      if (words[0].equals("search") || words[0].equals("domain")) {
        search.clear();
        search.addAll(values);
      }
      if (words[0].equals("options"))
        for (String option : values) {
          if (option.matches("ndots:\\d{1,4}")) ndots = Integer.parseInt(option.substring(6));
          else told.add("option=" + option);
        }
    }
    servers.stream().limit(8).forEach(server -> told.add("nameserver=" + server));
    search.stream().limit(16).forEach(domain -> told.add("search=" + domain));
    emit("resolver", "-", with(told, "ndots=" + ndots));
    servers.removeIf(server -> !isLiteral(server.split("%")[0]));
    if (servers.isEmpty()) servers.add("127.0.0.1");
  }

  static void tellProxies() {
    proxies.forEach((name, value) -> emit("env", "-", "name=" + name, "value=" + value.replaceFirst("^(.*?://)?.*@", "$1")));
  }

  static List<String> libc() {
    List<String> lines = readLines("/proc/self/maps");
    String maps = lines == null ? "" : String.join("\n", lines);
    if (Pattern.compile("/(ld-musl-|libc\\.musl-)").matcher(maps).find()) return List.of("libc=musl");
    return Pattern.compile("/libc(-2\\.\\d+)?\\.so").matcher(maps).find() ? List.of("libc=glibc") : List.of();
  }

${JAVA_LOOKUP}
${JAVA_CONNECT}
${JAVA_HTTP}
  static void probe(Target t) throws Exception {
    List<Thread> work = new ArrayList<>();
    Proxy proxy = proxyOf(t.tls);
    if (proxy != null) work.add(start(t, () -> askProxy(t, proxy)));
    List<String> addresses = isLiteral(t.host) ? List.of(t.host) : lookUp(t, work);
    connectAll(t, addresses.subList(0, Math.min(4, addresses.size())));
    join(work, Long.MAX_VALUE);
  }

  // What follows the targets, after "--", are the environment's proxies.
  static List<Target> read(String[] values) {
    List<Target> targets = new ArrayList<>();
    int at = 4;
    for (; at + 4 < values.length && !values[at].equals("--"); at += 5) {
      Target t = new Target();
      t.id = values[at];
      t.host = values[at + 1];
      t.port = Integer.parseInt(values[at + 2]);
      t.tls = values[at + 3].equals("1");
      t.path = values[at + 4];
      targets.add(t);
    }
    for (at++; at < values.length; at++) proxies.put(values[at].split("=", 2)[0], values[at].split("=", 2)[1]);
    return targets;
  }

  // The caller holds standard input open for as long as it listens.
  static void watch(long total) {
    Target run = new Target();
    run.id = "-";
    timer.schedule(() -> Runtime.getRuntime().halt(4), total, TimeUnit.MILLISECONDS);
    start(run, () -> {
      while (System.in.read() >= 0);
      Runtime.getRuntime().halt(5);
    });
  }

  public static void main(String[] values) throws Exception {
    nonce = values[0];
    connect = Long.parseLong(values[1]);
    lookup = Long.parseLong(values[2]);
    watch(Long.parseLong(values[3]));
    List<Target> targets = read(values);
    String version = "version=" + System.getProperty("java.version");
    emit("hello", "-", with(libc(), "rung=java", version, "time=" + System.currentTimeMillis() / 1000));
    if (targets.stream().anyMatch(t -> t.tls)) {
      for (String code : new String[] {"own_trust_store", "no_segment"}) emit("limit", "-", "code=" + code);
      if (trustManager().getAcceptedIssuers().length == 0) emit("limit", "-", "code=no_trust_store");
    }
    tellProxies();
    readResolver();
    List<Thread> work = new ArrayList<>();
    for (Target t : targets) work.add(start(t, () -> probe(t)));
    join(work, Long.MAX_VALUE);
    emit("done", "-");
    Runtime.getRuntime().halt(0);
  }
}
`;

/** Small, quick to start, and without the files that the JVM keeps in /tmp or leaves when it dies. */
const FLAGS =
  '-Xmx96m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:+DisableAttachMechanism -XX:ErrorFile=/dev/null';

/**
 * Of JAVA_TOOL_OPTIONS only what says whom to trust and which addresses to prefer: the rest may be an agent of the application's.
 * The environment's proxies go in as arguments, because the environment is the program.
 */
const LOADER = `set -f
program=
while IFS= read -r line && [ "$line" != '${END_OF_PROGRAM}' ]; do program="$program$line
"; done
options=
for word in $JAVA_TOOL_OPTIONS $JDK_JAVA_OPTIONS; do
  case $word in -Djavax.net.ssl.trustStore*=* | -Djava.net.prefer*=*) options="$options $word" ;; esac
done
set -- "$@" --
for name in HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy; do
  eval "value=\\\${$name-}"
  [ -z "$value" ] || set -- "$@" "$name=$value"
done
exec env -i "/*=*/$program//" "$(command -v java)" ${FLAGS} $options --source 11 /proc/self/environ "$@"`;

/**
 * A second JVM takes some 130 MB. Where the container has less than twice that left, the kernel might end the application for it:
 * then this rung is not taken.
 */
const ROOM = `room() {
  if { read -r most && read -r used <"$2"; } <"$1" 2>/dev/null; then
    case $most in *[!0-9]*) return 0 ;; esac
    [ $((most - used)) -gt 268435456 ]
  fi
}
room /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory.current &&
  room /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory/memory.usage_in_bytes`;

export const JAVA: Rung = {
  name: 'java',
  detect: `${ROOM} && [ -r /proc/self/environ ] && env -i "$(command -v java)" -XX:-UsePerfData --source 11 --describe-module jdk.compiler`,
  start: ['sh', '-c', LOADER, 'k8s-egress-probe'],
  program: PROGRAM,
};

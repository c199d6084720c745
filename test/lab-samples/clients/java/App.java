// Fetches one export with the library that the first argument names, and logs as services do what came of it.
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

public class App {
  static final Logger log = LoggerFactory.getLogger("exporter");

  record Job(URI target, Duration timeout) {
    int port() {
      return target.getPort() > 0 ? target.getPort() : target.getScheme().equals("https") ? 443 : 80;
    }
  }

  static void expectSuccess(int status) throws IOException {
    if (status >= 400) throw new IOException("export server answered HTTP " + status);
  }

  static class Jdk {
    static void fetch(Job job) throws Exception {
      HttpClient.Builder client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL);
      HttpRequest.Builder request = HttpRequest.newBuilder(job.target());
      if (job.timeout() != null) {
        client.connectTimeout(job.timeout());
        request.timeout(job.timeout().plusSeconds(1));
      }
      expectSuccess(client.build().send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode());
    }
  }

  static class Connection {
    static void fetch(Job job) throws Exception {
      java.net.URLConnection connection = job.target().toURL().openConnection();
      int ms = job.timeout() == null ? 0 : (int) job.timeout().toMillis();
      connection.setConnectTimeout(ms);
      connection.setReadTimeout(ms);
      connection.getInputStream().readAllBytes();
    }
  }

  static class Square {
    static void fetch(Job job) throws Exception {
      okhttp3.OkHttpClient.Builder client = new okhttp3.OkHttpClient.Builder();
      Duration limit = job.timeout() == null ? Duration.ZERO : job.timeout();
      client.connectTimeout(limit).readTimeout(limit);
      expectSuccess(client.build().newCall(new okhttp3.Request.Builder().url(job.target().toString()).build()).execute().code());
    }
  }

  static class Reactor {
    static void fetch(Job job) {
      reactor.netty.http.client.HttpClient client = reactor.netty.http.client.HttpClient.create().followRedirect(true);
      if (System.getProperty("https.proxyHost") != null) client = client.proxyWithSystemProperties();
      if (job.timeout() != null)
        client = client
            .option(io.netty.channel.ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) job.timeout().toMillis())
            .responseTimeout(job.timeout());
      client.get().uri(job.target()).responseContent().aggregate().asString().block();
    }
  }

  static class Apache {
    static void fetch(Job job) throws Exception {
      org.apache.hc.client5.http.config.ConnectionConfig.Builder connection =
          org.apache.hc.client5.http.config.ConnectionConfig.custom();
      if (job.timeout() != null) {
        connection.setConnectTimeout(job.timeout().toMillis(), TimeUnit.MILLISECONDS);
        connection.setSocketTimeout((int) job.timeout().toMillis(), TimeUnit.MILLISECONDS);
      }
      var connections = org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder.create()
          .useSystemProperties().setDefaultConnectionConfig(connection.build()).build();
      try (var client = org.apache.hc.client5.http.impl.classic.HttpClients.custom().useSystemProperties()
          .disableAutomaticRetries().setConnectionManager(connections).build()) {
        client.execute(new org.apache.hc.client5.http.classic.methods.HttpGet(job.target()), answer -> {
          expectSuccess(answer.getCode());
          return null;
        });
      }
    }
  }

  static class Jdbc {
    static void fetch(Job job) throws Exception {
      Properties settings = new Properties();
      settings.setProperty("user", "shop");
      settings.setProperty("sslmode", job.target().getScheme().equals("https") ? "require" : "disable");
      if (job.timeout() != null) {
        settings.setProperty("connectTimeout", Long.toString(job.timeout().toSeconds()));
        settings.setProperty("loginTimeout", "0");
        settings.setProperty("socketTimeout", Long.toString(job.timeout().toSeconds()));
      }
      DriverManager.getConnection("jdbc:postgresql://" + job.target().getHost() + ":" + job.port() + "/orders", settings);
    }
  }

  static class Kafka {
    static void fetch(Job job) throws Exception {
      Properties settings = new Properties();
      settings.put("bootstrap.servers", job.target().getHost() + ":" + job.port());
      settings.put("security.protocol", job.target().getScheme().equals("https") ? "SSL" : "PLAINTEXT");
      settings.put("max.block.ms", 12000);
      settings.put("socket.connection.setup.timeout.ms", 2000);
      settings.put("reconnect.backoff.ms", 2000);
      settings.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
      settings.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
      try (var producer = new org.apache.kafka.clients.producer.KafkaProducer<String, String>(settings)) {
        producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>("exports", "42")).get();
      }
    }
  }

  public static void main(String[] args) {
    Job job = new Job(URI.create(args[1]), args[2].equals("none") ? null : Duration.ofSeconds(Long.parseLong(args[2])));
    try {
      switch (args[0]) {
        case "jdk" -> Jdk.fetch(job);
        case "urlconnection" -> Connection.fetch(job);
        case "okhttp" -> Square.fetch(job);
        case "reactor-netty" -> Reactor.fetch(job);
        case "apache" -> Apache.fetch(job);
        case "jdbc" -> Jdbc.fetch(job);
        case "kafka" -> Kafka.fetch(job);
        default -> throw new IllegalArgumentException(args[0]);
      }
      log.info("export fetched");
    } catch (Exception e) {
      log.error("export failed", e);
    }
    System.exit(0);
  }
}

using System;
using System.Net.Http;

// Fetches one export, and logs as services do what came of it.
public static class App {
  public static int Main(string[] args) {
    var client = new HttpClient();
    if (args[1] != "none") client.Timeout = TimeSpan.FromSeconds(int.Parse(args[1]));
    try {
      client.GetStringAsync(args[0]).GetAwaiter().GetResult();
      Console.WriteLine("export fetched");
    } catch (Exception e) {
      Console.WriteLine("fail: Exporter[0]\n      export failed\n" + e);
    }
    return 0;
  }
}

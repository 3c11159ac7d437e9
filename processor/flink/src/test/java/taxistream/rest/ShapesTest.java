package taxistream.rest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Records what a real cluster answers over REST: names of fields and types, no values. The Go tests of engine/web hold
 * the engine's answers against them. Run with -Dshapes=FILE, which it writes; it is no test of the job.
 */
class ShapesTest {
  private static final String[] PATHS = {
    "/config", "/overview", "/jobs", "/jobs/overview", "/jobs/{job}", "/jobs/{job}/plan", "/jobs/{job}/config", "/jobs/{job}/status",
    "/jobs/{job}/accumulators", "/jobs/{job}/exceptions?maxExceptions=10", "/jobs/{job}/metrics", "/jobs/{job}/resource-requirements",
    "/jobs/{job}/checkpoints", "/jobs/{job}/checkpoints/config", "/jobs/{job}/checkpoints/details/{checkpoint}",
    "/jobs/{job}/checkpoints/details/{failed}", "/jobs/{job}/checkpoints/details/{checkpoint}/subtasks/{vertex}",
    "/jobs/{job}/jobmanager/config", "/jobs/{job}/jobmanager/environment", "/jobs/{job}/jobmanager/log-url",
    "/jobs/{job}/taskmanagers/{taskmanager}/log-url",
    "/jobs/{job}/vertices/{vertex}", "/jobs/{job}/vertices/{vertex}/accumulators", "/jobs/{job}/vertices/{vertex}/backpressure",
    "/jobs/{job}/vertices/{vertex}/flamegraph?type=full", "/jobs/{job}/vertices/{vertex}/metrics",
    "/jobs/{job}/vertices/{vertex}/metrics?get=0.numRecordsIn,0.busyTimeMsPerSecond", "/jobs/{job}/vertices/{vertex}/subtasks/accumulators",
    "/jobs/{job}/vertices/{vertex}/subtasks/0", "/jobs/{job}/vertices/{vertex}/subtasks/metrics",
    "/jobs/{job}/vertices/{vertex}/subtasks/metrics?get=numRecordsIn", "/jobs/{job}/vertices/{vertex}/subtasks/metrics?get=numRecordsIn&agg=min,avg",
    "/jobs/{job}/vertices/{vertex}/subtasks/metrics?get=numRecordsIn&subtasks=0", "/jobs/{job}/vertices/{vertex}/subtasktimes",
    "/jobs/{job}/vertices/{vertex}/taskmanagers", "/jobs/{job}/vertices/{vertex}/watermarks", "/jobmanager/config", "/jobmanager/environment",
    "/jobmanager/logs", "/jobmanager/metrics", "/jobmanager/metrics?get=Status.JVM.Memory.Heap.Used", "/jobmanager/thread-dump", "/jobmanager/profiler",
    "/taskmanagers", "/taskmanagers/{taskmanager}", "/taskmanagers/{taskmanager}/metrics",
    "/taskmanagers/{taskmanager}/metrics?get=Status.JVM.Memory.Heap.Used", "/taskmanagers/{taskmanager}/logs",
    "/taskmanagers/{taskmanager}/thread-dump", "/taskmanagers/{taskmanager}/profiler", "/taskmanagers/metrics", "/jobs/metrics",
    // What is wrong, or not there.
    "/jobs/00000000000000000000000000000000", "/jobs/zz", "/jobs/{job}/vertices/00000000000000000000000000000000", "/nothing",
    "/jobs/{job}/checkpoints/details/999", "/jobs/{job}/vertices/{vertex}/subtasks/99", "/jobs/{job}/vertices/{vertex}/subtasks/metrics?get=a&agg=median",
    "/jobs/{job}/vertices/{vertex}/subtasks/metrics?get=a&subtasks=x", "/jobs/{job}/exceptions?maxExceptions=x", "/taskmanagers/none",
    "/jobs/{job}/vertices/00000000000000000000000000000000/subtasks/metrics", "/jobs/{job}/vertices/00000000000000000000000000000000/backpressure",
    "/jobs/{job}/vertices/{vertex}/flamegraph?type=none", "/jobs/{job}/savepoints/00000000000000000000000000000000",
  };

  private final ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private final HttpClient http = HttpClient.newHttpClient();
  private URI base;

  @Test
  void record() throws Exception {
    String out = System.getProperty("shapes", "");
    Assumptions.assumeFalse(out.isEmpty(), "no -Dshapes=FILE to write");
    Configuration c = new Configuration();
    c.setString("rest.bind-port", "0");
    c.setString("rest.flamegraph.enabled", "false");
    c.setString("metrics.fetcher.update-interval", "100 ms");
    c.setString("web.cancel.enable", "false");
    MiniClusterConfiguration.Builder b = new MiniClusterConfiguration.Builder().setConfiguration(c).setNumTaskManagers(1).setNumSlotsPerTaskManager(2);
    try (MiniCluster cluster = new MiniCluster(b.build())) {
      cluster.start();
      base = cluster.getRestAddress().get();
      JobID job = cluster.submitJob(ShapesJob.graph(Files.createTempDirectory("shapes"))).get().getJobID();
      Files.writeString(Path.of(out), json.writeValueAsString(record(job.toHexString())) + "\n");
      cluster.cancelJob(job).get();
    }
  }

  /** Waits until there are figures, a checkpoint that failed and one that did not behind a restart; then asks for everything. */
  private TreeMap<String, Object> record(String job) throws Exception {
    String vertex = "", failed = "", done = "";
    for (long until = System.nanoTime() + Duration.ofMinutes(2).toNanos(); ; Thread.sleep(200)) {
      var checkpoints = json.readTree(get("/jobs/" + job + "/checkpoints").body());
      for (var one : checkpoints.path("history")) {
        if (one.path("status").asText().equals("FAILED")) failed = one.path("id").asText();
      }
      done = checkpoints.path("latest").path("completed").path("id").asText("");
      for (var one : json.readTree(get("/jobs/" + job).body()).path("vertices")) {
        if (one.path("name").asText().contains("work")) vertex = one.path("id").asText();
      }
      int restored = checkpoints.path("counts").path("restored").asInt();
      var rate = get("/jobs/" + job + "/vertices/" + vertex + "/subtasks/metrics?get=numRecordsIn").body();
      if (restored > 0 && !failed.isEmpty() && !done.isEmpty() && rate.contains("numRecordsIn")
          && checkpoints.path("counts").path("completed").asInt() > 3) break;
      if (System.nanoTime() > until) throw new IllegalStateException("no such checkpoints: " + checkpoints);
    }
    String taskmanager = json.readTree(get("/taskmanagers").body()).path("taskmanagers").path(0).path("id").asText();
    TreeMap<String, Object> all = new TreeMap<>();
    for (String path : PATHS) {
      String real = path.replace("{job}", job).replace("{vertex}", vertex).replace("{failed}", failed).replace("{checkpoint}", done)
          .replace("{taskmanager}", taskmanager);
      HttpResponse<String> r = get(real);
      TreeMap<String, Object> one = new TreeMap<>();
      one.put("status", r.statusCode());
      one.put("body", r.body().isEmpty() ? "nothing" : Shapes.of(json.readTree(r.body())));
      all.put(path, one);
    }
    return all;
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(base.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
  }
}

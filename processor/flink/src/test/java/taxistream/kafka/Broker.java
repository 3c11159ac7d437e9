package taxistream.kafka;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real broker in KRaft mode, in a JVM of its own, from Maven's jars. */
public final class Broker implements AutoCloseable {
    public final String address;
    private final Process process;

    public Broker(Path dir) throws IOException, InterruptedException {
        int port = free(), controller = free();
        address = "127.0.0.1:" + port;
        Path config = dir.resolve("server.properties");
        Files.writeString(config, """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%d
                listeners=PLAINTEXT://%s,CONTROLLER://127.0.0.1:%d
                controller.listener.names=CONTROLLER
                log.dirs=%s
                offsets.topic.replication.factor=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                group.initial.rebalance.delay.ms=0
                """.formatted(controller, address, controller, dir.resolve("log")));
        Process format = java(dir, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", config.toString());
        if (format.waitFor() != 0) {
            throw new IOException("the broker's folder cannot be formatted: " + Files.readString(dir.resolve("kafka.tools.StorageTool.log")));
        }
        process = java(dir, "kafka.Kafka", config.toString());
    }

    private static Process java(Path dir, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx400m", "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(dir.resolve(args[0] + ".log").toFile()).start();
    }

    private static int free() throws IOException {
        try (ServerSocket s = new ServerSocket(0)) {
            return s.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

package taxistream.sql;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import taxistream.job.Config;
import taxistream.job.Flags;
import taxistream.job.Local;

/**
 * The judged trips of the stream as tables, for a file of SQL statements: bin/flink/sql. It writes what the statements
 * say, and no documents.
 */
public final class Sql {
    private static final String SYNOPSIS = "runs a file of Flink SQL over the tables trips, results and rejects of a stream; docs/sql.md lists their columns";

    private Sql() {}

    public static void main(String[] args) {
        int wrong = run(args);
        System.exit(wrong);
    }

    /** Ends the process by itself, but where it returns a status. */
    private static int run(String[] args) {
        Flags flags = Config.flags();
        flags.remove("opensearch-endpoint", "sign", "index-prefix", "flush-interval");
        flags.add("checkpoint-dir", "folder", "./sql-checkpoints", "folder of the checkpoints", "checkpoint");
        boolean file = args.length > 0 && !args[0].startsWith("-");
        if (!file && (args.length != 1 || !args[0].matches("--?(h|help|version)"))) {
            System.err.println("sql: a file of SQL statements is needed, before the flags; see -h");
            return 2;
        }
        String text = "";
        Statements statements = null;
        if (file) {
            try {
                text = Files.readString(Path.of(args[0]));
                statements = new Statements(args[0], Script.split(text));
            } catch (IOException e) {
                String why = Files.exists(Path.of(args[0])) ? e.getMessage() : "no such file";
                System.err.println("sql: " + args[0] + " cannot be read (" + why + "): name a file of SQL statements");
                return 1;
            } catch (IllegalArgumentException e) {
                System.err.println("sql: " + args[0] + ", " + e.getMessage());
                return 1;
            }
            args = Arrays.copyOfRange(args, 1, args.length);
        }
        Local.run(new Local.Program("sql", SYNOPSIS, ", statements " + digest(text), statements), flags, args);
        return 0;
    }

    /** Names the statements in a checkpoint, so that others do not go on with its state. */
    private static String digest(String text) {
        try {
            byte[] sum = java.security.MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sum, 0, 6);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}

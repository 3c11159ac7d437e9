package taxistream.sql;

import java.io.IOException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import taxistream.job.Config;
import taxistream.job.Local;
import taxistream.job.TaxiJob;

/**
 * The statements of a file: those that make tables are run in their order, and all INSERTs together are one job, which
 * reads the stream once.
 */
final class Statements implements Local.Start {
    private static final Pattern SET = Pattern.compile("SET\\s+'(table\\.[^']+)'\\s*=\\s*'([^']*)'", Pattern.CASE_INSENSITIVE);
    private static final Pattern PLACE = Pattern.compile("at line (\\d+), column (\\d+)|From line (\\d+), column (\\d+) to line \\d+, column \\d+: ");

    /** What to do about the commonest faults, by a part of Flink's text. */
    private static final String[][] HINTS = {
        {"Could not find any factory for identifier", "put the jar of that connector or format into CLASSPATH"},
        {"Could not find any format factory", "put the jar of that format into CLASSPATH"},
        {"Column '", "docs/sql.md lists the columns of trips, results and rejects"},
        {"Object '", "the tables are trips, results, rejects and those that the file creates"},
        {"doesn't support consuming update", "group by a window (TUMBLE), or write to a table with a primary key, such as upsert-kafka"},
        {"doesn't match", "name as many columns, of the same types, as the table has"},
        {"do not match", "name as many columns, of the same types, as the table has"},
        {"already exists", "choose another name"},
        {"Incorrect syntax", "write it as Flink SQL has it"},
        {"Encountered \"", "write it as Flink SQL has it; names that are keywords stand in `backticks`"},
    };

    private final String file;
    private final List<Script.Statement> statements;

    Statements(String file, List<Script.Statement> statements) throws IllegalArgumentException {
        this.file = file;
        this.statements = statements;
        if (statements.stream().noneMatch(s -> s.verb().equals("INSERT"))) {
            throw new IllegalArgumentException("nothing would run: write an INSERT INTO a table, such as one WITH ('connector' = 'print')");
        }
    }

    @Override
    public JobClient start(StreamExecutionEnvironment env, Config c) throws Exception {
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.getConfig().setLocalTimeZone(ZoneOffset.UTC);
        tables.getConfig().set("pipeline.name", "taxi-trips-sql");
        Tables.register(tables, TaxiJob.dataflow(env, c));
        StatementSet inserts = tables.createStatementSet();
        for (Script.Statement s : statements) {
            try {
                take(tables, inserts, s);
            } catch (RuntimeException e) {
                throw new IOException(file + ", " + told(s, e), e);
            }
        }
        return inserts.execute().getJobClient().orElseThrow();
    }

    private static void take(StreamTableEnvironment tables, StatementSet inserts, Script.Statement s) {
        switch (s.verb()) {
            case "INSERT" -> {
                tables.explainSql(s.text()); // finds faults of the sink, too, while the statement is known
                inserts.addInsertSql(s.text());
            }
            case "SET" -> set(tables, s);
            case "CREATE", "DROP", "ALTER", "USE", "LOAD", "UNLOAD" -> {
                TableResult made = tables.executeSql(s.text());
                if (made.getJobClient().isPresent()) {
                    made.getJobClient().get().cancel();
                    throw new IllegalArgumentException("it starts a job of its own: write CREATE TABLE, and an INSERT INTO it");
                }
            }
            case "SELECT", "WITH", "VALUES" -> throw new IllegalArgumentException(
                    "its rows would go nowhere: INSERT them INTO a table, such as one WITH ('connector' = 'print')");
            case "BEGIN", "END", "EXECUTE" -> throw new IllegalArgumentException("leave it out: all INSERTs of the file are one job");
            default -> throw new IllegalArgumentException("only CREATE, DROP, ALTER, USE, LOAD, SET and INSERT are run");
        }
    }

    private static void set(StreamTableEnvironment tables, Script.Statement s) {
        Matcher m = SET.matcher(s.text().strip());
        if (!m.matches()) {
            throw new IllegalArgumentException("write SET 'table.…' = '…'; all other settings are flags, or stand in FLINK_PROPERTIES");
        }
        tables.getConfig().set(m.group(1), m.group(2));
    }

    /** What is wrong, where, and what to do, in one line. */
    static String told(Script.Statement s, Throwable e) {
        String text = String.valueOf(e.getMessage());
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String place = "line " + s.line();
        Matcher m = PLACE.matcher(text);
        if (m.find()) {
            place = m.group(1) != null ? "line " + m.group(1) + ", column " + m.group(2) : "line " + m.group(3) + ", column " + m.group(4);
            text = m.replaceFirst("");
        } else if (deepest.getMessage() != null) {
            text = deepest.getMessage();
        }
        text = text.split("\\R\\s*(Was expecting|Available factory|Hint|at )", 2)[0].replaceAll("\\s+", " ")
                .replaceFirst("^SQL (validation|parse) failed\\. ", "").replaceAll("[ .]+$", "");
        for (String[] hint : HINTS) {
            if (text.contains(hint[0])) {
                return place + " (" + s.beginning() + "): " + text + "; " + hint[1];
            }
        }
        return place + " (" + s.beginning() + "): " + text;
    }
}

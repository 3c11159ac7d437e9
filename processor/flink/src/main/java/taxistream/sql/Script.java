package taxistream.sql;

import java.util.ArrayList;
import java.util.List;

/** A file of SQL statements, each ended by a semicolon. */
final class Script {
    /** A statement with as much white space before it that the places in its parser's errors are those in the file. */
    record Statement(int line, String text) {
        /** The first word in upper case. */
        String verb() {
            return text.strip().split("[\\s(]", 2)[0].toUpperCase(java.util.Locale.ROOT);
        }

        /** The statement's beginning, for a message. */
        String beginning() {
            String plain = text.strip().replaceAll("\\s+", " ");
            return plain.length() <= 40 ? plain : plain.substring(0, 40) + "…";
        }
    }

    private final String text;
    private final List<Statement> statements = new ArrayList<>();
    private int at, line = 1, lineStart;
    private int from = -1, fromLine, fromColumn; // the statement that is being read, if from >= 0

    private Script(String text) {
        this.text = text;
    }

    /**
     * Parts a text at the semicolons that stand outside of quotes and comments.
     *
     * @throws IllegalArgumentException for a quote or a comment without an end
     */
    static List<Statement> split(String text) {
        Script s = new Script(text);
        while (s.at < text.length()) {
            s.step();
        }
        s.end();
        return s.statements;
    }

    private void step() {
        char c = text.charAt(at);
        if (text.startsWith("--", at)) {
            skipPast("\n", false, "");
        } else if (text.startsWith("/*", at) && !text.startsWith("/*+", at)) {
            skipPast("*/", true, "comment");
        } else if (c == ';') {
            end();
            advance();
        } else {
            if (from < 0 && !Character.isWhitespace(c)) {
                from = at;
                fromLine = line;
                fromColumn = at - lineStart;
            }
            if (c == '\'' || c == '`' || c == '"') {
                skipPast(String.valueOf(c), true, "quote"); // a doubled one opens the next at once
            } else {
                advance();
            }
        }
    }

    private void skipPast(String closing, boolean needed, String what) {
        int opened = line, end = text.indexOf(closing, at + (needed ? what.equals("quote") ? 1 : 2 : 0));
        if (end < 0 && needed) {
            throw new IllegalArgumentException("line " + opened + ": a " + what + " is opened and not closed; close it with " + closing);
        }
        for (int to = end < 0 ? text.length() : end + closing.length(); at < to; ) {
            advance();
        }
    }

    private void advance() {
        if (text.charAt(at++) == '\n') {
            line++;
            lineStart = at;
        }
    }

    private void end() {
        if (from >= 0) {
            statements.add(new Statement(fromLine, "\n".repeat(fromLine - 1) + " ".repeat(fromColumn) + text.substring(from, at)));
        }
        from = -1;
    }
}

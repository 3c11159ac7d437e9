package taxistream.job;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a command line by the house rules (contract, "Commands"): one dash or two, aliases, a duration without unit is
 * in milliseconds. Mirrors internal/flags.
 */
public final class Flags {
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)");
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Map<String, Long> UNITS = Map.of("ns", 1L, "us", 1_000L, "\u00b5s", 1_000L, "\u03bcs", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L,
            "m", 60_000_000_000L, "h", 3_600_000_000_000L);

    private record Flag(String name, String operand, String standard, String usage) {}

    private final Map<String, Flag> flags = new LinkedHashMap<>();
    private final Map<String, String> aliases = new HashMap<>();
    private final Map<String, String> values = new HashMap<>();

    /** Wrong usage: the one line to print, with status 2. */
    public static final class Usage extends Exception {
        public Usage(String what) {
            super(what);
        }
    }

    /** Registers a flag; operand empty: a switch. */
    public void add(String name, String operand, String standard, String usage, String... alias) {
        flags.put(name, new Flag(name, operand, standard, usage));
        aliases.put(name, name);
        for (String a : alias) {
            aliases.put(a, name);
        }
    }

    /** Takes away what a program has no use for: there the flags are unknown ones. */
    public void remove(String... names) {
        aliases.values().removeAll(List.of(names));
    }

    boolean has(String name) {
        return aliases.containsKey(name);
    }

    /** Reads arguments. True: -h or -version was asked for, under the name help or version. */
    public String parse(String[] args) throws Usage {
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            if (arg.equals("--") && i == args.length - 1) {
                break;
            }
            if (!arg.startsWith("-") || arg.length() < 2) {
                throw new Usage("unexpected argument \"" + arg + "\"");
            }
            String name = arg.substring(arg.startsWith("--") ? 2 : 1);
            int equals = name.indexOf('=');
            String text = equals < 0 ? null : name.substring(equals + 1);
            name = equals < 0 ? name : name.substring(0, equals);
            if (name.equals("h") || name.equals("help") || name.equals("version")) {
                return name.equals("version") ? name : "help";
            }
            Flag flag = flags.get(aliases.getOrDefault(name, ""));
            if (flag == null) {
                throw new Usage("unknown flag -" + name);
            }
            if (text == null && flag.operand.isEmpty()) {
                text = "true";
            } else if (text == null && ++i == args.length) {
                throw new Usage("flag -" + name + " needs a value");
            }
            set(name, text == null ? args[i] : text);
        }
        return "";
    }

    /** Sets a flag under any of its names. */
    void set(String name, String text) throws Usage {
        String flag = aliases.get(name);
        if (flag == null) {
            throw new Usage("unknown flag -" + name);
        }
        values.put(flag, text);
    }

    boolean given(String name) {
        return values.containsKey(name);
    }

    String text(String name) {
        return values.getOrDefault(name, flags.get(name).standard);
    }

    boolean on(String name) throws Usage {
        return switch (text(name)) {
            case "true", "True", "TRUE", "T", "t", "1" -> true;
            case "false", "False", "FALSE", "F", "f", "0" -> false;
            default -> throw wrong(name, "write true or false");
        };
    }

    int number(String name, int least, int most) throws Usage {
        if (text(name).matches("[+-]?[0-9]{1,10}") && Long.parseLong(text(name)) >= least && Long.parseLong(text(name)) <= most) {
            return Integer.parseInt(text(name));
        }
        throw wrong(name, most == Integer.MAX_VALUE ? "choose " + least + " or more" : "choose " + least + " to " + most);
    }

    Duration duration(String name) throws Usage {
        return duration(name, text(name));
    }

    Duration duration(String name, String text) throws Usage {
        BigDecimal ns = BigDecimal.ZERO;
        if (NUMBER.matcher(text).matches()) {
            double ms = Double.parseDouble(text) * 1e6;
            ns = BigDecimal.valueOf(Double.isInfinite(ms) ? Double.MAX_VALUE : ms);
        } else {
            Matcher m = PART.matcher(text);
            int begin = text.startsWith("+") ? 1 : 0, at = begin;
            for (; m.find(at) && m.start() == at; at = m.end()) {
                ns = ns.add(new BigDecimal(m.group(1)).multiply(BigDecimal.valueOf(UNITS.get(m.group(2)))));
            }
            ns = at == text.length() && at > begin ? ns : BigDecimal.valueOf(-1);
        }
        if (ns.signum() < 0 || ns.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw wrong(name, "write a length of time such as 200ms, 60s or 1h");
        }
        return Duration.ofNanos(ns.longValue());
    }

    Usage wrong(String name, String what) {
        return new Usage("-" + name + " \"" + text(name) + "\": " + what);
    }

    /** A duration as a person would write it: 1h, not 1h0m0s. Other editions read it in index templates. */
    static String format(Duration d) {
        long ns = d.toNanos();
        if (ns == 0) {
            return "0s";
        }
        if (ns < 1_000_000_000) {
            return ns < 1000 ? ns + "ns" : ns < 1_000_000 ? fraction(ns, 1000) + "µs" : fraction(ns, 1_000_000) + "ms";
        }
        long minutes = d.toMinutes(), rest = ns - minutes * 60_000_000_000L;
        String text = fraction(rest, 1_000_000_000) + "s";
        if (minutes == 0) {
            return text;
        }
        text = rest == 0 ? "" : text;
        text = minutes % 60 == 0 && text.isEmpty() ? "" : minutes % 60 + "m" + text;
        return minutes >= 60 ? minutes / 60 + "h" + text : text;
    }

    private static String fraction(long n, long unit) {
        return BigDecimal.valueOf(n).divide(BigDecimal.valueOf(unit)).stripTrailingZeros().toPlainString();
    }

    void help(PrintStream out, String program, String synopsis) {
        Map<String, List<String>> other = new HashMap<>();
        aliases.forEach((alias, name) -> {
            if (!alias.equals(name)) {
                other.computeIfAbsent(name, n -> new ArrayList<>()).add(alias);
            }
        });
        out.printf("%s: %s%n%nusage: %s%s [flags]%n%n", program, synopsis, program, program.equals("sql") ? " FILE" : "");
        for (Flag f : flags.values().stream().filter(f -> has(f.name)).toList()) {
            out.print("  -" + f.name + (f.operand.isEmpty() ? "" : " " + f.operand));
            other.getOrDefault(f.name, List.of()).forEach(a -> out.print(", -" + a));
            boolean shown = !f.standard.isEmpty() && !f.standard.equals("false");
            out.printf("%n        %s%s%n", f.usage, shown ? " (default " + f.standard + ")" : "");
        }
        out.printf("  -version%n        the program's version%n");
    }
}

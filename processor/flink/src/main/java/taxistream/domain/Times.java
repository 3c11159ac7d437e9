package taxistream.domain;

import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Instants in ms since the epoch, UTC, and their RFC 3339 texts. Mirrors internal/trip/time.go. */
public final class Times {
    /** The watermark of a shard that has sent none. */
    public static final long NO_WATERMARK = Long.MIN_VALUE;

    /** The instants that RFC 3339 can write: years 0000 to 9999. */
    public static final long MIN_WRITABLE = -62_167_219_200_000L;
    public static final long MAX_WRITABLE = 253_402_300_799_999L;

    private static final Pattern RFC_3339 =
            Pattern.compile("(\\d{4})-(\\d\\d)-(\\d\\d)T(\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d+))?(Z|[+-]\\d\\d:\\d\\d)");
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("uuuu.MM").withZone(ZoneOffset.UTC);

    private Times() {}

    /** The instant with milliseconds, as documents and events hold it. */
    public static String text(long ms) {
        return FORMAT.format(Instant.ofEpochMilli(ms));
    }

    /** The UTC month that holds the instant, as index names end: 2016.01. */
    public static String month(long ms) {
        return MONTH.format(Instant.ofEpochMilli(ms));
    }

    /**
     * Reads an instant with T and Z in upper case; digits beyond milliseconds are cut off.
     *
     * @throws IllegalArgumentException for a time without offset, one that does not exist, and one outside
     *     the years 0000 to 9999
     */
    public static long parse(String text) {
        Matcher m = RFC_3339.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("a time is not RFC 3339 with an offset");
        }
        int year = number(m, 1), month = number(m, 2), day = number(m, 3);
        int hour = number(m, 4), minute = number(m, 5), second = number(m, 6);
        if (month < 1 || month > 12 || day < 1 || day > YearMonth.of(year, month).lengthOfMonth()
                || hour > 23 || minute > 59 || second > 59) {
            throw new IllegalArgumentException("a time does not exist");
        }
        long seconds = LocalDate.of(year, month, day).toEpochDay() * 86400 + hour * 3600 + minute * 60 + second;
        int milli = m.group(7) == null ? 0 : Integer.parseInt((m.group(7) + "000").substring(0, 3));
        long ms = (seconds - offset(m.group(8))) * 1000 + milli;
        if (ms < MIN_WRITABLE || ms > MAX_WRITABLE) {
            throw new IllegalArgumentException("a time lies outside the years 0000 to 9999");
        }
        return ms;
    }

    private static int number(Matcher m, int group) {
        return Integer.parseInt(m.group(group));
    }

    private static int offset(String zone) {
        if (zone.equals("Z")) {
            return 0;
        }
        int hours = Integer.parseInt(zone.substring(1, 3)), minutes = Integer.parseInt(zone.substring(4));
        if (hours > 23 || minutes > 59) {
            throw new IllegalArgumentException("a time has an offset that does not exist");
        }
        int seconds = (hours * 60 + minutes) * 60;
        return zone.charAt(0) == '-' ? -seconds : seconds;
    }
}

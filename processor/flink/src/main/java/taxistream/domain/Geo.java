package taxistream.domain;

import com.uber.h3core.H3Core;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The city's box, its airports, and H3 cells. Mirrors internal/geo/places.go and cell.go. */
public final class Geo {
    /** The airports, as small numbers that travel in events. */
    public static final byte NONE = 0, JFK = 1, LGA = 2;

    private static final String[] CODES = {"", "JFK", "LGA"};

    private Geo() {}

    /** H3, loaded when it is first asked for; it is safe for many threads. */
    private static final class Holder {
        static final H3Core H3 = load();

        private static H3Core load() {
            try {
                return H3Core.newInstance();
            } catch (IOException e) {
                throw new UncheckedIOException("H3's library cannot be unpacked: give java.io.tmpdir room", e);
            }
        }
    }

    public static H3Core h3() {
        return Holder.H3;
    }

    /** The cell of a resolution that holds a point of the city. */
    public static long cellAt(double lat, double lon, int resolution) {
        return Holder.H3.latLngToCell(lat, lon, resolution);
    }

    public static boolean inCity(double lat, double lon) {
        return lat >= 40.560 && lat <= 40.878 && lon >= -74.054 && lon <= -73.722;
    }

    /** The airport whose box, bounds included, holds the point. */
    public static byte airportAt(double lat, double lon) {
        if (lat >= 40.632 && lat <= 40.654 && lon >= -73.800 && lon <= -73.761) {
            return JFK;
        }
        return lat >= 40.766 && lat <= 40.778 && lon >= -73.881 && lon <= -73.859 ? LGA : NONE;
    }

    public static String code(byte airport) {
        return CODES[airport];
    }
}

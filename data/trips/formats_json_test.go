package trips_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"taxistream/data/trips"
	"taxistream/internal/trip"
)

// objects are the sample, each made by one.
func objects(one func(i int64, t trip.Trip) string) (all []string) {
	for i, t := range sample {
		all = append(all, one(int64(i+1), t))
	}
	return all
}

func withID(t trip.Trip) trip.Trip {
	t.ID = 1 + (t.Dropoff-sample[0].Dropoff)/37_000
	return t
}

func wireEvent(i int64, t trip.Trip) string {
	t.ID = i
	return string(bytes.TrimSpace(trip.AppendTrip(nil, &t)))
}

// tlcObject has the TLC's names, numbers in quotes and times without an offset.
func tlcObject(_ int64, t trip.Trip) string {
	f := fields(t, wall("2006-01-02T15:04:05.000"))
	parts := make([]string, len(f))
	for i := range f {
		parts[i] = fmt.Sprintf("%q:%q", strings.ToLower(columns[i]), f[i])
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// reference has the long names, and times with an offset in other spellings.
func reference(i int64, t trip.Trip) string {
	return fmt.Sprintf(`{"vendor_id":2,"trip_id":%q,"pickup_datetime":%q,"dropoff_datetime":%q,"pickup_longitude":%s,"pickup_latitude":%s,"dropoff_longitude":%s,"dropoff_latitude":%s,"total_amount":%s}`,
		fmt.Sprint(i), utc("2006-01-02 15:04:05 UTC")(t.Pickup), wall("2006-01-02T15:04:05-0700")(t.Dropoff),
		number(t.PickupLon), number(t.PickupLat), number(t.DropoffLon), number(t.DropoffLat), number(t.TotalAmount))
}

func pretty(compact string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(compact), "", "  "); err != nil {
		panic(err)
	}
	return b.String()
}

func jsonForms() map[string]made {
	wire := objects(wireEvent)
	lines := strings.Join(wire, "\n") + "\n"
	watermark := string(trip.AppendWatermark(nil, 5))
	head := string(trips.AppendHead(nil, trips.Head{Prepared: trips.PreparedVersion, Order: "event_time", Trips: int64(len(sample))}))
	all := map[string]made{}
	for name, text := range map[string]string{
		"json-lines":       lines + watermark,
		"json-lines-bom":   mark + lines,
		"json-lines-cr":    strings.ReplaceAll(lines, "\n", "\r"),
		"json-lines-mixed": mixed(lines),
		"json-lines-utf16": "\xff\xfe" + string(wide(lines, little)),
		"json-array":       "[" + strings.Join(wire, ", ") + "]",
		"json-array-lines": mark + "[\n" + strings.Join(wire, "\n,\n") + "\n]\n",
		"json-pretty":      pretty("[" + strings.Join(wire, ",") + "]"),
		"json-objects":     pretty(strings.Join(wire[:1], "")) + "\n" + strings.Join(wire[1:], "\n"),
		"json-bigquery":    strings.Join(objects(reference), "\n"),
		"prepared":         head + lines,
	} {
		all[name] = made{[]byte(text), withID}
	}
	all["json-socrata"] = made{data: []byte("[" + strings.Join(objects(tlcObject), "\n,") + "]\n")}
	return all
}

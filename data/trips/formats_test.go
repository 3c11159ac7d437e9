package trips_test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"taxistream/internal/trip"
)

// sample are the trips that every form below holds.
var sample = func() (all []trip.Trip) {
	for i := range int64(40) {
		all = append(all, trip.Trip{
			PickupLat: float64(407_501+i*7) / 1e4, PickupLon: -float64(739_901-i) / 1e4, DropoffLat: 40.645, DropoffLon: -73.78,
			TotalAmount: float64(1230+25*i) / 100, HasAmount: true,
			Pickup: 1_436_462_648_000 + i*61_000, Dropoff: 1_436_464_800_000 + i*37_000, // 2015-07-09, summer time
		})
	}
	return all
}()

// made is a form as it is made for the test.
type made struct {
	data []byte
	want func(trip.Trip) trip.Trip // what the form leaves of a trip; nil: all but its id
}

// forms are all that docs/formats.md says to be read, by the name that it gives them.
func forms(t testing.TB) map[string]made {
	all := map[string]made{}
	for _, some := range []map[string]made{textForms(), jsonForms(), timeForms(), packedForms(t)} {
		maps.Copy(all, some)
	}
	return all
}

// Ensure each form that is documented gives the same trips, and that none is
// read that is not documented.
func TestFormats(t *testing.T) {
	all := forms(t)
	if documented, here := named(t, "## What is read", "## Parquet"), slices.Sorted(maps.Keys(all)); !slices.Equal(documented, here) {
		t.Errorf("docs/formats.md names\n%q, tried are\n%q", documented, here)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) { same(t, all[name]) })
	}
}

func same(t *testing.T, m made) {
	t.Helper()
	got, stats, err := read(t, write(t, "x", m.data))
	if err != nil || len(got) != len(sample) || stats.BadRows() != 0 {
		t.Fatalf("%d trips, %+v, %v", len(got), stats, err)
	}
	for i, want := range sample {
		if m.want != nil {
			want = m.want(want)
		}
		if got[i] != want {
			t.Fatalf("trip %d is %+v, want %+v", i, got[i], want)
		}
	}
}

// named are the names in the tables of docs/formats.md from one heading to the next, sorted.
func named(t testing.TB, from, to string) (names []string) {
	t.Helper()
	doc, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, found := strings.Cut(string(doc), "\n"+from+"\n")
	part, _, ends := strings.Cut(part, "\n"+to+"\n")
	if !found || !ends {
		t.Fatalf("docs/formats.md has no %q before %q", from, to)
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\|").FindAllStringSubmatch(part, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return names
}

// wall writes times on New York's clock, utc in UTC.
func wall(layout string) func(ms int64) string {
	return func(ms int64) string { return time.UnixMilli(ms).In(trip.NewYorkZone()).Format(layout) }
}

func utc(layout string) func(ms int64) string {
	return func(ms int64) string { return time.UnixMilli(ms).UTC().Format(layout) }
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// fields are a trip's of the TLC's CSV.
func fields(t trip.Trip, clock func(ms int64) string) []string {
	return []string{
		"2", clock(t.Pickup), clock(t.Dropoff), number(t.PickupLon), number(t.PickupLat), "N",
		number(t.DropoffLon), number(t.DropoffLat), number(t.TotalAmount), "0.3",
	}
}

var columns = []string{
	"VendorID", "tpep_pickup_datetime", "tpep_dropoff_datetime", "pickup_longitude", "pickup_latitude", "store_and_fwd_flag",
	"dropoff_longitude", "dropoff_latitude", "total_amount", "improvement_surcharge",
}

// table writes the sample; field dresses each field and name.
func table(separator, end string, clock func(ms int64) string, field func(string) string) string {
	var b strings.Builder
	lines := [][]string{columns}
	for _, t := range sample {
		lines = append(lines, fields(t, clock))
	}
	for _, line := range lines {
		for i, f := range line {
			if field != nil {
				f = field(f)
			}
			b.WriteString(f)
			b.WriteString(map[bool]string{true: end, false: separator}[i == len(line)-1])
		}
	}
	return b.String()
}

const mark = "\xef\xbb\xbf"

var iso = wall(time.DateTime)

func plain() string { return table(",", "\n", iso, nil) }

// rides are the sample as Flink's training has them, with their starts.
func rides(end string) string {
	var b strings.Builder
	for i, t := range sample {
		places := fmt.Sprintf("%s,%s,%s,%s,1,7,7", number(t.PickupLon), number(t.PickupLat), number(t.DropoffLon), number(t.DropoffLat))
		fmt.Fprintf(&b, "%d,START,%s,1970-01-01 00:00:00,%s%s", i+1, iso(t.Pickup), places, end)
		fmt.Fprintf(&b, "%d,END,%s,%s,%s%s", i+1, iso(t.Dropoff), iso(t.Pickup), places, end)
	}
	return b.String()
}

// mixed ends the lines in three ways by turns, and the last one not at all.
func mixed(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if i > 0 {
			b.WriteString([]string{"\n", "\r\n", "\r"}[i%3])
		}
		b.WriteString(line)
	}
	return b.String()
}

// wide is text in UTF-16.
func wide(text string, order binary.AppendByteOrder) []byte {
	var b []byte
	for _, c := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, c)
	}
	return b
}

func quoted(s string) string { return `"` + s + `"` }

func textForms() map[string]made {
	rideTrip := func(t trip.Trip) trip.Trip {
		t.ID, t.TotalAmount, t.HasAmount = 1+(t.Dropoff-sample[0].Dropoff)/37_000, 0, false
		return t
	}
	all := map[string]made{}
	for name, text := range map[string]string{
		"csv":           plain(),
		"csv-bom":       mark + plain(),
		"csv-crlf":      table(",", "\r\n", iso, nil),
		"csv-cr":        table(",", "\r", iso, nil),
		"csv-mixed":     mixed(plain()),
		"csv-semicolon": table(";", "\r\n", iso, func(f string) string { return strings.Replace(f, ".", ",", 1) }),
		"csv-tab":       table("\t", "\n", iso, nil),
		"csv-pipe":      table("|", "\n", iso, nil),
		"csv-quoted":    table(",", "\n", iso, quoted),
		"csv-excel":     mark + "sep=;\r\n" + table(";", "\r\n", iso, nil),
		"csv-utf16":     "\xff\xfe" + string(wide(plain(), binary.LittleEndian)),
		"csv-utf16be":   "\xfe\xff" + string(wide(plain(), binary.BigEndian)),
		"csv-utf16bare": string(wide(plain(), binary.LittleEndian)),
	} {
		all[name] = made{data: []byte(text)}
	}
	for name, text := range map[string]string{
		"rides": rides("\n"), "rides-bom": mark + rides("\n"), "rides-cr": rides("\r"), "rides-mixed": mixed(rides("\n")),
	} {
		all[name] = made{[]byte(text), rideTrip}
	}
	return all
}

func timeForms() map[string]made {
	all := map[string]made{}
	for name, clock := range map[string]func(int64) string{
		"time-slashes": wall("2006/01/02 15:04:05"), "time-t": wall("2006-01-02T15:04:05"), "time-basic": wall("20060102T150405"),
		"time-12h": wall("01/02/2006 03:04:05 PM"), "time-12h-iso": wall("2006-01-02 3:04:05 pm"), "time-fraction": wall("2006-01-02 15:04:05.000000"),
		"time-z": utc("2006-01-02T15:04:05Z"), "time-utc": utc("2006-01-02 15:04:05 UTC"),
		"time-offset": wall("2006-01-02T15:04:05-07:00"), "time-offset-basic": wall("20060102T150405-0700"),
		"time-offset-hours": wall("2006-01-02 15:04:05-07"), "time-offset-space": wall("2006-01-02 15:04:05 -07:00"),
		"time-offset-seconds": wall("2006-01-02 15:04:05-07:00:00"), "time-java": wall("2006-01-02T15:04:05-07:00[America/New_York]"),
	} {
		all[name] = made{data: []byte(table(",", "\n", clock, nil))}
	}
	return all
}

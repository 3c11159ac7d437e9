package enginetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"taxistream/engine"
	"taxistream/engine/window"
)

// The order of each key is kept within a split, and from a split to its children. So
// beside its program every simulation gathers, by key and window, the places that
// elements came from, in the order in which they came: an accumulator that grows and has
// pointers, too.

// sighting is an element with its place in the log.
type sighting struct {
	Key   int64
	Place Place
}

// sightings are those of one key and window.
type sightings struct {
	Key, Last int64
	Places    []Place
}

// orderSize is the size of its windows, ms, and orderKeys the number of its keys in each
// log: large and few, so that many elements meet.
const (
	orderSize = 10 * judgeSize
	orderKeys = 3
)

// orderKey tells the keys of the logs apart, by the letter that their splits begin with.
func orderKey(split string, key int64) int64 { return key%orderKeys + orderKeys*int64(split[0]-'a') }

// name is what stands for them outside.
func (s sightings) name() string { return fmt.Sprint(s.Key, "@", s.Last) }

var placesCodec = engine.FuncCodec[[]Place]{
	AppendFunc: func(b []byte, p []Place) []byte {
		data, _ := json.Marshal(p) // of strings and numbers
		return engine.StringCodec{}.Append(b, string(data))
	},
	DecodeFunc: func(b []byte) (p []Place, _ []byte, err error) {
		data, b, err := engine.StringCodec{}.Decode(b)
		if err == nil {
			err = json.Unmarshal([]byte(data), &p)
		}
		return p, b, err
	},
}

// order adds the gathering of a source's sightings to a job.
func (p program) order(w *world, in *engine.Stream[sighting], name string) {
	byKey := engine.KeyBy(in, func(s *sighting) int64 { return s.Key }, engine.Int64Codec{})
	windows := window.Tumbling(orderSize * time.Millisecond)
	results, late := engine.Aggregate(byKey, "order "+name, windows, engine.Aggregation[int64, sighting, []Place, sightings]{
		Add: func(places *[]Place, e *engine.Element[sighting]) { *places = append(*places, e.Value.Place) },
		Result: func(key int64, win window.Window, places *[]Place) (sightings, bool) {
			return sightings{Key: key, Last: win.MaxTime(), Places: slices.Clone(*places)}, true
		},
		Codec: placesCodec,
	})
	engine.SinkTo(results, "order "+name+" results", &Collect[sightings]{OnWrite: func(batch []engine.Element[sightings]) error {
		for _, e := range batch {
			w.out.sighted(w.logs, e.Value)
		}
		return nil
	}})
	engine.SinkTo(late, "order "+name+" late", neverSink[sighting](w, "order "+name))
}

// sighted takes a result in. It may come again, with the splits woven in another way.
func (o *outside) sighted(logs []*Log[event], s sightings) {
	ancestors := map[string]map[string]bool{}
	for _, l := range logs {
		for _, split := range l.Splits() {
			above := map[string]bool{}
			for _, parent := range split.Parents {
				above[parent] = true
				for a := range ancestors[parent] {
					above[a] = true
				}
			}
			ancestors[split.ID] = above
		}
	}
	for i, earlier := range s.Places {
		for _, later := range s.Places[i+1:] {
			if earlier.Split == later.Split && earlier.Number >= later.Number || ancestors[earlier.Split][later.Split] {
				o.wrong("key %d: %v comes before %v", s.Key, earlier, later)
			}
		}
	}
	places := slices.Clone(s.Places)
	SortPlaces(places)
	o.places[s.name()] = places
}

// orderModel says which places each key and window has.
func (p program) orderModel(logs []*Log[event]) map[string][]Place {
	want := map[string][]Place{}
	p.judged(logs, func(i item, place Place, late bool) {
		if !late {
			name := sightings{Key: orderKey(place.Split, i.Key), Last: endOf(i.At, orderSize) - 1}.name()
			want[name] = append(want[name], place)
		}
	})
	for _, places := range want {
		SortPlaces(places)
	}
	return want
}

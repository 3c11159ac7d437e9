package shards

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

func TestScaler_Handle(t *testing.T) {
	minutesAgo := func(n int) string { return start.Add(-time.Duration(n) * time.Minute).Format(time.RFC3339) }
	for name, test := range map[string]struct {
		shards  int
		alarm   string
		prepare func(*world)
		want    Outcome
		changes string
	}{
		"Up":           {4, "up", nil, Outcome{Did: Scaled, From: 4, To: 8}, "shards 8; up back; up: …*8); down back; down: …*8)"},
		"Down":         {5, "down", nil, Outcome{Did: Scaled, From: 5, To: 3}, "shards 3; up back; up: …*3); down back; down: …*3)"},
		"UpToGreatest": {9, "up", nil, Outcome{Did: Scaled, From: 9, To: 16}, "shards 16; up back; up: …*16); down back; down: …*16)"},
		"DownToLeast":  {3, "down", nil, Outcome{Did: Scaled, From: 3, To: 2}, "shards 2; up back; up: …*2); down back; down: …*2)"},
		"AtGreatest":   {16, "up", nil, Outcome{Did: AtLimit, From: 16, To: 16, Why: "2 to 16 shards"}, ""},
		"AboveLimit":   {40, "up", nil, Outcome{Did: AtLimit, From: 40, To: 40, Why: "2 to 16 shards"}, ""},
		"BelowLimit":   {1, "down", nil, Outcome{Did: AtLimit, From: 1, To: 1, Why: "2 to 16 shards"}, ""},
		"AtLeast":      {2, "down", nil, Outcome{Did: AtLimit, From: 2, To: 2, Why: "2 to 16 shards"}, ""},
		"OtherAlarm":   {4, "lag", nil, Outcome{Did: Ignored, Why: "neither up nor down"}, ""},
		"OnDemand": {
			4, "up", func(w *world) { w.mode = types.StreamModeOnDemand },
			Outcome{Did: Ignored, From: 4, To: 4, Why: "on demand"},
			"",
		},
		"Updating": {
			4, "up", func(w *world) { w.status = types.StreamStatusUpdating },
			Outcome{Did: Waits, From: 4, To: 4, Why: "the stream is UPDATING"},
			"up back",
		},
		"Busy": {
			4, "up", func(w *world) { w.fails["update"] = &types.ResourceInUseException{} },
			Outcome{Did: Waits, From: 4, To: 4, Why: "another change is under way"},
			"up back",
		},
		"LimitOfKinesis": {
			4, "down", func(w *world) { w.fails["update"] = &types.LimitExceededException{Message: aws.String("too many")} },
			Outcome{Did: Waits, From: 4, To: 4, Why: "too many"},
			"down back",
		},
		"Cooling": {
			4, "up", func(w *world) { w.tag(Tag, minutesAgo(9)) },
			Outcome{Did: Waits, From: 4, To: 4, Why: "less than 10m0s ago"},
			"up back",
		},
		"Cooled": {
			4, "up", func(w *world) { w.tag(Tag, minutesAgo(10)) },
			Outcome{Did: Scaled, From: 4, To: 8},
			"shards 8; up back; up: …*8); down back; down: …*8)",
		},
		"TenToday": {4, "up", func(w *world) {
			var times []string
			for i := range PerDay {
				times = append(times, minutesAgo(24*60-1-i))
			}
			w.tag(Tag, strings.Join(times, " "))
		}, Outcome{Did: Waits, From: 4, To: 4, Why: "changed 10 times in the last 24 hours"}, "up back"},
		"OneIsOfYesterday": {4, "up", func(w *world) {
			var times []string
			for i := range PerDay {
				times = append(times, minutesAgo(24*60-i))
			}
			w.tag(Tag, strings.Join(times, " "))
		}, Outcome{Did: Scaled, From: 4, To: 8}, "shards 8; up back; up: …*8); down back; down: …*8)"},
		"TagOnThirdPage": {
			4, "up", func(w *world) { w.tag("a", "x"); w.tag("b", "y"); w.tag(Tag, minutesAgo(1)) },
			Outcome{Did: Waits, From: 4, To: 4, Why: "less than 10m0s ago"},
			"up back",
		},
		"TagOfNonsense": {
			4, "up", func(w *world) { w.tag(Tag, "yesterday") },
			Outcome{Did: Scaled, From: 4, To: 8},
			"shards 8; up back; up: …*8); down back; down: …*8)",
		},
		"ReckonedWithOthers": {
			4, "up", func(w *world) { w.alarms["down"].Metrics[2].Expression = aws.String(Expression(8)) },
			Outcome{Did: Corrected, From: 4, To: 4, Why: "another number"},
			"down back; down: …*4)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, test.shards)
			if test.prepare != nil {
				test.prepare(w)
			}
			got, err := w.call(test.alarm)
			if err != nil || got.Did != test.want.Did || got.From != test.want.From || got.To != test.want.To || !strings.Contains(got.Why, test.want.Why) {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
			changes := strings.ReplaceAll(strings.Join(w.changes, "; "), strings.TrimSuffix(Expression(1), "*1)"), "…")
			if changes != test.changes {
				t.Errorf("changed %q, want %q", changes, test.changes)
			}
		})
	}
}

// Every call that fails makes the whole fail, with what and where, and a second
// try ends as if nothing had happened but for the note of the first.
func TestScaler_HandleFails(t *testing.T) {
	for name, want := range map[string]string{
		"describe": "describe stream trips: broken",
		"alarms":   "describe the alarms: broken",
		"tags":     "read the tags of stream trips: broken",
		"tag":      "tag stream trips: broken",
		"update":   "change stream trips from 4 to 8 shards: broken",
		"state":    "put back alarm up: broken",
		"put up":   "put alarm up for 8 shards: broken",
		"put down": "put alarm down for 8 shards: broken",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 4)
			w.fails[name] = errBroken
			if _, err := w.call("up"); !errors.Is(err, errBroken) || err.Error() != want {
				t.Fatalf("got %v, want %s", err, want)
			}
			delete(w.fails, name)
			w.now = w.now.Add(time.Hour)
			if _, err := w.call("up"); err != nil {
				t.Fatal(err)
			}
			for _, alarm := range w.alarms {
				if _, have, _ := expressionOf(alarm); w.shards != 8 || have != 8 {
					t.Errorf("%d shards, and alarm %s reckons with %d", w.shards, *alarm.AlarmName, have)
				}
			}
		})
	}
}

func TestScaler_AlarmsAreNotOurs(t *testing.T) {
	w := newWorld(t, 4)
	w.alarms["down"].Metrics[2].Expression = aws.String("bytes/8")
	if _, err := w.call("up"); err == nil || !strings.Contains(err.Error(), "alarm down has no expression that ends in a number of shards: deploy the stack again") {
		t.Error(err)
	}
	delete(w.alarms, "down")
	if _, err := w.call("up"); err == nil || !strings.Contains(err.Error(), "there are 1 of the alarms up and down: deploy the stack again") {
		t.Error(err)
	}
}

// An alarm that reckons anew is otherwise what it was.
func TestScaler_KeepsTheAlarm(t *testing.T) {
	w := newWorld(t, 4)
	want := *w.alarms["up"]
	if _, err := w.call("up"); err != nil {
		t.Fatal(err)
	}
	got := *w.alarms["up"]
	want.Metrics = slices.Clone(want.Metrics)
	want.Metrics[2].Expression = aws.String(Expression(8))
	want.StateValue = cwtypes.StateValueInsufficientData
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("got  %s\nwant %s", a, b)
	}
}

// Whatever calls come when, Kinesis's limits hold, and so do ours.
func TestScaler_Storm(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t, 4)
		var changes []time.Time
		for range 500 {
			w.now = w.now.Add(time.Duration(r.IntN(20*60)) * time.Second)
			before := w.shards
			if _, err := w.call([]string{"up", "down"}[r.IntN(2)]); err != nil {
				t.Fatal(err)
			}
			if w.shards == before {
				continue
			}
			if w.shards < 2 || w.shards > 16 {
				t.Fatalf("seed %d: %d shards", seed, w.shards)
			}
			if n := len(changes); n > 0 && w.now.Sub(changes[n-1]) < 10*time.Minute-time.Second {
				t.Fatalf("seed %d: changes at %v and %v", seed, changes[n-1], w.now)
			}
			changes = append(changes, w.now)
			if n := len(changes); n > PerDay && changes[n-1].Sub(changes[n-1-PerDay]) < 24*time.Hour-time.Second {
				t.Fatalf("seed %d: %d changes from %v to %v", seed, PerDay+1, changes[n-1-PerDay], w.now)
			}
		}
		if len(changes) < 20 {
			t.Errorf("seed %d: only %d changes", seed, len(changes))
		}
	}
}

// The event is CloudWatch's (its guide, "Invoke a Lambda function from an alarm").
func TestEvent(t *testing.T) {
	const text = `{"source":"aws.cloudwatch","alarmArn":"arn:aws:cloudwatch:us-east-1:444455556666:alarm:up","accountId":"444455556666",
		"time":"2023-08-04T12:36:15.490+0000","region":"us-east-1","alarmData":{"alarmName":"up","state":{"value":"OK","reason":"test"},
		"previousState":{"value":"ALARM"},"configuration":{"metrics":[]}}}`
	var event Event
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, 4)
	got, err := w.scaler().Handle(context.Background(), event)
	if want := (Outcome{Did: Ignored, Why: "the alarm's state is OK"}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestFromEnvironment(t *testing.T) {
	whole := map[string]string{"STREAM": "trips", "UP_ALARM": "up", "DOWN_ALARM": "down", "LEAST": "2", "GREATEST": "16", "COOLDOWN": "10m"}
	got, err := FromEnvironment(func(name string) string { return whole[name] })
	if want := (Settings{"trips", "up", "down", 2, 16, 10 * time.Minute}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, test := range map[string]struct{ key, value, want string }{
		"NoStream":   {"STREAM", "", "STREAM is not set"},
		"NoNumber":   {"LEAST", "two", "LEAST is no number of shards"},
		"Zero":       {"GREATEST", "0", "GREATEST is no number of shards"},
		"NoDuration": {"COOLDOWN", "10", "COOLDOWN is no duration such as 10m"},
		"Crossed":    {"LEAST", "17", "LEAST is 17, more than GREATEST, 16"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := FromEnvironment(func(name string) string {
				if name == test.key {
					return test.value
				}
				return whole[name]
			})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

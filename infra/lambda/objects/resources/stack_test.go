package resources_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"taxistream/infra/lambda/cloudformation"
	"taxistream/infra/lambda/objects/resources"
	"taxistream/internal/opensearch"
)

// stack does with custom resources what CloudFormation does, but sends every
// request twice: each must bear it.
type stack struct {
	t       *testing.T
	handler *resources.Handler
	made    map[string]made // by logical id
}

type made struct {
	id, kind   string
	properties map[string]string
}

func newStack(t *testing.T) *stack {
	h := resources.New(func(url string) (*opensearch.Client, error) {
		return opensearch.New(opensearch.Options{Endpoint: url, MinBackoff: time.Millisecond, MaxBackoff: time.Millisecond})
	})
	h.Resolve = func(context.Context, string) error { return nil }
	h.Pause, h.Settle = time.Millisecond, time.Millisecond
	return &stack{t, h, map[string]made{}}
}

// wanted is a resource of a template.
type wanted struct {
	kind       string
	properties map[string]string
}

// template is the whole of the stack Search and the processor's access.
func template(d *domain, prefix string) map[string]wanted {
	with := func(more map[string]string) map[string]string {
		more["Endpoint"], more["Prefix"], more["ServiceToken"] = d.url, prefix, "arn:aws:lambda:::function:x"
		return more
	}
	return map[string]wanted{
		"SavedObjects": {"Custom::SearchObjects", with(map[string]string{"From": "", "To": "now", "KeepMonths": "12"})},
		"LogSettings":  {"Custom::SearchLogging", with(map[string]string{"SlowSeconds": "5"})},
		"Readers":      {"Custom::SearchAccess", with(map[string]string{"Role": roleARN("Reader-1"), "Access": "reader"})},
		"Writes":       {"Custom::SearchAccess", with(map[string]string{"Role": roleARN("Processor-1"), "Access": "writer"})},
	}
}

func roleARN(name string) string { return "arn:aws:iam::123456789012:role/" + name }

// order is that of the dependencies: all may run at once, but tests want one.
var order = []string{"SavedObjects", "LogSettings", "Readers", "Writes"}

// deploy brings the stack to the template. After a failure it rolls back, and
// tells why. At the end what was replaced is deleted.
func (s *stack) deploy(want map[string]wanted) (map[string]cloudformation.Result, error) {
	before := map[string]made{}
	for name, m := range s.made {
		before[name] = m
	}
	results := map[string]cloudformation.Result{}
	for _, name := range order {
		w := want[name]
		old, there := s.made[name]
		event := cloudformation.Event{RequestType: cloudformation.Create, LogicalResourceID: name, ResourceType: w.kind}
		if there {
			event.RequestType, event.PhysicalResourceID = cloudformation.Update, old.id
		}
		result, err := s.send(event, w.properties)
		s.made[name] = made{result.PhysicalID, w.kind, w.properties}
		if err != nil {
			s.rollBack(before)
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		results[name] = result
	}
	for name, old := range before {
		s.drop(name, old)
	}
	return results, nil
}

// rollBack updates what was changed to what it was, then deletes the rest.
func (s *stack) rollBack(before map[string]made) {
	s.t.Helper()
	after := s.made
	s.made = map[string]made{}
	for name, now := range after {
		old, there := before[name]
		if there {
			event := cloudformation.Event{RequestType: cloudformation.Update, LogicalResourceID: name, ResourceType: old.kind, PhysicalResourceID: now.id}
			result, err := s.send(event, old.properties)
			if err != nil {
				s.t.Fatalf("roll back %s: %v", name, err)
			}
			s.made[name] = made{result.PhysicalID, old.kind, old.properties}
		}
		s.drop(name, now)
	}
}

// drop deletes what a logical id stood for, unless it still does.
func (s *stack) drop(name string, m made) {
	s.t.Helper()
	if s.made[name].id == m.id {
		return
	}
	event := cloudformation.Event{RequestType: cloudformation.Delete, LogicalResourceID: name, ResourceType: m.kind, PhysicalResourceID: m.id}
	if _, err := s.send(event, m.properties); err != nil {
		s.t.Fatalf("delete %s: %v", m.id, err)
	}
}

// destroy deletes all of the stack.
func (s *stack) destroy() {
	s.t.Helper()
	all := s.made
	s.made = map[string]made{}
	for name, m := range all {
		s.drop(name, m)
	}
}

func (s *stack) send(event cloudformation.Event, properties map[string]string) (cloudformation.Result, error) {
	s.t.Helper()
	var err error
	if event.Properties, err = json.Marshal(properties); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute) // as the function's own end
	defer cancel()
	first, err := s.handler.Handle(ctx, event)
	second, again := s.handler.Handle(ctx, event)
	if fmt.Sprint(first, err) != fmt.Sprint(second, again) {
		s.t.Errorf("%s %s: first %v, %v, then %v, %v", event.RequestType, event.LogicalResourceID, first, err, second, again)
	}
	return second, again
}

package cloudformation

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// reserve is kept of the function's time for the answer.
	reserve = 20 * time.Second
	// attempts at sending it.
	attempts = 4
	// longestReason leaves room in the 4,096 bytes for the rest, escapes included.
	longestReason = 1500
)

// Handler does what an event asks for. An error is one line: what, where, what to do.
type Handler func(context.Context, Event) (Result, error)

// Answerer serves events. Its fields are not changed after the first.
type Answerer struct {
	HTTP *http.Client
	Log  *slog.Logger
	Now  func() time.Time
	Wait func(context.Context, time.Duration) // between attempts; nil: the time itself
}

// Serve handles an event and answers. An error means that no answer arrived:
// Lambda then runs the function again with the same event.
func (a *Answerer) Serve(ctx context.Context, event Event, handle Handler) error {
	log := a.Log.With("request", event.RequestType, "resource", event.LogicalResourceID, "type", event.ResourceType)
	result, err := a.run(ctx, event, handle)
	answer := Answer{
		Status: Success, PhysicalResourceID: result.PhysicalID, Data: result.Data,
		StackID: event.StackID, RequestID: event.RequestID, LogicalResourceID: event.LogicalResourceID,
	}
	if err != nil {
		log.Error("custom resource", "error", err.Error())
		answer.Status, answer.Reason, answer.Data = Failed, reason(err), nil
	}
	// CloudFormation takes no answer without a name; this one stands for nothing.
	answer.PhysicalResourceID = cmp.Or(answer.PhysicalResourceID, event.PhysicalResourceID, "nothing-"+event.RequestID)
	if err := a.send(ctx, event.ResponseURL, answer); err != nil {
		log.Error("custom resource", "answer", answer.Status, "error", err.Error())
		return err
	}
	log.Info("custom resource", "answer", answer.Status, "id", answer.PhysicalResourceID, "data", answer.Data)
	return nil
}

// run calls the handler with less time than the function has, and turns a panic
// into an error.
func (a *Answerer) run(ctx context.Context, event Event, handle Handler) (result Result, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%s %s: panic: %v: see the function's log", event.RequestType, event.LogicalResourceID, fault)
		}
	}()
	if end, ok := ctx.Deadline(); ok {
		limited, cancel := context.WithTimeout(ctx, end.Sub(a.Now())-reserve)
		defer cancel()
		ctx = limited
	}
	return handle(ctx, event)
}

func reason(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	if errors.Is(err, context.DeadlineExceeded) {
		text += ": the function's time is over; see its log for what it waited for, and deploy again"
	}
	if len(text) > longestReason {
		text = strings.ToValidUTF8(text[:longestReason], "") + "…"
	}
	return text
}

// send puts the answer. No error names the address, which is a secret.
func (a *Answerer) send(ctx context.Context, address string, answer Answer) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("answer CloudFormation: %w", err)
	}
	for attempt := 1; ; attempt++ {
		err := a.put(ctx, address, body)
		if err == nil {
			return nil
		}
		if attempt == attempts || ctx.Err() != nil {
			return fmt.Errorf("answer CloudFormation, attempt %d: %w", attempt, err)
		}
		a.wait(ctx, time.Duration(attempt)*time.Second)
	}
}

func (a *Answerer) put(ctx context.Context, address string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("the event's ResponseURL is not a URL")
	}
	// The address is signed without a content type.
	req.Header["Content-Type"] = []string{""}
	res, err := a.HTTP.Do(req)
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return u.Err
	}
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}

func (a *Answerer) wait(ctx context.Context, d time.Duration) {
	if a.Wait != nil {
		a.Wait(ctx, d)
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

package stop

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func kill(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), s); err != nil {
		t.Fatal(err)
	}
}

// Ensure the first signal, or the end of the caller's context, ends the work's
// context, and the work decides on the status.
func TestRun(t *testing.T) {
	for name, c := range map[string]func(t *testing.T, cancel func()){
		"SIGINT":  func(t *testing.T, _ func()) { t.Helper(); kill(t, syscall.SIGINT) },
		"SIGTERM": func(t *testing.T, _ func()) { t.Helper(); kill(t, syscall.SIGTERM) },
		"Context": func(_ *testing.T, cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var stderr strings.Builder
			status := Run(ctx, Program{Name: "p", Stderr: &stderr}, func(ctx, _ context.Context) int {
				c(t, cancel)
				<-ctx.Done()
				return 7
			})
			if status != 7 || stderr.String() != "" {
				t.Errorf("status %d, %q", status, stderr.String())
			}
		})
	}
	if status := Run(t.Context(), Program{}, func(_, _ context.Context) int { return 3 }); status != 3 {
		t.Errorf("without a signal: status %d", status)
	}
}

// Ensure a second signal leaves the work where it is, and so does the end of the
// time that it has, each with one line.
func TestRun_AtOnce(t *testing.T) {
	stuck := make(chan struct{})
	defer close(stuck)
	var stderr strings.Builder
	status := Run(t.Context(), Program{Name: "p", Stderr: &stderr, AtOnce: "something is left"}, func(ctx, _ context.Context) int {
		kill(t, syscall.SIGTERM)
		<-ctx.Done()
		kill(t, syscall.SIGINT)
		<-stuck
		return 0
	})
	if status != 1 || stderr.String() != "p: ended at once: something is left\n" {
		t.Errorf("status %d, %q", status, stderr.String())
	}
	stderr.Reset()
	status = Run(t.Context(), Program{Name: "p", Stderr: &stderr, AtOnce: "something is left", grace: time.Millisecond}, func(ctx, _ context.Context) int {
		kill(t, syscall.SIGTERM)
		<-ctx.Done()
		<-stuck
		return 0
	})
	if status != 1 || stderr.String() != "p: not ended 1ms after it was told to stop: something is left\n" {
		t.Errorf("status %d, %q", status, stderr.String())
	}
}

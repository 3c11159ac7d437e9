package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"taxistream/internal/flags"
)

// ready is the verb that asks a running processor's /readyz: status 0 when it
// reads, else 1. An image without a shell has no other program to ask with, so
// it serves as the health check of a container.
func ready(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("processor ready", "asks a running processor whether it reads: status 0 if so, else 1")
	address := set.String("address", "127.0.0.1:8081", "`host:port` of the processor, its -listen")
	timeout := set.Duration("timeout", 3*time.Second, "`time` to wait for the answer")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	answer, err := askReady(ctx, *address)
	if err != nil {
		return set.Fail(stderr, err)
	}
	fmt.Fprintln(stdout, answer)
	return 0
}

// readyLimit is more than any answer of /readyz has.
const readyLimit = 4 << 10

// askReady gives the answer of /readyz, or an error that says what the processor waits for.
func askReady(ctx context.Context, address string) (string, error) {
	url := "http://" + address + "/readyz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", fmt.Errorf("-address %s: write host:port", address)
	}
	direct := &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}} // a proxy is for the way out
	response, err := direct.Do(request)
	if err != nil {
		return "", fmt.Errorf("no processor answers: %w; is it running with -listen %s?", err, address)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, readyLimit))
	if err != nil {
		return "", fmt.Errorf("read the answer of %s: %w", url, err)
	}
	text := strings.TrimSpace(string(body))
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s: %s", url, response.Status, text)
	}
	return text, nil
}

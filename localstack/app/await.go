package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	processor "taxistream/processor/app"
)

// answerLimit is more than any answer of /caughtup has.
const answerLimit = 4 << 10

// caughtUpAt waits for a processor of another process as [processor.Processor.CaughtUp]
// does, and says which results are still to come.
func caughtUpAt(ctx context.Context, address string, stderr io.Writer) error {
	url := "http://" + address + "/caughtup"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return fmt.Errorf("-address %s: write host:port", address)
	}
	direct := &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}} // a proxy is for the way out
	response, err := direct.Do(request)
	if err != nil {
		return fmt.Errorf("wait for the processor: %w; is it running with -listen %s?", err, address)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s: %s", url, response.Status, strings.TrimSpace(string(body)))
	}
	var c processor.CaughtUp
	if err := json.Unmarshal(body, &c); err != nil {
		return fmt.Errorf("read the answer of %s: %w", url, err)
	}
	if c.Open > 0 {
		fmt.Fprintln(stderr, "localstack export: windows that the watermark has not closed are not in the export")
	}
	return nil
}

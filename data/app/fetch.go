package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"taxistream/internal/awsconf"
	"taxistream/internal/fault"
	"taxistream/internal/flags"
	"taxistream/internal/redact"
	"taxistream/internal/telemetry"
)

// tlcBase is where the TLC publishes its trip records (nyc.gov, "TLC Trip Record Data").
const tlcBase = "https://d37ci6vzurychx.cloudfront.net/trip-data"

var yearMonth = regexp.MustCompile(`^20\d\d-(0[1-9]|1[0-2])$`)

func fetch(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("data fetch", "downloads a published month of trips; run it again to go on where it broke")
	color := set.Choice("color", "yellow", []string{"yellow", "green"}, "which taxis: `yellow` or green")
	dir := set.String("dir", ".", "`folder` to write to")
	base := set.String("base", tlcBase, "`URL` before the file's name")
	set.TakeArgs("YEAR-MONTH")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	if len(set.Args()) != 1 || !yearMonth.MatchString(set.Args()[0]) {
		return set.Usage(stderr, errors.New("name one month, such as 2015-01"))
	}
	name := fmt.Sprintf("%s_tripdata_%s.parquet", *color, set.Args()[0])
	d := download{
		url: strings.TrimRight(*base, "/") + "/" + name, to: filepath.Join(*dir, name),
		out: stdout, err: stderr, told: telemetry.StartProgress(stderr, time.Now),
	}
	err := d.run(ctx)
	d.told.End()
	return finish(ctx, set, stderr, err, "run the same command to go on with "+name)
}

// download fetches one file into <to>.part, with the server's ETag in
// <to>.etag, and renames it when it is whole.
type download struct {
	url, to  string
	out, err io.Writer
	told     *telemetry.Progress
	client   *http.Client
	at       int64 // bytes that are there
}

func (d *download) run(ctx context.Context) error {
	if _, err := os.Stat(d.to); err == nil {
		fmt.Fprintf(d.out, "%s is there already\n", d.to)
		return nil
	}
	var err error
	if d.client, err = awsconf.Client(); err != nil {
		return err
	}
	tries, at := fault.Tries{}, int64(0)
	for {
		waiting, cancel := fault.Start(ctx, 0) // for each piece that comes
		for at = d.at; d.at == at; {
			if err = d.attempt(ctx); err == nil {
				cancel()
				return nil
			}
			if ctx.Err() != nil {
				cancel()
				return ctx.Err()
			}
			pause, final := tries.Failed(err)
			if final != nil {
				cancel()
				return final
			}
			fmt.Fprintf(d.told.Logs(d.err), "the connection broke (%s); going on\n", fault.Cause(err))
			if fault.Sleep(waiting, pause) != nil {
				cancel()
				return fault.GaveUp(waiting, err)
			}
		}
		cancel()
		tries.Done()
	}
}

// attempt makes one request. It notes how far the file is.
func (d *download) attempt(ctx context.Context) error {
	part, err := os.OpenFile(d.to+".part", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer part.Close()
	have, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return fmt.Errorf("-base %s is no address that can be read", redact.URL(d.url))
	}
	etag, _ := os.ReadFile(d.to + ".etag") // absent: begin anew
	if have > 0 && len(etag) > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		req.Header.Set("If-Range", string(etag))
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", redact.URL(d.url), fault.Explain(err))
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusPartialContent:
	case http.StatusOK: // from the start: the file changed, or the server cannot go on
		have = 0
		if err := errors.Join(part.Truncate(0), os.WriteFile(d.to+".etag", []byte(resp.Header.Get("ETag")), 0o644)); err != nil {
			return err
		}
		if _, err := part.Seek(0, io.SeekStart); err != nil {
			return err
		}
	case http.StatusNotFound, http.StatusForbidden:
		return fmt.Errorf("%s: the server answers %s: the month is not published there", redact.URL(d.url), resp.Status)
	default:
		return &fault.AnswerError{Status: resp.StatusCode, Words: fmt.Sprintf("%s: the server answers %s", redact.URL(d.url), resp.Status)}
	}
	total := int64(-1)
	if resp.ContentLength >= 0 {
		total = have + resp.ContentLength
	}
	d.told.Step("fetching", telemetry.InBytes)
	n, err := io.Copy(part, &progress{r: resp.Body, told: readTo(d.told), at: have, total: total})
	d.at = have + n
	if err != nil {
		return fmt.Errorf("%s: %w", redact.URL(d.url), fault.Explain(err))
	}
	if err := part.Sync(); err != nil {
		return err
	}
	if err := os.Rename(d.to+".part", d.to); err != nil {
		return err
	}
	_ = os.Remove(d.to + ".etag") // of no use any more
	fmt.Fprintf(d.out, "%s: %d bytes\n", d.to, have+n)
	return nil
}

// progress tells how far a download is.
type progress struct {
	r         io.Reader
	told      func(read, size int64)
	at, total int64
}

// Read implements io.Reader.
func (p *progress) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.at += int64(n)
	p.told(p.at, p.total)
	return n, err
}

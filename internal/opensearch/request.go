package opensearch

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"taxistream/internal/awsconf"
	"taxistream/internal/fault"
)

// request is one request and may be sent many times.
type request struct {
	op     string // for errors
	method string
	body   []byte // nil: none
	// of makes the stock client's request; body reads this one's, nil where there is none.
	of func(body io.Reader) stock
}

// stock is one of the stock client's requests.
type stock interface {
	GetRequest(method string) (*http.Request, error)
}

func bodiless(s stock) func(io.Reader) stock { return func(io.Reader) stock { return s } }

// Do sends a request that may be repeated, as the client's own are sent: signed
// or with the password, and again until the server answers. It is for APIs
// beside the results store's, such as that of OpenSearch Dashboards. path begins
// with a slash; op is for errors, "import objects".
func (c *Client) Do(ctx context.Context, op, method, path string, header http.Header, body []byte) ([]byte, error) {
	return c.call(ctx, &request{op: op, method: method, body: body, of: func(b io.Reader) stock { return plain{path, header, b} }})
}

// Get reads JSON from a path, as Do does, into v.
func (c *Client) Get(ctx context.Context, op, path string, v any) error {
	return c.ask(ctx, &request{op: op, method: http.MethodGet, of: bodiless(plain{path: path})}, v)
}

// plain is a request to a path of somebody else's.
type plain struct {
	path   string
	header http.Header
	body   io.Reader
}

// GetRequest implements stock.
func (p plain) GetRequest(method string) (*http.Request, error) {
	req, err := http.NewRequest(method, p.path, p.body) //nolint:noctx // once gives it one
	if err != nil {
		return nil, err
	}
	if p.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, values := range p.header {
		req.Header[name] = values
	}
	return req, nil
}

// answer is a whole answer: its body was read to its announced end.
type answer struct {
	status int
	body   []byte
}

// errTooLong is returned for an answer of more than MaxResponse bytes.
var errTooLong = errors.New("the answer is longer than the limit; ask for smaller pages")

// once sends a request one time. An error means that there is no whole answer.
func (c *Client) once(ctx context.Context, r *request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.RequestTimeout)
	defer cancel()
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := r.of(body).GetRequest(r.method)
	if err != nil {
		return answer{}, &Error{Op: r.op, Server: c.base, Err: err}
	}
	res, err := c.transport.Stream(req.WithContext(ctx))
	if res == nil {
		if known := (*Error)(nil); errors.As(err, &known) {
			return answer{}, known // without the transport's words around it
		}
		// As net/http tells it: the transport puts method and URL before the cause in a form of its own.
		return answer{}, &url.Error{Op: r.method, URL: c.base, Err: cmp.Or(errors.Unwrap(err), err)}
	}
	defer res.Body.Close()
	whole, err := readAll(res, c.o.MaxResponse)
	if err != nil {
		return answer{}, err
	}
	return answer{res.StatusCode, whole}, nil
}

func readAll(res *http.Response, limit int64) ([]byte, error) {
	var b bytes.Buffer
	if n := res.ContentLength; n > 0 && n <= limit {
		b.Grow(int(n) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if n > limit {
		return nil, errTooLong
	}
	return b.Bytes(), nil
}

// call sends a request until it is answered for good: a success or an error
// that trying again would not mend (*Error), or until the context ends. It is
// for requests that may be repeated, which all of ours are.
func (c *Client) call(ctx context.Context, r *request) ([]byte, error) {
	s := spell{of: &c.troubles}
	defer s.quit()
	silent := s.silence()
	defer silent.Stop()
	var last error
	var tries fault.Tries
	for attempt := 0; ; attempt++ {
		if err := c.backoff(ctx, attempt); err != nil {
			return nil, fmt.Errorf("%s at %s: %w", r.op, c.base, fault.GaveUp(ctx, last))
		}
		a, err := c.once(ctx, r)
		if err == nil && a.status >= 200 && a.status < 300 {
			silent.Stop()
			s.end()
			return a.body, nil
		}
		if ctx.Err() == nil {
			last = c.whatFailed(r, a, err)
			if last, err = c.judge(r.op, &tries, last); err != nil {
				return nil, err
			}
			s.begin(last.Error())
		}
	}
}

// whatFailed is the failure of one attempt.
func (c *Client) whatFailed(r *request, a answer, err error) error {
	if err != nil {
		return err
	}
	return c.refused(r.op, a.status, parseException(a.body))
}

// judge parts a failure that may be tried again (its short form) from one that
// ends the operation. Where the credentials were refused they are renewed.
func (c *Client) judge(op string, tries *fault.Tries, err error) (again, final error) {
	if fault.Classify(err) == fault.Renew {
		awsconf.Renew(c.o.AWS.Credentials)
		if c.o.Sign == "" {
			return nil, err
		}
	}
	if _, final := tries.Failed(err); final != nil {
		var known *Error
		if errors.As(final, &known) || errors.Is(final, errTooLong) {
			return nil, final
		}
		return nil, &Error{Op: op, Server: c.base, Err: fault.Plain(final), Hint: fault.Advice(final)}
	}
	var known *Error
	if errors.As(err, &known) && known.Err == nil {
		return fmt.Errorf("status %d %s %s", known.Status, known.Type, known.Reason), nil
	}
	return fault.Plain(err), nil
}

func (c *Client) refused(op string, status int, x exception) *Error {
	return &Error{
		Op: op, Server: c.base, Status: status, Type: x.Type, Reason: x.words(),
		Hint: hint(status, x.Type, c.o.Sign != ""),
	}
}

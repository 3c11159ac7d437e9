package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"taxistream/internal/fault"
	"taxistream/internal/redact"
)

// Client is the SDK's S3 client.
type Client struct {
	API *s3.Client
	// Notify is told when S3 does not answer to a listing or the beginning of a
	// download, which is then waited for up to 5 minutes, and when a download is
	// broken and cannot go on for now. It is set before the first call. Nil: nobody is
	// told, and who lists or begins gets the error at once.
	Notify func(string)
}

// patiently makes a call until S3 answers, where somebody is told that it waits.
func (c *Client) patiently(ctx context.Context, call func() error) error {
	if c.Notify == nil {
		return call()
	}
	waiting, cancel := fault.Start(ctx, 0)
	defer cancel()
	var once sync.Once
	tell := func(why string) { once.Do(func() { c.Notify("S3 does not answer; waiting for it: " + why) }) }
	silent := time.AfterFunc(fault.Silence, func() { tell("nothing came for " + fault.Silence.String()) })
	defer silent.Stop()
	for tries := (fault.Tries{}); ; {
		err := call()
		if !Transient(err) {
			return err
		}
		tell(fault.Cause(err))
		pause, final := tries.Failed(err)
		if final != nil {
			return final
		}
		if fault.Sleep(waiting, pause) != nil {
			return fault.GaveUp(waiting, err)
		}
	}
}

// New returns a client. It does not connect.
func New(cfg aws.Config) *Client {
	return &Client{API: s3.NewFromConfig(cfg, func(o *s3.Options) {
		if cfg.BaseEndpoint != nil {
			o.BaseEndpoint = cfg.BaseEndpoint // package awsconf has settled which one counts
		}
		o.UsePathStyle = o.BaseEndpoint != nil
		o.DisableLogOutputChecksumValidationSkipped = true
	})}
}

// Location is a place in a bucket.
type Location struct{ Bucket, Prefix string }

// Scheme begins the address of a place in S3.
const Scheme = "s3://"

// Parse reads s3://bucket/prefix; the prefix may be empty.
func Parse(address string) (Location, error) {
	rest, ok := strings.CutPrefix(address, Scheme)
	bucket, prefix, _ := strings.Cut(rest, "/")
	if !ok || bucket == "" {
		return Location{}, fmt.Errorf("%s: write s3://bucket/prefix", redact.URL(address))
	}
	if strings.ContainsAny(bucket, "@:?#") {
		return Location{}, fmt.Errorf("%s: write s3://bucket/prefix; keys and passwords belong into the AWS configuration", redact.URL(address))
	}
	return Location{bucket, prefix}, nil
}

// String is the place's address.
func (l Location) String() string { return Scheme + l.Bucket + "/" + l.Prefix }

// At is the address of a key in the place's bucket.
func (l Location) At(key string) string { return Scheme + l.Bucket + "/" + key }

// Errors that callers tell apart.
var (
	ErrMissing = errors.New("no such object or bucket")
	// ErrPrecondition: the object is there (PutIfAbsent), has changed (PutIfMatch), or
	// another write to it runs at this moment. A write whose answer was lost and that
	// was sent again can be refused by its own effect: read before you give up.
	ErrPrecondition = errors.New("the object is not as expected")
)

// explain puts what, where and what to do around an error.
func explain(op string, l Location, key string, err error) error {
	if err == nil {
		return nil
	}
	var answer *awshttp.ResponseError
	status := 0
	if errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	var coded interface{ ErrorCode() string } // of most operations NoSuchBucket has no type
	plain := fault.Explain(err)
	switch {
	case errors.As(err, &coded) && coded.ErrorCode() == "NoSuchBucket":
		return fmt.Errorf("%s %s: %w: make the bucket, or correct its name", op, l.At(key), ErrMissing)
	case status == http.StatusNotFound:
		return fmt.Errorf("%s %s: %w", op, l.At(key), ErrMissing)
	case status == http.StatusPreconditionFailed, status == http.StatusConflict:
		return fmt.Errorf("%s %s: %w", op, l.At(key), ErrPrecondition)
	case status == http.StatusMovedPermanently:
		return fmt.Errorf("%s %s: the bucket is in another region: give its -region: %w", op, l.At(key), plain)
	case fault.Classify(err) == fault.Final && (status == http.StatusForbidden || status == http.StatusUnauthorized):
		return fmt.Errorf("%s %s: %w: check the credentials and the bucket's policy", op, l.At(key), fault.Plain(err))
	case Unreached(err):
		return fmt.Errorf("%s %s: S3 is not reached: check the endpoint and the network: %w", op, l.At(key), plain)
	}
	return fmt.Errorf("%s %s: %w", op, l.At(key), plain)
}

// Put writes an object, whatever was there, and returns its ETag.
func (c *Client) Put(ctx context.Context, l Location, key string, data []byte) (etag string, err error) {
	return c.put(ctx, l, key, data, nil, nil)
}

// PutIfAbsent writes an object that is not there; else ErrPrecondition.
func (c *Client) PutIfAbsent(ctx context.Context, l Location, key string, data []byte) (etag string, err error) {
	return c.put(ctx, l, key, data, aws.String("*"), nil)
}

// PutIfMatch writes an object that still has an ETag; else ErrPrecondition, or
// ErrMissing where it is gone.
func (c *Client) PutIfMatch(ctx context.Context, l Location, key string, data []byte, etag string) (string, error) {
	return c.put(ctx, l, key, data, nil, &etag)
}

func (c *Client) put(ctx context.Context, l Location, key string, data []byte, noneMatch, match *string) (string, error) {
	out, err := c.API.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &l.Bucket, Key: &key, Body: bytes.NewReader(data), ContentLength: aws.Int64(int64(len(data))), IfNoneMatch: noneMatch, IfMatch: match,
	})
	if err != nil {
		return "", explain("write", l, key, err)
	}
	return aws.ToString(out.ETag), nil
}

// Copy makes another object of the same place of one's bytes, within the service.
func (c *Client) Copy(ctx context.Context, l Location, from, to string) error {
	source := (&url.URL{Path: l.Bucket + "/" + from}).EscapedPath()
	_, err := c.API.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &l.Bucket, Key: &to, CopySource: &source})
	return explain("copy", l, from, err)
}

// Get reads a whole object of at most limit bytes.
func (c *Client) Get(ctx context.Context, l Location, key string, limit int64) (data []byte, etag string, err error) {
	out, err := c.API.GetObject(ctx, &s3.GetObjectInput{Bucket: &l.Bucket, Key: &key})
	if err != nil {
		return nil, "", explain("read", l, key, err)
	}
	defer out.Body.Close()
	data, err = io.ReadAll(io.LimitReader(out.Body, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it has more than %d bytes", limit)
	}
	return data, aws.ToString(out.ETag), explain("read", l, key, err)
}

// Object is one entry of a listing.
type Object struct {
	Key  string
	Size int64
	ETag string
}

// List calls fn with the objects whose key begins with the place's prefix, in
// the order of their keys, until fn returns an error.
func (c *Client) List(ctx context.Context, l Location, fn func(Object) error) error {
	pages := s3.NewListObjectsV2Paginator(c.API, &s3.ListObjectsV2Input{Bucket: &l.Bucket, Prefix: &l.Prefix})
	for pages.HasMorePages() {
		var page *s3.ListObjectsV2Output
		err := c.patiently(ctx, func() (err error) {
			page, err = pages.NextPage(ctx)
			return explain("list", l, l.Prefix, err)
		})
		if err != nil {
			return err
		}
		for _, o := range page.Contents {
			if err := fn(Object{aws.ToString(o.Key), aws.ToInt64(o.Size), aws.ToString(o.ETag)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Delete removes an object; one that is not there is no error.
func (c *Client) Delete(ctx context.Context, l Location, key string) error {
	_, err := c.API.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &l.Bucket, Key: &key})
	return explain("remove", l, key, err)
}

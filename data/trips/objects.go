package trips

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"taxistream/internal/s3"
)

// Places reach the sources that are not files of this machine. The zero value
// reaches http and https addresses only.
type Places struct {
	// S3 gives the client for s3:// sources. It is called once for each of them.
	S3 func(ctx context.Context) (*s3.Client, error)
}

// Expand is like the function of this name, and turns s3://bucket/prefix into all
// objects whose key begins with the prefix, in the order of their keys. Left out
// are the markers of folders (a key that ends in a slash) and, as in a folder,
// what is hidden: names that begin with a dot or an underscore.
func (p Places) Expand(ctx context.Context, source string) ([]Input, error) {
	if p.S3 == nil || !strings.HasPrefix(source, s3.Scheme) {
		return Expand(source)
	}
	at, err := s3.Parse(source)
	if err != nil {
		return nil, err
	}
	client, err := p.S3(ctx)
	if err != nil {
		return nil, err
	}
	var all []Input
	err = client.List(ctx, at, func(o s3.Object) error {
		if name := path.Base(o.Key); !strings.HasSuffix(o.Key, "/") && name[0] != '.' && name[0] != '_' {
			all = append(all, object(client, at, o.Key))
		}
		if len(all) > objectLimit {
			return fmt.Errorf("%s: more than %d objects: name a longer prefix", source, objectLimit)
		}
		return nil
	})
	if err == nil && len(all) == 0 {
		err = errors.New(source + ": no object's key begins so: name another prefix")
	}
	return all, err
}

// objectLimit is the most objects of one source.
const objectLimit = 100_000

// object is an input that is opened again at will: each look at its beginning
// is one short request.
func object(client *s3.Client, at s3.Location, key string) Input {
	return Input{at.At(key), false, func(ctx context.Context) (io.ReadCloser, error) { return client.Open(ctx, at, key) }}
}

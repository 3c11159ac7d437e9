package app

import (
	"context"
	"fmt"
	"io"

	"taxistream/data/trips"
	"taxistream/internal/awsconf"
	"taxistream/internal/flags"
	"taxistream/internal/s3"
)

// placesFlags adds the flags that say where s3:// sources are; the result is for
// after the parse.
func placesFlags(set *flags.Set, stderr io.Writer) *trips.Places {
	o := awsconf.Options{Service: awsconf.S3}
	set.StringVar(&o.Region, "region", "AWS `region` of s3:// sources; else the AWS configuration's")
	set.StringVar(&o.Endpoint, "endpoint", "`URL` of S3, for a server that is not AWS")
	notify := func(text string) { fmt.Fprintf(stderr, "data: %s\n", text) }
	return &trips.Places{
		HTTP: awsconf.Client, Notify: notify,
		S3: func(ctx context.Context) (*s3.Client, error) {
			cfg, err := awsconf.Load(ctx, o)
			if err != nil {
				return nil, err
			}
			client := s3.New(cfg)
			client.Notify = notify
			return client, nil
		},
	}
}

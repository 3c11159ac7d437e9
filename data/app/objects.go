package app

import (
	"context"

	"taxistream/data/trips"
	"taxistream/internal/awsconf"
	"taxistream/internal/flags"
	"taxistream/internal/s3"
)

// placesFlags adds the flags that say where s3:// sources are; the result is for
// after the parse.
func placesFlags(set *flags.Set) *trips.Places {
	o := awsconf.Options{Service: awsconf.S3}
	set.StringVar(&o.Region, "region", "AWS `region` of s3:// sources; else the AWS configuration's")
	set.StringVar(&o.Endpoint, "endpoint", "`URL` of S3, for a server that is not AWS")
	return &trips.Places{S3: func(ctx context.Context) (*s3.Client, error) {
		cfg, err := awsconf.Load(ctx, o)
		if err != nil {
			return nil, err
		}
		return s3.New(cfg), nil
	}}
}

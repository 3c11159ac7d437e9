// Command gate stands beside the processor in its task: the container into which Systems
// Manager forwards a port, and, with -signer, the only way from a load balancer to the
// processor's pages, which stay on the loopback.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"taxistream/infra/gate/door"
	"taxistream/internal/flags"
	"taxistream/internal/stop"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	set := flags.New("gate", "lets people whom a load balancer has logged in see the control room; without -signer it only waits")
	listen := set.String("listen", ":8082", "`address` for the load balancer")
	to := set.String("to", "http://127.0.0.1:8081", "the processor's -listen, as a `URL`")
	host := set.String("host", "", "the `name` under which people come")
	signer := set.String("signer", "", "`ARN` of the load balancer that logs them in")
	region := set.String("region", "", "its AWS `region`")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	return stop.Run(context.Background(), stop.Program{Name: "gate", Stderr: stderr}, func(ctx, _ context.Context) int {
		if *signer == "" {
			<-ctx.Done()
			return 0
		}
		keys := door.KeysOf("https://public-keys.auth.elb."+*region+".amazonaws.com", &http.Client{Timeout: 5 * time.Second})
		d, err := door.New(door.Options{To: *to, Host: *host, Signer: *signer, Key: keys, Now: time.Now}) //nolint:forbidigo // the command hands the clock on
		if err != nil {
			return set.Fail(stderr, err)
		}
		server := &http.Server{Addr: *listen, Handler: d, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 10 * time.Minute}
		context.AfterFunc(ctx, func() { _ = server.Close() })
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			return set.Fail(stderr, fmt.Errorf("listen on %s: %w", *listen, err))
		}
		return 0
	})
}

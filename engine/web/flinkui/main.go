// Command flinkui serves the published files of Apache Flink's web UI, unmodified, in front of a running job that
// answers Flink's REST API (engine/web), at one origin. `make flink-ui` takes the files from Maven and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, end := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer end()
	err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, new(usage)):
		fmt.Fprintf(os.Stderr, "flinkui: %v; see -h\n", err)
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "flinkui: %v\n", err)
		os.Exit(1)
	}
}

// usage is an error of the command line.
type usage struct{ error }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("flinkui", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	files := set.String("files", "bin/flink-ui/web", "`folder` with the published files of Flink's web UI")
	address := set.String("address", "127.0.0.1:8081", "`host:port` of the processor, its -listen")
	listen := set.String("listen", "127.0.0.1:8082", "`address` to serve on, loopback only; port 0 takes a free one")
	token := set.String("listen-token-file", "", "`file` with the Bearer token, as the processor's")
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stdout, "flinkui serves Apache Flink's web UI in front of a running processor.")
			set.SetOutput(stdout)
			set.PrintDefaults()
			return err
		}
		return usage{err}
	}
	if _, _, err := net.SplitHostPort(*address); err != nil {
		return usage{fmt.Errorf("-address %s: write host:port", *address)}
	}
	if host, _, err := net.SplitHostPort(*listen); err != nil || !loopback(host) {
		return usage{fmt.Errorf("-listen %s: write host:port, the host a loopback address: whoever reaches it reaches the job", *listen)}
	}
	bearer, err := readToken(*token)
	if err != nil {
		return err
	}
	h, err := handler(*files, *address, bearer)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", *listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another port with -listen", *listen, err)
	}
	fmt.Fprintf(stdout, "Flink's web UI: http://%s/ (Ctrl-C ends it)\n", ln.Addr())
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close() // Serve says what it came to
	}()
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func readToken(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("-listen-token-file: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// handler answers with the UI's files, and with the job's answers to all else. It only asks: what changes a job
// is not passed on.
func handler(files, address, token string) (http.Handler, error) {
	root, err := os.OpenRoot(files)
	if err != nil {
		return nil, fmt.Errorf("-files %s: %w; make flink-ui takes them from Maven", files, err)
	}
	if _, err := root.Stat("index.html"); err != nil {
		return nil, fmt.Errorf("-files %s holds no index.html; make flink-ui takes the files from Maven", files)
	}
	static := http.FileServerFS(root.FS())
	job := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: address})
			r.Out.Host = address
			r.Out.Header.Del("Cookie")
			if token != "" {
				r.Out.Header.Set("Authorization", "Bearer "+token)
			}
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, fmt.Sprintf("no processor answers at %s: %v", address, err), http.StatusBadGateway)
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		name := strings.Trim(r.URL.Path, "/")
		switch {
		case !loopback(strings.Trim(host, "[]")): // another site's name for this machine
			http.Error(w, "only a loopback host is answered", http.StatusForbidden)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Content-Type", "application/json; charset=UTF-8")
			w.WriteHeader(http.StatusMethodNotAllowed)
			io.WriteString(w, `{"errors":["Flink's web UI only looks here: the job page, the processor's verbs and its REST change a job"]}`+"\n")
		case name == "" || isFile(root, name):
			static.ServeHTTP(w, r)
		default:
			job.ServeHTTP(w, r)
		}
	}), nil
}

func isFile(root *os.Root, name string) bool {
	info, err := root.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

package operate

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"taxistream/internal/flags"
	"taxistream/internal/opensearch"
)

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete}

// Search runs the verb search: one signed request to the deployment's domain.
func Search(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	set := flags.New("infra search", "sends one request to the domain, signed with your credentials, and prints the answer")
	where := place(set, stdout)
	set.TakeArgs("METHOD PATH [BODY]")
	set.Help("infra search GET '/_cat/allocation?v'; a BODY of - is read from standard input.\n" +
		"The domain lets in who stands in search.operators.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	words := set.Args()
	if len(words) < 2 || len(words) > 3 || !slices.Contains(methods, words[0]) || !strings.HasPrefix(words[1], "/") {
		fmt.Fprintf(stderr, "infra search: write METHOD PATH [BODY], such as GET '/_cat/allocation?v'; see -h\n")
		return flags.StatusUsage
	}
	body := ""
	if len(words) == 3 {
		body = words[2]
	}
	if body == "-" {
		text, err := io.ReadAll(stdin)
		if err != nil {
			return set.Fail(stderr, fmt.Errorf("read the body: %w", err))
		}
		body = string(text)
	}
	d := where()
	if err := d.search(ctx, words[0], words[1], body); err != nil {
		return set.Fail(stderr, err)
	}
	return 0
}

func (d *deployment) search(ctx context.Context, method, path, body string) error {
	outputs, err := d.call.Outputs(ctx, d.name+"-Search", "Endpoint")
	if err != nil {
		return err
	}
	c, err := opensearch.Open(ctx, opensearch.Options{Endpoint: outputs["Endpoint"], Sign: "es"}, d.region)
	if err != nil {
		return err
	}
	defer c.Close()
	var content []byte
	if body != "" {
		content = []byte(body)
	}
	answer, err := c.Do(ctx, method+" "+path, method, path, nil, content)
	if err != nil {
		return lettingIn(err)
	}
	d.printf("%s", strings.TrimRight(string(answer), "\n"))
	return nil
}

// lettingIn says what to do where the domain lets somebody in for nothing.
func lettingIn(err error) error {
	if opensearch.Status(err) == http.StatusForbidden {
		return fmt.Errorf("%w: is the role of aws sts get-caller-identity among -c search.operators= of the deployment, and this among what operators may do?", err)
	}
	return err
}

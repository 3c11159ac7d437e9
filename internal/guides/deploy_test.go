//go:build guides

package guides_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Ensure each command of the guide to AWS, and each of the README's, works in a
// fresh clone as far as AWS: it ends well, or it fails when AWS is asked, for which a
// stand-in says who calls and allows nothing. Docker is a stand-in, too: it
// builds nothing.
func TestDeployGuide(t *testing.T) {
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("no npm: the CDK's command line is JavaScript")
	}
	var asked atomic.Int64
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		standIn(w, r)
	}))
	defer aws.Close()
	calls := filepath.Join(t.TempDir(), "calls")
	c := newClone(t,
		"PATH="+commands(t, calls)+":"+os.Getenv("PATH"),
		"AWS_ENDPOINT_URL="+aws.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_PROFILE=",
	)
	for _, s := range []section{find(t, read(t, "README.md"), onAWS), find(t, read(t, "docs/deploy.md"), fromEmpty)} {
		if out, err := exec.Command("git", "-C", c.dir, "clean", "-xdfq").CombinedOutput(); err != nil {
			t.Fatalf("git clean: %v\n%s", err, out)
		}
		reached := 0
		for _, cmd := range s.commands {
			if notRun[cmd.line] != "" {
				continue
			}
			began, before := time.Now(), asked.Load()+lines(calls)
			run := c.start(cmd.line, cmd.line)
			<-run.ended
			called := asked.Load()+lines(calls) > before
			if run.err != nil && !called {
				t.Fatalf("%s: %v, before AWS was asked\n%s", cmd.line, run.err, run)
			}
			if called {
				reached++
			}
			t.Logf("%v: %s (AWS was asked: %v)", time.Since(began).Round(time.Second), cmd.line, called)
		}
		if reached < 2 {
			t.Errorf("%q: %d commands asked AWS; is the stand-in where they look for it?", s.heading, reached)
		}
	}
}

// commands is a folder with an aws that notes its calls and fails, and a docker that does nothing.
func commands(t *testing.T, calls string) string {
	t.Helper()
	dir := t.TempDir()
	for name, script := range map[string]string{
		"aws":    "echo \"$@\" >>'" + calls + "'\necho 'the stand-in for AWS allows nothing' >&2\nexit 254\n",
		"docker": "exit 0\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// lines counts the calls that were noted.
func lines(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0 // none yet
	}
	return int64(strings.Count(string(text), "\n"))
}

// standIn answers who calls, and refuses all else.
func standIn(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/xml")
	if strings.Contains(string(body), "Action=GetCallerIdentity") {
		io.WriteString(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>`+
			`<Arn>arn:aws:iam::123456789012:user/test</Arn><UserId>TEST</UserId><Account>123456789012</Account>`+
			`</GetCallerIdentityResult></GetCallerIdentityResponse>`)
		return
	}
	w.WriteHeader(http.StatusForbidden)
	io.WriteString(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>the stand-in for AWS allows nothing</Message></Error></ErrorResponse>`)
}

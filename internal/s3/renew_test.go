package s3_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure credentials that S3 refuses are read again within the call.
func TestRenewal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "credentials")
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	write := func(id string) {
		if err := os.WriteFile(file, fmt.Appendf(nil, "[default]\naws_access_key_id = %s\naws_secret_access_key = secret\n", id), 0o600); err != nil {
			t.Error(err)
		}
	}
	write("OLD")
	client, l := at(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Authorization"), "Credential=NEW/") {
			w.Header().Set("ETag", `"v"`)
			return
		}
		write("NEW")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>`)
	}))
	if etag, err := client.Put(t.Context(), l, "p/key", []byte("text")); err != nil || etag != `"v"` {
		t.Errorf("%s, %v", etag, err)
	}
}

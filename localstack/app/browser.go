package app

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
)

// openers are the programs that open an address in the user's browser.
func openers() []string {
	if runtime.GOOS == "darwin" {
		return []string{"open"}
	}
	return []string{"xdg-open", "open"}
}

// openBrowser begins to show an address and does not wait for the browser, which may last as
// long as ctx. The error says what to do instead.
func openBrowser(ctx context.Context, url string) error {
	for _, name := range openers() {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		cmd := exec.CommandContext(ctx, path, url)
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("-open: %w; open %s by hand", err, url)
		}
		go func() { _ = cmd.Wait() }() // a browser's status says nothing
		return nil
	}
	return fmt.Errorf("-open: no %s is there; open %s by hand", openers()[0], url)
}

package lint_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// aside names folders that hold no source of ours.
var aside = map[string]bool{".git": true, ".cache": true, "bin": true, "checkpoints": true, "node_modules": true, "cdk.out": true}

// tree calls f with every file of the repository, by its path below the root with slashes.
func tree(t *testing.T, f func(path string, data []byte)) {
	t.Helper()
	dir := root(t)
	err := filepath.WalkDir(dir, func(full string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if aside[e.Name()] {
				return fs.SkipDir
			}
			return nil
		}
		if !e.Type().IsRegular() || aside[e.Name()] { // .git is a file in a second work tree
			return nil
		}
		path, err := filepath.Rel(dir, full)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(full)
		if os.IsNotExist(err) {
			return nil // a temporary file of another test
		}
		if err == nil {
			f(filepath.ToSlash(path), data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// maxLines bounds a Go file, tests too.
const maxLines = 500

func TestFiles_AreShort(t *testing.T) {
	tree(t, func(path string, data []byte) {
		if n := strings.Count(string(data), "\n"); strings.HasSuffix(path, ".go") && n > maxLines {
			t.Errorf("%s has %d lines, more than %d: one idea a file", path, n, maxLines)
		}
	})
}

// machinePath finds absolute paths of the machine on which somebody worked.
var machinePath = regexp.MustCompile(`(^|[^\w.\-/:])(/(work|root)/|/home/\w+/|/Users/\w+/|/tmp/[b]ash)`)

// machineFolders are in every such path; looking for them first spares nearly all files the expression.
var machineFolders = []string{"/work", "/root", "/home", "/Users", "/tmp"}

func TestFiles_NameNoMachine(t *testing.T) {
	tree(t, func(path string, data []byte) {
		if strings.IndexByte(string(data), 0) >= 0 {
			return // not text
		}
		if !slices.ContainsFunc(machineFolders, func(f string) bool { return bytes.Contains(data, []byte(f)) }) {
			return
		}
		for i, line := range strings.Split(string(data), "\n") {
			if at := machinePath.FindStringSubmatch(line); at != nil {
				t.Errorf("%s:%d names %s…: a path of one machine; use one relative to the repository", path, i+1, at[2])
			}
		}
	})
}

func TestMachinePath(t *testing.T) {
	for text, want := range map[string]bool{
		"see /" + "work/main":                    true,
		`"/` + `home/ann/taxi"`:                  true,
		"/" + "root/.cache":                      true,
		"https://example.com/work/list":          false,
		"network/" + "root/one":                  false,
		"../work/list":                           false,
		"the path /tmp/ and /home/ are no fault": false,
	} {
		if got := machinePath.MatchString(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// Package lint holds the rules of the house that a program can check: who may
// import whom, how long a file and a function may be, and what must not appear
// in the source. It is tests only and exports nothing.
//
// The rules need the go command and the source tree, no network, no linter and
// no data outside the repository, so they run with every `make test`. What
// golangci-lint checks (`make lint`) stands in .golangci.yml instead.
package lint

// Package guides runs the commands of README.md and docs/deploy.md as they stand
// there, in a fresh clone, so that the documents cannot promise what does not
// work. It is tests only and exports nothing.
//
// With every `make test` each command is looked up: it is run by a test, or there
// is a reason why none runs it. `make test-guides` runs them (build tag guides):
// those of the README twice, those about AWS up to AWS, for which a stand-in
// answers. It takes ports 4566, 9200 and 8081, for those are in the commands.
package guides

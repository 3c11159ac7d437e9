package flags_test

import (
	"os"
	"testing"

	"taxistream/internal/flags"
)

// Ensure the command that is to be run next is the one that was run, but for one flag.
func TestSet_Again(t *testing.T) {
	own := os.Args[0]
	defer func() { os.Args[0] = own }()
	for _, c := range []struct {
		name, path, program string
		args                []string
		want                string
	}{
		{"Path", "./bin/processor", "processor", []string{"-quiet", "-p", "4"}, "./bin/processor -quiet -p 4 -checkpoint-dir new"},
		{"GoRun", "/tmp/go-build1/b001/exe/localstack", "localstack demo", []string{"--p=4"}, "go run ./localstack demo --p=4 -checkpoint-dir new"},
		{"Replaced", "processor", "processor", []string{"-checkpoint-dir", "a", "-p", "4", "--checkpoint-dir=b", "-checkpoint=c", "-quiet=false"}, "processor -p 4 -quiet=false -checkpoint-dir new"},
		{"Arguments", "processor", "processor", []string{"-p", "4", "x", "--", "-checkpoint-dir"}, "processor -p 4 x -checkpoint-dir new -- -checkpoint-dir"},
		{"Quotes", "processor", "processor", []string{"-o", "it's; ${x}", "-p", ""}, `processor -o 'it'\''s; ${x}' -p '' -checkpoint-dir new`},
		{"Password", "processor", "processor", []string{"-o", "https://me:se:cret@host:9200/"}, `processor -o https://me:PASSWORD@host:9200/ -checkpoint-dir new`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := flags.New(c.program, "")
			s.TakeArgs("X")
			s.String("checkpoint-dir", "", "")
			s.Alias("checkpoint", "checkpoint-dir")
			s.String("p", "", "")
			s.String("o", "", "")
			s.Bool("quiet", false, "")
			if done, _ := s.Parse(c.args, os.Stdout, os.Stderr); done {
				t.Fatal("wrong usage")
			}
			os.Args[0] = c.path
			if got := s.Again("checkpoint-dir", "new"); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

package guides_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the repository's folder, seen from this one.
const root = "../.."

// section is the commands of one heading of a document, by terminal; those of
// blocks that name none are in terminal 0.
type section struct {
	heading  string
	commands []command
}

type command struct {
	terminal int
	line     string
}

var (
	headingLine  = regexp.MustCompile(`^#+ (.*)$`)
	terminalLine = regexp.MustCompile(`^# terminal (\d)\b`)
	comment      = regexp.MustCompile(`(^|\s+)# .*$`)
)

// read finds the commands of a document: the lines of its blocks of sh.
func read(t *testing.T, document string) (sections []section) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, document))
	if err != nil {
		t.Fatal(err)
	}
	inside, terminal := false, 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			inside, terminal = line == "```sh", 0
		case !inside:
			if m := headingLine.FindStringSubmatch(line); m != nil {
				sections = append(sections, section{heading: m[1]})
			}
		default:
			if m := terminalLine.FindStringSubmatch(line); m != nil {
				terminal = int(m[1][0] - '0')
			}
			if line = comment.ReplaceAllString(line, ""); line != "" {
				s := &sections[len(sections)-1]
				s.commands = append(s.commands, command{terminal, line})
			}
		}
	}
	return slices.DeleteFunc(sections, func(s section) bool { return len(s.commands) == 0 })
}

// The sections of the README whose commands are run, and how.
const (
	twoCommands   = "Two commands"
	threePrograms = "The three programs, separately"
	realTrips     = "Real trips"
	onAWS         = "On AWS"
	fromEmpty     = "From an empty account to the dashboard" // of docs/deploy.md
)

// notRun are commands that no test of this package runs, with the reason.
var notRun = map[string]string{
	"make test":                                       "it runs the tests of this package, and CI runs it",
	"go run ./data fetch 2015-01":                     "it downloads a month from the TLC; its test asks a server of its own",
	"(cd infra && npx cdk deploy --all)":              "as far as AWS it does what cdk bootstrap does: it runs the app",
	"docker run --rm --network host taxistream:local": "TestImage of localstack/integration runs it, to the day's end",
	"go run ./infra room":                             "it forwards a port of a deployment's task; its test has answers of its own",
	"(cd infra && npx cdk destroy --all)":             "it asks at a terminal before it asks AWS",
	`aws s3api list-object-versions --bucket BUCKET --prefix checkpoints/ --query 'DeleteMarkers[?IsLatest].[LastModified,Key,VersionId]' --output text | sort`: "it restores checkpoints of a deployment",
	`aws s3api delete-object --bucket BUCKET --key KEY --version-id VERSION`:                                                                                    "it restores checkpoints of a deployment",
	`out() { aws cloudformation describe-stacks --stack-name "TaxiStream-$1" --output text \`:                                                                   "it reads a deployment",
	`--query "Stacks[0].Outputs[?OutputKey=='$2'].OutputValue"; }`:                                                                                              "it reads a deployment",
}

// Ensure every command is in a section that is run, or has a reason why it is not,
// and that no block of commands is one that read passes over.
func TestEveryCommandIsKnown(t *testing.T) {
	for document, run := range map[string][]string{
		"README.md":      {twoCommands, threePrograms, realTrips, onAWS},
		"docs/deploy.md": {fromEmpty},
		"docs/upgrade.md": { // by TestUpgradeGuide of localstack/app
			"Upgrading a running processor", "A newer program", "Without a pause", "Another rule or window",
		},
	} {
		seen := 0
		for _, s := range read(t, document) {
			for _, c := range s.commands {
				seen++
				if !slices.Contains(run, s.heading) && notRun[c.line] == "" {
					t.Errorf("%s, %q: no test runs %s", document, s.heading, c.line)
				}
				if strings.HasPrefix(c.line, "cd ") {
					t.Errorf("%s, %q: after %s the next command is given in another folder; write (cd … && …)", document, s.heading, c.line)
				}
			}
		}
		if seen < 8 {
			t.Errorf("%s has %d commands only: are they still in blocks of sh?", document, seen)
		}
		text, err := os.ReadFile(filepath.Join(root, document))
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range regexp.MustCompile("(?m)^ *```\n *(make|go|cd|npx|aws|git) ").FindAllString(string(text), -1) {
			t.Errorf("%s: a block of commands is not marked as one of sh: %q", document, at)
		}
	}
}

package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Watch is the CloudWatch dashboard, the alarms and who hears of them.
type Watch struct {
	On             bool   `key:"on" doc:"a CloudWatch dashboard, alarms and a budget" change:"adds a stack; to take it away destroy it, then give false"`
	Email          string `key:"email" doc:"address to which alarms are sent, once its owner has confirmed; empty: none"`
	SlackWorkspace string `key:"slack-workspace" doc:"id of the Slack workspace (T…) that hears of alarms, authorised in Amazon Q Developer's console; empty: none"`
	SlackChannel   string `key:"slack-channel" doc:"id of the channel there (C…)"`
	Runbooks       string `key:"runbooks" doc:"where the alarms say that docs/runbooks is: an address, or this path in the repository"`
	Budget         string `key:"budget-dollars" doc:"US dollars a month of the account's budget, which rings at half of it; empty: 1.25 times what go run ./infra cost estimates; 0: none"`
	LagSeconds     int    `key:"lag-seconds" doc:"seconds that reading may be behind the stream's tip"`
	StalledSeconds int    `key:"stalled-seconds" doc:"seconds that the watermark may stand still while records are read"`
	AheadSeconds   int    `key:"ahead-seconds" doc:"seconds of event time that a shard's watermark may be ahead of the lowest"`
	LatePercent    int    `key:"late-percent" doc:"percent of the records that may be late or too early"`
	CheckpointAge  int    `key:"checkpoint-age" doc:"seconds that the last whole checkpoint may be old"`
	KPUs           int    `key:"kpus" doc:"Flink: units at which the job, which doubles them by itself, costs more than is meant"`
}

var defaultWatch = Watch{
	On: true, Runbooks: "docs/runbooks",
	LagSeconds: 300, StalledSeconds: 300, AheadSeconds: 86_400, LatePercent: 1, CheckpointAge: 300, KPUs: 16,
}

// Runbook is where the runbook of an alarm is.
func (w *Watch) Runbook(alarm string) string {
	return strings.TrimSuffix(w.Runbooks, "/") + "/" + alarm + ".md"
}

// Namespace is that of the programs' metrics in CloudWatch: their -emf.
func (c *Config) Namespace() string { return c.Name }

// The forms that the services take (their API references).
var (
	email          = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	slackWorkspace = regexp.MustCompile(`^[0-9A-Z]{1,255}$`)
	slackChannel   = regexp.MustCompile(`^[0-9A-Za-z]{1,255}$`)
)

// check holds the time of a stalled watermark to five minutes and more: that is the
// period of its metrics, so that a shorter one would ring for what is over.
func (w *Watch) check() error {
	errs := []error{
		filled("watch.runbooks", w.Runbooks),
		between("watch.lag-seconds", w.LagSeconds, 60, 86_400),
		between("watch.stalled-seconds", w.StalledSeconds, 300, 86_400),
		between("watch.ahead-seconds", w.AheadSeconds, 60, 10*365*86_400),
		between("watch.late-percent", w.LatePercent, 0, 99),
		between("watch.checkpoint-age", w.CheckpointAge, 60, 86_400),
		between("watch.kpus", w.KPUs, 2, 10_000),
	}
	if n, err := strconv.Atoi(w.Budget); w.Budget != "" && (err != nil || n < 0) {
		errs = append(errs, fmt.Errorf("watch.budget-dollars is %q: write whole US dollars, 0 for no budget, or nothing for 1.25 times the estimate", w.Budget))
	}
	if w.Email != "" && !email.MatchString(w.Email) {
		errs = append(errs, fmt.Errorf("watch.email is %q: write name@host", w.Email))
	}
	if (w.SlackWorkspace == "") != (w.SlackChannel == "") {
		errs = append(errs, errors.New("watch.slack-workspace and watch.slack-channel belong together: give both or none"))
	}
	if w.SlackWorkspace != "" && !slackWorkspace.MatchString(w.SlackWorkspace) {
		errs = append(errs, fmt.Errorf("watch.slack-workspace is %q: give its id, such as T01ABCDEFGH", w.SlackWorkspace))
	}
	if w.SlackChannel != "" && !slackChannel.MatchString(w.SlackChannel) {
		errs = append(errs, fmt.Errorf("watch.slack-channel is %q: give its id, such as C01ABCDEFGH", w.SlackChannel))
	}
	if _, err := url.Parse(w.Runbooks); err != nil || len(w.Runbooks) > 200 {
		errs = append(errs, fmt.Errorf("watch.runbooks is %q: write an address or a path, up to 200 characters", w.Runbooks))
	}
	return errors.Join(errs...)
}

package app

import "taxistream/infra/config"

// describe is an alarm's text: what is wrong, and where it says what to do.
func describe(cfg config.Config, says, runbook string) string {
	return says + " Runbook: " + cfg.Watch.Runbook(runbook)
}

// Package cost estimates what a deployment costs: `go run ./infra cost`.
//
// It promises a bill line by line: what the configuration makes AWS charge for,
// how much of it a month, at which price, and what each lever would change. An
// option of infra/config either moves the estimate or stands in this package's test
// with the reason why it costs nothing.
//
// Limits: on-demand prices of one region at one date (see Table), first volume tier,
// no free allowances, no taxes, no savings plans; the bill is a little lower. The
// load is assumed, not measured (see Load). A month has 730 hours.
//
// The package calls nothing outside: it needs no credentials and no network.
package cost

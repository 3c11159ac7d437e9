// Package web answers questions about a running job over HTTP, at the paths and
// with the field names of Apache Flink's REST API (Flink documentation, "REST
// API"), so that tools written for it read this engine too. What the engine
// cannot say is left out, never made up; times are Unix milliseconds.
//
// A vertex is a task: an operator and those chained to it. Ids are hashes of
// names, so they are the same after a restart. With Options.Control a job is changed, too:
// savepoints, stop, rescaling (each answers with the id under which its end is asked for) and
// cancel. Who may do that is for the program around it to check.
package web

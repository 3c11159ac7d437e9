package web

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"taxistream/engine"
)

// A job runs in one process, which is the job manager and the only task manager.
const theManager = "local"

// clusterPaths are about the process.
func (s *server) clusterPaths() map[string]handler {
	manager := func(f handler) handler {
		return func(r *http.Request, j engine.Snapshot) (any, error) {
			if r.PathValue("manager") != theManager {
				return nil, errNotFound
			}
			return f(r, j)
		}
	}
	return map[string]handler{
		"/config":                             s.config,
		"/overview":                           s.overview,
		"/jobmanager/config":                  s.settings,
		"/jobmanager/environment":             s.environment,
		"/jobmanager/metrics":                 s.processMetrics,
		"/jobmanager/logs":                    s.logs,
		"/jobmanager/thread-dump":             s.threadDump,
		"/jobmanager/profiler":                s.noProfiles,
		"/taskmanagers":                       s.managers,
		"/taskmanagers/{manager}":             manager(s.manager),
		"/taskmanagers/{manager}/metrics":     manager(s.processMetrics),
		"/taskmanagers/{manager}/logs":        manager(s.logs),
		"/taskmanagers/{manager}/thread-dump": manager(s.threadDump),
		"/taskmanagers/{manager}/profiler":    manager(s.noProfiles),
	}
}

// config is what Flink's web UI asks for first. It changes nothing: that is done by REST, with the
// token, where there is one, and not by a GET.
func (s *server) config(*http.Request, engine.Snapshot) (any, error) {
	return object{
		"refresh-interval": 3000, "timezone-name": "Coordinated Universal Time", "timezone-offset": 0,
		"flink-version": s.o.Version, "flink-revision": s.o.Commit,
		"features": object{"web-submit": false, "web-cancel": false, "web-rescale": false, "web-history": false},
	}, nil
}

func (s *server) overview(_ *http.Request, j engine.Snapshot) (any, error) {
	out := object{
		"taskmanagers": 1, "slots-total": j.Parallelism, "slots-available": 0, "jobs-running": 0, "jobs-finished": 0, "jobs-cancelled": 0, "jobs-failed": 0,
		"flink-version": s.o.Version, "flink-commit": s.o.Commit,
	}
	switch {
	case j.State.Live():
		out["jobs-running"] = 1
		return out, nil
	case j.State == engine.JobFinished:
		out["jobs-finished"] = 1
	case j.State == engine.JobCancelled:
		out["jobs-cancelled"] = 1
	case j.State == engine.JobFailed:
		out["jobs-failed"] = 1
	}
	out["slots-available"] = j.Parallelism
	return out, nil
}

func (s *server) endpoint() string {
	if s.o.Address == "" {
		return theManager
	}
	return s.o.Address
}

func (s *server) settings(*http.Request, engine.Snapshot) (any, error) {
	if s.o.Settings == nil {
		return []Setting{}, nil
	}
	return s.o.Settings, nil
}

func (s *server) environment(*http.Request, engine.Snapshot) (any, error) {
	return object{
		"jvm":       object{"version": runtime.Version(), "arch": runtime.GOARCH, "options": []string{}},
		"classpath": []string{filepath.Base(os.Args[0])},
	}, nil
}

// logURL leads to the page of Flink's web UI that shows the log.
func (s *server) logURL(r *http.Request, _ engine.Snapshot) (any, error) {
	if r.PathValue("manager") == "" {
		return object{"url": "#/job-manager/logs"}, nil
	}
	return object{"url": "#/task-manager/" + theManager + "/logs"}, nil
}

// logName is that of the log's newest lines.
const logName = "processor.log"

func (s *server) logs(*http.Request, engine.Snapshot) (any, error) {
	if s.o.Log == nil {
		return object{"logs": []object{}}, nil
	}
	return object{"logs": []object{{"name": logName, "size": len(s.o.Log()), "mtime": s.o.Now().UnixMilli()}}}, nil
}

// file answers with the log, in text.
func (s *server) file(w http.ResponseWriter, r *http.Request) {
	name, manager := r.PathValue("file"), r.PathValue("manager")
	if manager != "" && manager != theManager || name != "" && (name != logName || s.o.Log == nil) {
		s.notFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	switch {
	case strings.HasSuffix(r.URL.Path, "/stdout"):
		_, _ = w.Write([]byte("What the program writes to its standard output is not kept.\n"))
	case s.o.Log == nil:
		_, _ = w.Write([]byte("The program keeps no lines of its log: they are on its standard error.\n"))
	default:
		_, _ = w.Write(s.o.Log())
	}
}

// dumpLimit bounds a dump of all goroutines.
const dumpLimit = 1 << 20

func (s *server) threadDump(*http.Request, engine.Snapshot) (any, error) {
	buffer := make([]byte, dumpLimit)
	buffer = buffer[:runtime.Stack(buffer, true)]
	list := []object{}
	for stack := range strings.SplitSeq(strings.TrimSpace(string(buffer)), "\n\n") {
		name, _, _ := strings.Cut(stack, " [")
		list = append(list, object{"threadName": name, "stringifiedThreadInfo": stack + "\n"})
	}
	return object{"threadInfos": list}, nil
}

// noProfiles: none are taken by REST; Go's own profiler is for that.
func (s *server) noProfiles(*http.Request, engine.Snapshot) (any, error) {
	return object{"profilingList": []object{}}, nil
}

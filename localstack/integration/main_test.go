//go:build integration

package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// TestMain runs the tests where a Docker daemon answers. Where none does it
// fails with one line, or skips all with one line if INTEGRATION=skip.
func TestMain(m *testing.M) {
	// A machine that looks like a container itself would else be reached by its gateway.
	_ = os.Setenv("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")
	log.SetDefault(log.NewNoopLogger())
	if err := daemon(); err != nil {
		if os.Getenv("INTEGRATION") == "skip" {
			fmt.Printf("integration: skipped, no Docker: %v\n", err)
			os.Exit(0)
		}
		fmt.Printf("integration: no Docker daemon answers (%v): start one, or set INTEGRATION=skip\n", err)
		os.Exit(1)
	}
	code := m.Run()
	removeShared()
	os.Exit(code)
}

func daemon() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Ping(ctx, client.PingOptions{})
	return err
}

// memory says how much the container's processes hold now, page cache aside.
func (s *Server) memory() string {
	bytes, err := s.usage()
	if err != nil {
		return fmt.Sprintf("%s: memory unknown: %v", s.name, err)
	}
	return fmt.Sprintf("%s: %d MiB at its end", s.name, bytes>>20)
}

func (s *Server) usage() (uint64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	r, err := c.ContainerStats(ctx, s.container.GetContainerID(), client.ContainerStatsOptions{})
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	var stats struct {
		Memory struct {
			Usage uint64            `json:"usage"`
			Stats map[string]uint64 `json:"stats"`
		} `json:"memory_stats"`
	}
	if err := json.NewDecoder(r.Body).Decode(&stats); err != nil {
		return 0, err
	}
	cache := stats.Memory.Stats["total_inactive_file"] + stats.Memory.Stats["inactive_file"]
	if total, ok := stats.Memory.Stats["total_inactive_file"]; ok {
		cache = total // cgroup v1 gives both
	}
	return stats.Memory.Usage - min(cache, stats.Memory.Usage), nil
}

package app_test

import (
	"testing"
)

// BenchmarkDemo replays a generated day through everything, as fast as it goes.
func BenchmarkDemo(b *testing.B) {
	for b.Loop() {
		demo(b, "generate:2016-01-05", "-checkpoint-interval", "5s", "-quiet")
	}
}

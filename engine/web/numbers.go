package web

import (
	"cmp"
	"slices"
)

// numbers are one figure of several subtasks or checkpoints.
type numbers []int64

func (n numbers) sum() (sum int64) {
	for _, v := range n {
		sum += v
	}
	return sum
}

func (n numbers) avg() int64 { return n.sum() / int64(max(len(n), 1)) }

// at is the smallest of them that is at least as great as a share of all.
func (n numbers) at(share float64) int64 {
	if len(n) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(n))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

// ofSubtasks sums up a figure of a vertex's subtasks.
func (n numbers) ofSubtasks() object {
	return object{
		"min": n.at(0), "max": n.at(1), "avg": n.avg(), "sum": n.sum(),
		"median": n.at(0.5), "p25": n.at(0.25), "p75": n.at(0.75), "p95": n.at(0.95),
	}
}

// ofCheckpoints sums up a figure of checkpoints, or of one's tasks.
func (n numbers) ofCheckpoints() object {
	return object{
		"min": n.at(0), "max": n.at(1), "avg": n.avg(),
		"p50": n.at(0.5), "p90": n.at(0.9), "p95": n.at(0.95), "p99": n.at(0.99), "p999": n.at(0.999),
	}
}

// each gives one figure of every element.
func each[T any](all []T, figure func(T) int64) numbers {
	n := make(numbers, 0, len(all))
	for _, v := range all {
		n = append(n, figure(v))
	}
	return n
}

// skew is how unevenly a figure is spread, in per cent: the mean distance from the mean, as a share of the mean.
func skew(values []float64) float64 {
	var sum, distance float64
	for _, v := range values {
		sum += v
	}
	if len(values) < 2 || sum == 0 {
		return 0
	}
	mean := sum / float64(len(values))
	for _, v := range values {
		distance += max(v-mean, mean-v)
	}
	return min(distance/sum*100, 100)
}

// extremes are the least and the greatest.
func extremes[T cmp.Ordered](values []T) (least, greatest T) {
	return slices.Min(values), slices.Max(values)
}

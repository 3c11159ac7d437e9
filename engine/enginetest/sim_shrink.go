package enginetest

import (
	"context"
	"slices"
)

// Shrink makes a failing simulation smaller as long as it still fails: fewer elements,
// stages, subtasks and kinds of faults. It returns the smallest that it found, with its
// error.
func Shrink(ctx context.Context, s Simulation) (Simulation, error) {
	_, err := s.Run(ctx)
	if err == nil {
		return s, nil
	}
	for smaller := true; smaller; {
		smaller = false
		for _, t := range s.smaller() {
			if _, e := t.Run(ctx); e != nil {
				s, err, smaller = t, e, true
				break
			}
		}
	}
	return s, err
}

// smaller are the simulations one step smaller than s, the boldest first.
func (s Simulation) smaller() (all []Simulation) {
	add := func(change func(*Simulation)) {
		t := s
		change(&t)
		all = append(all, t)
	}
	if n := s.world().left; n > 1 {
		for _, fewer := range []int{n / 2, n * 3 / 4, n - 1} {
			if fewer > 0 && fewer < n {
				add(func(t *Simulation) { t.Elements = fewer })
			}
		}
	}
	if n := len(s.world().program.stages); n > 0 {
		add(func(t *Simulation) { t.Stages = n - 1 })
	}
	for p := 1; p < s.Parallelism || s.Parallelism < 1 && p <= 2; p++ {
		add(func(t *Simulation) { t.Parallelism = p })
	}
	for _, kind := range FaultKinds {
		if !slices.Contains(s.Without, kind) {
			add(func(t *Simulation) { t.Without = append(slices.Clone(s.Without), kind) })
		}
	}
	return all
}

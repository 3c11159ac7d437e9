package column

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Ensure that a table is a plain list of rows, whatever its values.
func TestTable_Model(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		type cell struct {
			v   int64
			has bool
		}
		table, model := New(2), [][]cell{}
		value := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-3, 3), rapid.Int64Range(1_451_606_400_000, 1_451_606_500_000), rapid.SampledFrom([]int64{0, math.MinInt64, math.MaxInt64, 255, 256, 65_535, 65_536}))
		width := 2
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			switch step := rapid.SampledFrom([]string{"rows", "rows", "set", "widen"}).Draw(rt, "step"); {
			case step == "rows":
				base, step := value.Draw(rt, "base"), rapid.Int64Range(0, 70_000).Draw(rt, "growth")
				absent := rapid.IntRange(0, 5).Draw(rt, "absent")
				for i := range rapid.IntRange(1, 3000).Draw(rt, "count") {
					values, has, row := make([]int64, width), make([]bool, width), make([]cell, width)
					for c := range values {
						if has[c] = absent == 0 || i%absent > 0; has[c] {
							values[c] = base + int64(i)*step
						}
						row[c] = cell{values[c], has[c]}
					}
					table.Append(values, has)
					model = append(model, row)
				}
			case step == "widen" && width < 5:
				table.Widen()
				width++
				for i := range model {
					model[i] = append(model[i], cell{})
				}
			case len(model) > 0:
				row, c := rapid.IntRange(0, len(model)-1).Draw(rt, "row"), rapid.IntRange(0, width-1).Draw(rt, "column")
				model[row][c] = cell{value.Draw(rt, "value"), true}
				if rapid.IntRange(0, 4).Draw(rt, "remove") == 0 {
					model[row][c] = cell{}
				}
				table.Set(row, c, model[row][c].v, model[row][c].has)
			}
		}
		for row := range model {
			for c, want := range model[row] {
				if v, has := table.Get(row, c); has != want.has || has && v != want.v {
					rt.Fatalf("row %d, column %d: got %d, %v, want %+v", row, c, v, has, want)
				}
			}
		}
	})
}

// Ensure that what grows slowly is packed.
func TestTable_Packed(t *testing.T) {
	table := New(3)
	for i := range int64(100 * chunkRows) {
		table.Append([]int64{i, 7, 1_451_606_400_000 + i/500*600_000}, []bool{true, true, i%2 == 0})
	}
	if got := table.Bytes() / int64(table.Rows()); got > 7 {
		t.Errorf("a row takes %d bytes", got)
	}
}

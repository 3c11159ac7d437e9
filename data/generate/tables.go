package generate

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// pairs.txt: "pickup-zone dropoff-zone n0 n1 n2 n3 n4 n5", trips by day part; then
// "zone pickups dropoffs", the pairs too rare to be told apart.
//
//go:embed pairs.txt
var pairsText string

// cells.txt: "zone: row column pickups dropoffs, row column …", squares of 0.001 degrees.
//
//go:embed cells.txt
var cellsText string

const dayParts = 6

// pairRow is how often trips go from one zone to another.
type pairRow struct {
	pickup, dropoff int // LocationIDs
	trips           [dayParts]uint64
}

func (p *pairRow) total() (sum uint64) {
	for _, n := range p.trips {
		sum += n
	}
	return sum
}

// rareRow is a zone's share of the pairs that are too rare for a pairRow.
type rareRow struct {
	zone              int
	pickups, dropoffs uint64
}

// countRow is how many trips begin and end in one square.
type countRow struct {
	row, column       int32 // whole 0.001 degrees of latitude and longitude
	pickups, dropoffs uint64
}

func parsePairs(text string) (pairs []pairRow, rare []rareRow, err error) {
	err = eachLine(text, func(line string) error {
		var v [2 + dayParts]int
		switch n, err := numbers(line, v[:]); {
		case err != nil:
			return err
		case n == len(v):
			p := pairRow{pickup: v[0], dropoff: v[1]}
			for part := range p.trips {
				p.trips[part] = uint64(v[2+part])
			}
			pairs = append(pairs, p)
		case n == 3:
			rare = append(rare, rareRow{v[0], uint64(v[1]), uint64(v[2])})
		default:
			return fmt.Errorf("%d numbers, want %d or 3", n, len(v))
		}
		return nil
	})
	return pairs, rare, err
}

// parseCells returns the squares by LocationID.
func parseCells(text string) (map[int][]countRow, error) {
	const firstRow, firstColumn = 40500, -74300
	cells := map[int][]countRow{}
	err := eachLine(text, func(line string) error {
		head, squares, _ := strings.Cut(line, ": ")
		zone, err := number(head)
		if err != nil {
			return fmt.Errorf("zone: %w", err)
		}
		rows := slices.Grow(cells[zone], strings.Count(squares, ",")+1)
		for square := range strings.SplitSeq(squares, ", ") {
			var v [4]int
			if n, err := numbers(square, v[:]); err != nil || n != len(v) {
				return fmt.Errorf("square %q is not four numbers", square)
			}
			rows = append(rows, countRow{int32(firstRow + v[0]), int32(firstColumn + v[1]), uint64(v[2]), uint64(v[3])})
		}
		cells[zone] = rows
		return nil
	})
	return cells, err
}

// eachLine visits the lines that are neither empty nor comments.
func eachLine(text string, visit func(line string) error) error {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		if line == "" || line[0] == '#' {
			continue
		}
		if err := visit(line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}

// numbers reads numbers parted by blanks and returns how many there are.
func numbers(line string, into []int) (n int, err error) {
	for field := range strings.FieldsSeq(line) {
		if n == len(into) {
			return n, fmt.Errorf("more than %d numbers", n)
		}
		if into[n], err = number(field); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

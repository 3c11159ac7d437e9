package queries

import (
	"fmt"
	"strings"
)

// Athena knows no H3. But the whole city lies on one face of H3's icosahedron, in
// one base cell, and there the cells of a resolution are an exact lattice of
// hexagons in the gnomonic projection (internal/geo has it in Go). So a point's
// place in the lattice is arithmetic, and the index follows from the place: step
// by step to the coarser lattice, each step giving a digit. Only the cells found
// are taken through the steps, not the trips.
//
// A point nearer than 1e-10 of a cell's width to its border may fall to the
// neighbour; a test holds the rest against H3's own library.

// A plane is the projection at one resolution, from H3's constants of the face
// (Apache-2.0; faceijk.c): linear forms of the unit vector whose ratios are 2i-j
// and 2j-i of the lattice's coordinates.
type plane struct{ u, w [3]string }

var planes = map[int]plane{
	8: {
		u: [3]string{"6.90294149427052434e+03", "9.53721335169745362e+03", "4.40920578873734758e+03"},
		w: [3]string{"-1.24728073001823614e+04", "1.38127699705282794e+01", "1.57449126274368928e+03"},
	},
	9: {
		u: [3]string{"8.23601718262921531e+03", "2.86254528250628900e+04", "1.48021086289557315e+04"},
		w: [3]string{"-3.18485560946352489e+04", "-9.50958781175639888e+03", "-1.26022326324996720e+03"},
	},
}

var centre = [3]string{"0.1092625278784797e0", "-0.4811951572873210e0", "0.8697775121287253e0"}

const baseCell = 21

// vector is the SELECT list of a point's unit vector.
const vector = "cos(radians(lat)) * cos(radians(lon)) AS x, cos(radians(lat)) * sin(radians(lon)) AS y, sin(radians(lat)) AS z"

func form(f [3]string) string { return fmt.Sprintf("(%s * x + %s * y + %s * z)", f[0], f[1], f[2]) }

// projected is the SELECT list of a unit vector's place in the plane.
func projected(resolution int) string {
	p := planes[resolution]
	return fmt.Sprintf("%s / %s AS u,\n    %s / %s AS w", form(p.u), form(centre), form(p.w), form(centre))
}

// place is the SELECT list of the hexagon that holds (u, w).
const place = "CAST(floor((floor(u) + floor(u + w) + 2) / 3) AS bigint) AS i, CAST(floor((floor(u + w) + floor(w) + 2) / 3) AS bigint) AS j"

// steps turns the table `spots`, with columns i and j at a resolution and the
// carried ones, into `cells`, with the index as `cell` in their place. Odd
// resolutions are turned the one way, even ones the other (H3's aperture 7). The
// casts keep Athena from multiplying in 32 bits, where its small literals are.
func steps(resolution int, carried string) string {
	var b strings.Builder
	index := int64(1)<<59 | int64(resolution)<<52 | baseCell<<45 | (int64(1)<<(3*(15-resolution)) - 1)
	fmt.Fprintf(&b, "level%d AS (SELECT %s, i, j, %d AS cell FROM spots),\n", resolution, carried, index)
	for r := resolution; r >= 1; r-- {
		up, centre := "3*i - j) / 7e0) AS bigint) AS a, CAST(round((i + 2*j", "3*(i - 2*a - b) + j - 3*b + a"
		if r%2 == 0 {
			up, centre = "2*i + j) / 7e0) AS bigint) AS a, CAST(round((3*j - i", "3*(i - 3*a + b) + j - a - 2*b"
		}
		fmt.Fprintf(&b, "level%d AS (SELECT %s, a AS i, b AS j,\n", r-1, carried)
		fmt.Fprintf(&b, "  cell + CAST(%d AS bigint) * CASE %s WHEN -4 THEN 1 WHEN 1 THEN 2 WHEN -3 THEN 3 WHEN 3 THEN 4 WHEN -1 THEN 5 WHEN 4 THEN 6 ELSE 0 END AS cell\n", int64(1)<<(3*(15-r)), centre)
		fmt.Fprintf(&b, "  FROM (SELECT %s, i, j, cell, CAST(round((%s) / 7e0) AS bigint) AS b FROM level%d) AS step%d),\n", carried, up, r, r)
	}
	fmt.Fprintf(&b, "cells AS (SELECT %s, to_base(cell, 16) AS cell FROM level0)", carried)
	return b.String()
}

// fill puts the arithmetic in the place of its names in braces.
func fill(sql string, resolution int, carried string) string {
	return strings.NewReplacer(
		"{vector}", vector, "{projected}", projected(resolution), "{place}", place, "{steps}", steps(resolution, carried),
	).Replace(sql)
}

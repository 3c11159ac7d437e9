// Package geo is the geography of the pipeline: H3 cells, the city's box and
// the airports' boxes, all in degrees of WGS 84. It is the only package that
// imports H3, and so the only one that needs a C compiler.
package geo

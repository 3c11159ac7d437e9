// Package zones knows the taxi zones of New York: which zone a point lies in,
// its name and its borough.
//
// The outlines are the Taxi and Limousine Commission's, simplified to about
// 20 m (outlines.txt names the source), so a point within some 20 m of a border
// may be given to the neighbour or to none. A zone ends at the shore: water
// belongs to no zone, except ponds inside a zone. A lookup takes about a
// microsecond and allocates nothing. Everything returned is read-only and
// shared.
package zones

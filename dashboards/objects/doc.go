// Package objects holds the saved objects of the "Taxi-Trips-Dashboard" of
// OpenSearch Dashboards as Go definitions with fixed ids, checks them, and puts
// them in place.
//
// The pictures are Vega-Lite: they need no tile server and no other host. Each
// asks the results store itself, through the "url" objects of OpenSearch
// Dashboards' Vega, so what a panel shows is one query that anybody can read.
// Means are sums of sums over sums of counts, never means of means.
//
// Build gives the objects, Encode the NDJSON that an import takes, Check what is
// wrong with a set, Importer puts it in place and reads it back. All are plain
// values that the caller owns.
package objects

package geo

// The city's box in degrees.
const (
	south, north = 40.560, 40.878
	west, east   = -74.054, -73.722
)

// InCity reports whether a point lies in the city's box, bounds included. NaN does not.
func InCity(lat, lon float64) bool {
	return lat >= south && lat <= north && lon >= west && lon <= east
}

// Airport is one of the two airports whose trips are measured, or None.
type Airport uint8

// The airports.
const (
	None Airport = iota
	JFK
	LGA
)

// String is the airport's code, "" for None.
func (a Airport) String() string {
	switch a {
	case JFK:
		return "JFK"
	case LGA:
		return "LGA"
	}
	return ""
}

// AirportAt is the airport whose box, bounds included, holds the point.
func AirportAt(lat, lon float64) Airport {
	switch {
	case lat >= 40.632 && lat <= 40.654 && lon >= -73.800 && lon <= -73.761:
		return JFK
	case lat >= 40.766 && lat <= 40.778 && lon >= -73.881 && lon <= -73.859:
		return LGA
	}
	return None
}

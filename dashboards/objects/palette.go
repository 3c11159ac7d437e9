package objects

// Colours that show on a light page and on a dark one: between the control
// room's two for the same thing (dashboards/live/web/src/app.css).
const (
	jfk       = "#2f7dd1"
	laGuardia = "#c8641b"
	grey      = "#84909d" // bars, words
)

// The map has a ground of its own, the control room's on paper: a specification
// does not learn whether the page is light or dark, and its classes need a ground.
const (
	water     = "#d6e4ed"
	shore     = "#9db0be"
	cityLand  = "#faf9f5"
	otherLand = "#edebe5"
	park      = "#e9f1e1"
	airport   = "#e8e6f0"
	edge      = "#8a9099" // of an airport
	ink       = "#1a2027"
	muted     = "#58616b"
	onWater   = "#3f6680"
	paper     = "#ffffff"
)

// classes are the control room's (dashboards/live/web/src/scale.ts): pickups of
// one cell in ten minutes. They never move with the data.
var classes = []struct {
	from          int
	label, colour string
}{
	{2, "2–4", "#23907C"},
	{5, "5–9", "#1B7BA8"},
	{10, "10–19", "#2B5BA8"},
	{20, "20–39", "#463A98"},
	{40, "40–79", "#591C6E"},
	{80, "80 and more", "#260A2C"},
}

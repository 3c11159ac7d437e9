package sort

import (
	"cmp"

	"taxistream/internal/trip"
)

// compare is the total order of a replay.
func compare(a, b *trip.Trip) int {
	if c := compareValues(a, b); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// compareValues leaves out the id: rows that are equal in it are equal rows.
func compareValues(a, b *trip.Trip) int {
	switch {
	case a.Dropoff != b.Dropoff:
		return cmp.Compare(a.Dropoff, b.Dropoff)
	case a.Pickup != b.Pickup:
		return cmp.Compare(a.Pickup, b.Pickup)
	case a.PickupLat != b.PickupLat:
		return cmp.Compare(a.PickupLat, b.PickupLat)
	case a.PickupLon != b.PickupLon:
		return cmp.Compare(a.PickupLon, b.PickupLon)
	case a.DropoffLat != b.DropoffLat:
		return cmp.Compare(a.DropoffLat, b.DropoffLat)
	case a.DropoffLon != b.DropoffLon:
		return cmp.Compare(a.DropoffLon, b.DropoffLon)
	case a.HasAmount != b.HasAmount:
		if a.HasAmount {
			return 1
		}
		return -1
	default:
		return cmp.Compare(a.TotalAmount, b.TotalAmount)
	}
}

// identifier fills in the ids of a sorted sequence: equal rows are neighbours,
// and are numbered.
type identifier struct {
	last       trip.Trip
	occurrence uint64
	any        bool
}

func (i *identifier) assign(t *trip.Trip) {
	if t.ID != 0 {
		return
	}
	if i.any && compareValues(&i.last, t) == 0 {
		i.occurrence++
	} else {
		i.last, i.occurrence, i.any = *t, 0, true
	}
	t.ID = trip.DeriveID(t, i.occurrence)
}

package store

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"taxistream/engine/checkpoint"
)

const (
	leaseName   = "lease"
	wholePrefix = "chk-"
)

// place names a checkpoint: two writers never have the same epoch.
type place struct{ epoch, id int64 }

// folder is where its objects lie, below the prefix. The id comes first for people.
func (p place) folder() string { return fmt.Sprintf("%s%010d-%06d/", wholePrefix, p.id, p.epoch) }

// older orders checkpoints by writer first: what a writer that lost its place
// added is older than all of its successor's.
func older(a, b *kept) int {
	return cmp.Or(cmp.Compare(a.epoch, b.epoch), cmp.Compare(a.id, b.id))
}

// parseKey reads a key below the prefix. ok: it belongs to a checkpoint.
func parseKey(name string) (p place, file string, ok bool) {
	folder, file, _ := strings.Cut(name, "/")
	id, epoch, dash := strings.Cut(strings.TrimPrefix(folder, wholePrefix), "-")
	var err1, err2 error
	p.id, err1 = strconv.ParseInt(id, 10, 64)
	p.epoch, err2 = strconv.ParseInt(epoch, 10, 64)
	ok = dash && err1 == nil && err2 == nil && file != "" && p.folder() == folder+"/"
	return p, file, ok
}

// kept is a checkpoint of which at least one object is there.
type kept struct {
	place
	files []string // the names of its objects in its folder
	whole bool     // there is a manifest
}

// group gathers names below the prefix into checkpoints, oldest first.
func group(names []string) []*kept {
	found := make(map[place]*kept)
	var all []*kept
	for _, name := range names {
		p, file, ok := parseKey(name)
		if !ok {
			continue
		}
		k := found[p]
		if k == nil {
			k = &kept{place: p}
			found[p] = k
			all = append(all, k)
		}
		k.files = append(k.files, file)
		k.whole = k.whole || file == checkpoint.ManifestName
	}
	slices.SortFunc(all, older)
	return all
}

// highest is the greatest epoch among checkpoints; 0 without any.
func highest(all []*kept) (epoch int64) {
	for _, k := range all {
		epoch = max(epoch, k.epoch)
	}
	return epoch
}

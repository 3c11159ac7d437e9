package store

import (
	"os"
	"path/filepath"
	"strings"

	"taxistream/internal/durable"
)

// sign is the file of an owner of the lease, locked while its process lives. Who finds it without its lock knows
// what the lease alone tells only after its length: the owner has ended. A process that hangs keeps the lock; on
// another machine, or in another container, there is no file, and nothing is known.
func (s *Store) sign(owner string) string {
	// The name comes out of the bucket: it names nothing but a sign.
	if s.o.Signs == "" || len(owner) < 20 || strings.Trim(owner, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return ""
	}
	return filepath.Join(s.o.Signs, "taxistream-lease-"+owner)
}

// show takes this store's own sign. Where none can be made, others wait for the lease.
func (s *Store) show() {
	if file := s.sign(s.lease.mine.Owner); file != "" {
		s.shown, _ = durable.TakeLock(file) // nil after an error
	}
}

// hide takes it away.
func (s *Store) hide() {
	if s.shown != nil {
		_ = s.shown.Release() // a file that stays has no lock
		s.shown = nil
	}
}

// died reports whether an owner's process is known to have ended.
func (s *Store) died(owner string) bool {
	file := s.sign(owner)
	return file != "" && durable.Abandoned(file)
}

// bury removes the sign of an owner that died.
func (s *Store) bury(owner string) {
	if file := s.sign(owner); file != "" {
		_ = os.Remove(file) // it may not be there
	}
}

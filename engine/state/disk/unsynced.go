package disk

import "github.com/cockroachdb/pebble/v2/vfs"

// unsynced is a file system that never waits for the disk: what is in the folder need not
// outlive the process.
type unsynced struct{ vfs.FS }

func wrap(f vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return unsyncedFile{f}, nil
}

// Create implements vfs.FS.
func (u unsynced) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return wrap(u.FS.Create(name, c))
}

// OpenReadWrite implements vfs.FS.
func (u unsynced) OpenReadWrite(name string, c vfs.DiskWriteCategory, o ...vfs.OpenOption) (vfs.File, error) {
	return wrap(u.FS.OpenReadWrite(name, c, o...))
}

// OpenDir implements vfs.FS.
func (u unsynced) OpenDir(name string) (vfs.File, error) { return wrap(u.FS.OpenDir(name)) }

// ReuseForWrite implements vfs.FS.
func (u unsynced) ReuseForWrite(from, to string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return wrap(u.FS.ReuseForWrite(from, to, c))
}

type unsyncedFile struct{ vfs.File }

// Sync implements vfs.File.
func (unsyncedFile) Sync() error { return nil }

// SyncData implements vfs.File.
func (unsyncedFile) SyncData() error { return nil }

// SyncTo implements vfs.File.
func (unsyncedFile) SyncTo(int64) (bool, error) { return true, nil }

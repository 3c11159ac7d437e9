package listen

import (
	"container/list"
	"net"
	"net/http"
	"sync"
	"syscall"
)

// conns bounds the connections of one server: above the limit the one that was unused for
// longest is closed. Those in use are never closed, so they may pass the limit.
//
// Invariant: unused holds, oldest first, the connections without a running request, all
// has every connection's place in it, nil while in use.
type conns struct {
	most int

	mu     sync.Mutex
	all    map[net.Conn]*list.Element
	unused list.List
}

func newConns(most int) *conns { return &conns{most: most, all: map[net.Conn]*list.Element{}} }

// mostConns leaves the process most of its descriptors, for files and for the others who listen.
func mostConns() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 256
	}
	return int(max(16, min(limit.Cur/8, 1024)))
}

// note is called by http.Server whenever a connection's state changes.
func (c *conns) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if place := c.all[conn]; place != nil {
		c.unused.Remove(place)
	}
	switch state {
	case http.StateNew, http.StateIdle:
		c.all[conn] = c.unused.PushBack(conn)
	case http.StateActive:
		c.all[conn] = nil
	default:
		delete(c.all, conn)
	}
	if oldest := c.unused.Front(); len(c.all) > c.most && oldest != nil && oldest.Value != conn {
		closing := c.unused.Remove(oldest).(net.Conn)
		delete(c.all, closing) // StateClosed comes later and finds nothing
		_ = closing.Close()    // its error is of no use: the connection is unused
	}
}

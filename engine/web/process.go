package web

import (
	"math"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"

	"taxistream/engine"
)

// memory is what the Go runtime says of the process, in bytes, under the names that Flink has for a JVM's.
type memory struct {
	heap, heapCommitted, heapMax int64 // objects; with the room kept for them; the limit, -1: none
	other                        int64 // stacks and what the runtime needs
	cycles, gcMillis             int64 // of garbage collection, CPU time
	goroutines                   int64
}

func readMemory() memory {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/sched/goroutines:goroutines"},
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
	}
	metrics.Read(samples)
	at := func(i int) int64 {
		if samples[i].Value.Kind() != metrics.KindUint64 {
			return 0
		}
		return int64(samples[i].Value.Uint64())
	}
	m := memory{heap: at(0), heapCommitted: at(0) + at(1) + at(2), heapMax: -1, cycles: at(5), goroutines: at(6)}
	m.other = at(3) - at(4) - m.heapCommitted
	if samples[7].Value.Kind() == metrics.KindFloat64 {
		m.gcMillis = int64(samples[7].Value.Float64() * 1000)
	}
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		m.heapMax = limit
	}
	return m
}

// physicalMemory is the machine's; 0: not known.
func physicalMemory() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 || fields[0] != "MemTotal:" {
		return 0
	}
	kib, _ := strconv.ParseInt(fields[1], 10, 64)
	return kib << 10
}

// resource is so much of the machine, in Flink's words.
func resource(cores int, heap int64) object {
	return object{"cpuCores": cores, "taskHeapMemory": heap >> 20, "taskOffHeapMemory": 0, "managedMemory": 0, "networkMemory": 0, "extendedResources": object{}}
}

// managerOf is what a task manager says of itself in the list.
func (s *server) managerOf(j engine.Snapshot, m memory) object {
	free := j.Parallelism
	if j.State.Live() {
		free = 0
	}
	return object{
		"id": theManager, "path": s.endpoint(), "dataPort": 0, "jmxPort": -1, "timeSinceLastHeartbeat": s.o.Now().UnixMilli(),
		"slotsNumber": j.Parallelism, "freeSlots": free, "totalResource": resource(runtime.NumCPU(), m.heapCommitted), "freeResource": resource(0, 0),
		"hardware": object{"cpuCores": runtime.NumCPU(), "physicalMemory": physicalMemory(), "freeMemory": m.heapCommitted, "managedMemory": 0},
		"memoryConfiguration": object{
			"frameworkHeap": 0, "taskHeap": m.heapCommitted, "frameworkOffHeap": 0, "taskOffHeap": 0, "networkMemory": 0, "managedMemory": 0,
			"jvmMetaspace": 0, "jvmOverhead": m.other, "totalFlinkMemory": m.heapCommitted, "totalProcessMemory": m.heapCommitted + m.other,
		},
	}
}

func (s *server) managers(_ *http.Request, j engine.Snapshot) (any, error) {
	return object{"taskmanagers": []object{s.managerOf(j, readMemory())}}, nil
}

func (s *server) manager(_ *http.Request, j engine.Snapshot) (any, error) {
	m := readMemory()
	o := s.managerOf(j, m)
	slots := []object{}
	if j.State.Live() {
		for range j.Parallelism {
			slots = append(slots, object{"jobId": s.o.ID, "resource": resource(0, 0)})
		}
	}
	o["allocatedSlots"] = slots
	o["metrics"] = object{
		"heapUsed": m.heap, "heapCommitted": m.heapCommitted, "heapMax": m.heapMax, "nonHeapUsed": m.other, "nonHeapCommitted": m.other, "nonHeapMax": -1,
		"directCount": 0, "directUsed": 0, "directMax": 0, "mappedCount": 0, "mappedUsed": 0, "mappedMax": 0,
		"nettyShuffleMemorySegmentsAvailable": 0, "nettyShuffleMemorySegmentsUsed": 0, "nettyShuffleMemorySegmentsTotal": 0,
		"nettyShuffleMemoryAvailable": 0, "nettyShuffleMemoryUsed": 0, "nettyShuffleMemoryTotal": 0,
		"garbageCollectors": []object{{"name": "Go", "count": m.cycles, "time": m.gcMillis}},
	}
	return o, nil
}

// processMetrics are the process's. What a JVM has and Go has not is 0.
func (s *server) processMetrics(r *http.Request, j engine.Snapshot) (any, error) {
	m := readMemory()
	const jvm = "Status.JVM."
	values := map[string]float64{
		jvm + "Memory.Heap.Used": float64(m.heap), jvm + "Memory.Heap.Committed": float64(m.heapCommitted), jvm + "Memory.Heap.Max": float64(m.heapMax),
		jvm + "Memory.NonHeap.Used": float64(m.other), jvm + "Memory.NonHeap.Committed": float64(m.other), jvm + "Memory.NonHeap.Max": -1,
		jvm + "GarbageCollector.Go.Count": float64(m.cycles), jvm + "GarbageCollector.Go.Time": float64(m.gcMillis),
		jvm + "Threads.Count": float64(m.goroutines), "taskSlotsTotal": float64(j.Parallelism), "numRegisteredTaskManagers": 1, "numRunningJobs": 1,
	}
	if !j.State.Live() {
		values["numRunningJobs"] = 0
	}
	for _, none := range []string{
		jvm + "Memory.Direct.Count", jvm + "Memory.Direct.MemoryUsed", jvm + "Memory.Direct.TotalCapacity", jvm + "Memory.Mapped.Count",
		jvm + "Memory.Mapped.MemoryUsed", jvm + "Memory.Mapped.TotalCapacity", jvm + "Memory.Metaspace.Used", jvm + "Memory.Metaspace.Max",
		"Status.Shuffle.Netty.TotalMemory", "Status.Shuffle.Netty.UsedMemory", "Status.Flink.Memory.Managed.Used", "Status.Flink.Memory.Managed.Total",
	} {
		values[none] = 0
	}
	return listed(r, values), nil
}

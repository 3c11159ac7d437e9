package app

// searchAlarms are those that the OpenSearch Service developer guide recommends
// ("Recommended CloudWatch alarms"), as far as this domain has them.
func (w *Watch) searchAlarms() []alarm {
	return []alarm{
		{
			name: "search-red", says: "The OpenSearch domain is red: an index has lost its only copy of a shard for the moment; its documents can be neither read nor written.",
			metric: w.search("ClusterStatus.red", maximum).metric(),
			rings:  atLeast, limit: 1, of: 1, silent: unknown,
		},
		{
			name: "search-yellow", says: "The OpenSearch domain has been yellow for five minutes: a shard has no second copy.",
			metric: w.search("ClusterStatus.yellow", maximum).metric(),
			rings:  atLeast, limit: 1, of: 5, silent: unknown,
		},
		{
			name: "search-storage", says: "A node of the OpenSearch domain has less than a quarter of its storage left; when it is full, nothing is written.",
			metric: w.search("FreeStorageSpace", minimum).metric(),
			rings:  atMost, limit: float64(w.of.volumeGB) * 1024 / 4, of: 1, silent: unknown,
		},
		{
			name: "search-writes-blocked", says: "The OpenSearch domain takes no writes: its storage or its memory is used up.",
			metric: w.search("ClusterIndexWritesBlocked", maximum).over(5).metric(),
			rings:  atLeast, limit: 1, of: 1, silent: unknown,
		},
		{
			name: "search-memory", says: "The OpenSearch domain uses 95 % or more of its heap: it may run out of memory and lose nodes.",
			metric: w.search("JVMMemoryPressure", maximum).metric(),
			rings:  atLeast, limit: 95, of: 3, silent: unknown,
		},
		{
			name: "search-snapshots", says: "The daily snapshot of the OpenSearch domain has failed: there is less to restore from.",
			metric: w.search("AutomatedSnapshotFailure", maximum).metric(),
			rings:  atLeast, limit: 1, of: 1, silent: unknown,
		},
	}
}

package opensearch_test

import (
	"context"
	"fmt"

	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

func Example() {
	store, _ := search.New(search.Options{})
	base, _ := store.Start("127.0.0.1:0")
	defer store.Close()

	ctx := context.Background()
	client, err := opensearch.New(opensearch.Options{Endpoint: base})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := results.PutTemplates(ctx, client, "", storetest.Rules, nil); err != nil {
		fmt.Println(err)
		return
	}
	w := opensearch.NewWriter(client, opensearch.WriterOptions{})
	defer w.Close()
	for _, trips := range []int64{2, 5, 3} { // an older result comes late
		_ = w.Add(ctx, storetest.Hotspot(storetest.NewYear, "892a100d2b3ffff", trips))
	}
	if err := w.Flush(ctx); err != nil {
		fmt.Println(err)
		return
	}
	found, _ := client.Search(ctx, opensearch.SearchRequest{Index: names.PickupCount, Size: 10})
	fmt.Println(len(found), "document, version", found[0].Version)
	fmt.Println(w.Stats().Written, "written,", w.Stats().Repeats, "repeat")
	// Output:
	// 1 document, version 5
	// 2 written, 1 repeat
}

package kinesis_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"taxistream/internal/kinesis"
)

// Ensure the memory of one call's body is never another's while it is sent:
// many calls at once of many sizes, some of which fail at first and are made again, arrive as they were given.
func TestPutEntries_MemoryOfBodies(t *testing.T) {
	var mu sync.Mutex
	arrived := map[string]int{}
	failed := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var put struct {
			Records []struct{ Data, PartitionKey string }
		}
		if err != nil || json.Unmarshal(body, &put) != nil || len(put.Records) != 1 {
			t.Errorf("a body of %d bytes: %v", len(body), err)
			return
		}
		key := put.Records[0].PartitionKey
		data, err := base64.StdEncoding.DecodeString(put.Records[0].Data)
		if err != nil || len(data) == 0 || !bytes.Equal(data, bytes.Repeat([]byte(key), len(data)/len(key))) {
			t.Errorf("the data of %s is another's: %.40q, %v", key, data, err)
		}
		mu.Lock()
		defer mu.Unlock()
		if len(key)%3 == 0 && !failed[key] {
			failed[key] = true
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		arrived[key]++
		fmt.Fprint(w, `{"FailedRecordCount":0,"Records":[{"ShardId":"s","SequenceNumber":"1"}]}`)
	}))
	defer server.Close()
	c := clientOf(server.URL)
	var all sync.WaitGroup
	const workers, calls = 8, 10
	for worker := range workers {
		all.Go(func() {
			for i := range calls {
				key := fmt.Sprintf("%d-%d", worker, i)
				e := []kinesis.Entry{{Data: bytes.Repeat([]byte(key), 1+(i*7919+worker)%5000), PartitionKey: key}}
				_, err := c.PutEntries(t.Context(), e)
				if err != nil {
					_, err = c.PutEntries(t.Context(), e)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if len(arrived) != workers*calls {
		t.Errorf("%d of %d calls arrived", len(arrived), workers*calls)
	}
}

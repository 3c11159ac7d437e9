package kinesis

import (
	"bytes"
	"encoding/json"
)

// decodePut reads any PutRecords, slowly: unknown members are ignored, null
// is absent, of repeated members the last counts.
func decodePut(body []byte, p *putRequest) *apiError {
	var request struct {
		StreamName, StreamARN *string
		Records               *[]wireEntry
	}
	if err := decode(body, &request); err != nil {
		return err
	}
	p.stream, p.arn = bytesOf(request.StreamName), bytesOf(request.StreamARN)
	p.entries = p.entries[:0]
	if request.Records == nil {
		return validation("records", "Member must not be null")
	}
	for _, r := range *request.Records {
		if len(p.entries) > MaxPutRecords {
			break // one too many is enough to be refused
		}
		e, err := r.entry()
		if err != nil {
			return err
		}
		p.entries = append(p.entries, e)
	}
	return nil
}

// wireEntry is a record as PutRecord and PutRecords have it.
type wireEntry struct {
	Data            *string
	PartitionKey    *string
	ExplicitHashKey *string
}

func (r wireEntry) entry() (putEntry, *apiError) {
	if r.Data == nil {
		return putEntry{}, validation("data", "Member must not be null")
	}
	if r.PartitionKey == nil {
		return putEntry{}, validation("partitionKey", "Member must not be null")
	}
	e := putEntry{data: bytesOf(r.Data), key: bytesOf(r.PartitionKey), explicit: bytesOf(r.ExplicitHashKey)}
	var ok bool
	if e.size, ok = base64Size(e.data); !ok {
		return putEntry{}, serialization("Data is not base64.")
	}
	e.keyJSON = quoted(*r.PartitionKey)
	return e, nil
}

// quoted returns what stands between the quotes of text's JSON.
func quoted(text string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic("embedded kinesis: a string does not marshal: " + err.Error())
	}
	line := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	return line[1 : len(line)-1]
}

// bytesOf keeps an absent string apart from an empty one.
func bytesOf(text *string) []byte {
	if text == nil {
		return nil
	}
	return append([]byte{}, *text...)
}

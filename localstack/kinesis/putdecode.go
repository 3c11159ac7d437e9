package kinesis

import (
	"bytes"
	"encoding/json"
	"strings"
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
	p.entries, p.text = p.entries[:0], []byte{' '} // no span begins at 0
	if request.Records == nil {
		return validation("records", "Member must not be null")
	}
	for _, r := range *request.Records {
		if len(p.entries) > MaxPutRecords {
			break // one too many is enough to be refused
		}
		if err := p.add(r); err != nil {
			return err
		}
	}
	return nil
}

// wireEntry is a record as PutRecord and PutRecords have it.
type wireEntry struct {
	Data            *string
	PartitionKey    *string
	ExplicitHashKey *string
}

// add appends the record to the request.
func (p *putRequest) add(r wireEntry) *apiError {
	if r.Data == nil {
		return validation("data", "Member must not be null")
	}
	if r.PartitionKey == nil {
		return validation("partitionKey", "Member must not be null")
	}
	e := putEntry{data: p.keep(*r.Data), key: p.keep(*r.PartitionKey)}
	var ok bool
	if e.size, ok = base64Size(p.at(e.data)); !ok {
		return serialization("Data is not base64.")
	}
	e.keyJSON = p.keep(quoted(*r.PartitionKey))
	if r.ExplicitHashKey != nil {
		e.explicit = p.keep(*r.ExplicitHashKey)
	}
	p.entries = append(p.entries, e)
	return nil
}

// keep copies text to where spans lie.
func (p *putRequest) keep(text string) span {
	begin := uint32(len(p.text))
	p.text = append(p.text, text...)
	return span{Start: begin, End: uint32(len(p.text))}
}

// quoted returns what stands between the quotes of text's JSON.
func quoted(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic("embedded kinesis: a string does not marshal: " + err.Error())
	}
	line := strings.TrimSuffix(out.String(), "\n")
	return line[1 : len(line)-1]
}

// bytesOf keeps an absent string apart from an empty one.
func bytesOf(text *string) []byte {
	if text == nil {
		return nil
	}
	return append([]byte{}, *text...)
}

package integration

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/fxamacker/cbor/v2"
)

const cborType = "application/x-amz-cbor-1.1"

var cborIn = func() cbor.DecMode {
	mode, err := cbor.DecOptions{DefaultMapType: reflect.TypeFor[map[string]any]()}.DecMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

// toCBOR spells a request in CBOR as the Java SDK does: Data as bytes, times as tag 1 around
// milliseconds. What is no JSON stays as it is, and is no CBOR either.
func toCBOR(text string) ([]byte, error) {
	v, err := decodeJSON(text)
	if err != nil {
		return []byte(text), nil
	}
	return cbor.Marshal(cborValue("", v))
}

func cborValue(member string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			out[name] = cborValue(name, value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = cborValue(member, v[i])
		}
		return out
	case json.Number:
		number, _ := strconv.ParseFloat(string(v), 64)
		if member == "Timestamp" || member == "StreamCreationTimestamp" {
			return cbor.Tag{Number: 1, Content: int64(math.Round(number * 1000))}
		}
		return int64(number)
	case string:
		if data, err := base64.StdEncoding.DecodeString(v); member == "Data" && err == nil {
			return data
		}
	}
	return v
}

// fromCBOR spells an answer in JSON.
func fromCBOR(body []byte) (string, error) {
	if len(body) == 0 {
		return "", nil
	}
	var v any
	if err := cborIn.Unmarshal(body, &v); err != nil {
		return "", fmt.Errorf("the answer is no CBOR: %w: %q", err, body)
	}
	text, err := json.Marshal(jsonValue(v))
	return string(text), err
}

func jsonValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			v[name] = jsonValue(value)
		}
	case []any:
		for i := range v {
			v[i] = jsonValue(v[i])
		}
	case time.Time: // tag 1, whose number AWS has in milliseconds
		return json.Number(fmt.Sprintf("%d.%03d", v.Unix()/1000, v.Unix()%1000))
	}
	return v // bytes become base64
}

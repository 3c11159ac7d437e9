package protocol

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

// field is a member of a request.
type field struct {
	name   string // as the body has it
	member string // as texts have it
	index  []int
	rules  rules
}

var fieldsByType sync.Map // reflect.Type to []field: a type's tags are read once

func fieldsOf(t reflect.Type) []field {
	if known, ok := fieldsByType.Load(t); ok {
		return known.([]field)
	}
	var fields []field
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		fields = append(fields, field{
			f.Name, strings.ToLower(f.Name[:1]) + f.Name[1:], f.Index, parseRules(f.Tag.Get("check")),
		})
	}
	fieldsByType.Store(t, fields)
	return fields
}

// binder puts a decoded body's values into a request. A value of a wrong type
// ends it; what breaks a bound is collected, up to ten as the service does.
type binder struct{ violations []string }

const mostViolations = 10

func typeError(text string) error { return &SerializationError{Message: text} }

func (b *binder) structure(members map[string]any, to reflect.Value, path string) error {
	for _, f := range fieldsOf(to.Type()) {
		at := path + f.member
		raw := members[f.name]
		if raw == nil {
			if f.rules.needed(members) {
				b.violate("null", at, "Member must not be null")
			}
			continue
		}
		value := to.FieldByIndex(f.index)
		if err := b.value(raw, value, at); err != nil {
			return err
		}
		b.check(&f.rules, value, at)
	}
	return nil
}

// value converts one value, as the service's decoder does and with its complaints.
func (b *binder) value(raw any, to reflect.Value, path string) error {
	if to.Kind() == reflect.Pointer {
		to.Set(reflect.New(to.Type().Elem()))
		to = to.Elem()
	}
	switch to.Interface().(type) {
	case Millis:
		ms, complaint := millisOf(raw)
		if complaint != "" {
			return typeError(complaint)
		}
		to.SetInt(int64(ms))
		return nil
	case []byte:
		return blob(raw, to)
	}
	switch to.Kind() {
	case reflect.String:
		text, ok := raw.(string)
		if !ok {
			return typeError(scalarText(raw, "String", "an "))
		}
		to.SetString(text)
	case reflect.Int:
		return integer(raw, to)
	case reflect.Bool:
		return boolean(raw, to)
	case reflect.Slice:
		return b.list(raw, to, path)
	case reflect.Map:
		return b.mapping(raw, to)
	case reflect.Struct:
		members, ok := raw.(map[string]any)
		if !ok {
			return typeError(compoundText(raw, "Expected null"))
		}
		return b.structure(members, to, path+".")
	default:
		panic(fmt.Sprintf("embedded kinesis: a request cannot have a %v", to.Type()))
	}
	return nil
}

func (b *binder) list(raw any, to reflect.Value, path string) error {
	elements, ok := raw.([]any)
	if !ok {
		return typeError(compoundText(raw, "Expected list or null"))
	}
	to.Set(reflect.MakeSlice(to.Type(), len(elements), len(elements)))
	for i, element := range elements {
		at := path + "." + strconv.Itoa(i+1) + ".member"
		if element == nil {
			b.violate("null", at, "Member must not be null")
			continue
		}
		if err := b.value(element, to.Index(i), at); err != nil {
			return err
		}
	}
	return nil
}

func (b *binder) mapping(raw any, to reflect.Value) error {
	members, ok := raw.(map[string]any)
	if !ok {
		return typeError(compoundText(raw, "Expected map or null"))
	}
	to.Set(reflect.MakeMapWithSize(to.Type(), len(members)))
	for key, element := range members {
		value := reflect.New(to.Type().Elem()).Elem()
		if element != nil {
			if err := b.value(element, value, ""); err != nil {
				return err
			}
		}
		to.SetMapIndex(reflect.ValueOf(key), value)
	}
	return nil
}

func integer(raw any, to reflect.Value) error {
	var number float64
	switch v := raw.(type) {
	case json.Number:
		number, _ = strconv.ParseFloat(string(v), 64) // beyond a float: infinite, and cut below
	case uint64:
		number = float64(v)
	case int64:
		number = float64(v)
	case float64:
		number = v
	default:
		return typeError(scalarText(raw, "Integer", "an "))
	}
	to.SetInt(int64(max(math.MinInt32, min(math.MaxInt32, math.Floor(number)))))
	return nil
}

func boolean(raw any, to reflect.Value) error {
	switch v := raw.(type) {
	case bool:
		to.SetBool(v)
		return nil
	case string:
		return typeError("'" + strings.ToUpper(v) + "' can not be converted to an Boolean")
	}
	return typeError(scalarText(raw, "Boolean", "an "))
}

func blob(raw any, to reflect.Value) error {
	switch v := raw.(type) {
	case []byte:
		to.SetBytes(v)
		return nil
	case string:
		data, complaint := decodeBase64(v)
		if complaint != "" {
			return typeError("'" + v + "' can not be converted to a Blob: " + complaint)
		}
		to.SetBytes(data)
		return nil
	}
	return typeError(scalarText(raw, "Blob", "a "))
}

func decodeBase64(text string) ([]byte, string) {
	if len(text)%4 != 0 {
		return nil, "Base64 encoded length is expected a multiple of 4 bytes but found: " + strconv.Itoa(len(text))
	}
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err == nil && !strings.ContainsAny(text, "\r\n") { // the decoder passes over line ends
		return data, ""
	}
	for _, c := range strings.TrimRight(text, "=") {
		if !strings.ContainsRune(base64Letters, c) {
			return nil, "Invalid Base64 character: '" + string(c) + "'"
		}
	}
	return nil, "Invalid last non-pad Base64 character dectected" // so spelled by the service
}

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// scalarText is why a value is no scalar of the kind.
func scalarText(raw any, kind, article string) string {
	class := ""
	switch raw.(type) {
	case []any:
		return "Start of list found where not expected"
	case map[string]any:
		return "Start of structure or map found where not expected."
	case bool:
		class = "java.lang.Boolean"
	case string:
		class = "java.lang.String"
	case []byte:
		class = "java.nio.HeapByteBuffer"
	case json.Number, uint64, int64, float64, big.Int, time.Time:
		class = "com.amazon.coral.value.json.numbers.TruncatingBigNumber"
	default:
		class = fmt.Sprintf("%T", raw)
	}
	return "class " + class + " can not be converted to " + article + kind
}

// compoundText is why a value is no list, map or structure.
func compoundText(raw any, expected string) string {
	switch raw.(type) {
	case []any:
		return "Start of list found where not expected"
	case map[string]any:
		return "Start of structure or map found where not expected."
	}
	return expected
}

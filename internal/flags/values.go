package flags

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

type stringValue string

func (v *stringValue) String() string        { return string(*v) }
func (v *stringValue) Set(text string) error { *v = stringValue(text); return nil }

type stringsValue []string

func (v *stringsValue) String() string        { return strings.Join(*v, " ") }
func (v *stringsValue) Set(text string) error { *v = append(*v, text); return nil }

type intValue int

func (v *intValue) String() string { return strconv.Itoa(int(*v)) }

func (v *intValue) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil {
		return errors.New("write a whole number")
	}
	*v = intValue(n)
	return nil
}

type floatValue float64

func (v *floatValue) String() string { return strconv.FormatFloat(float64(*v), 'g', -1, 64) }

func (v *floatValue) Set(text string) error {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return errors.New("write a number")
	}
	*v = floatValue(f)
	return nil
}

type boolValue bool

func (v *boolValue) String() string   { return strconv.FormatBool(bool(*v)) }
func (v *boolValue) IsBoolFlag() bool { return true }

func (v *boolValue) Set(text string) error {
	b, err := strconv.ParseBool(text)
	if err != nil {
		return errors.New("write true or false")
	}
	*v = boolValue(b)
	return nil
}

type durationValue time.Duration

func (v *durationValue) String() string { return FormatDuration(time.Duration(*v)) }

func (v *durationValue) Set(text string) error {
	d, err := ParseDuration(text)
	if err != nil {
		return err
	}
	*v = durationValue(d)
	return nil
}

type choiceValue struct {
	value   *string
	choices []string
}

func (v *choiceValue) String() string { return *v.value }

func (v *choiceValue) Set(text string) error {
	for _, c := range v.choices {
		if strings.EqualFold(c, text) {
			*v.value = c
			return nil
		}
	}
	return errors.New("choose " + strings.Join(v.choices[:len(v.choices)-1], ", ") + " or " + v.choices[len(v.choices)-1])
}

type funcValue func(string) error

func (v funcValue) String() string        { return "" }
func (v funcValue) Set(text string) error { return v(text) }

// ParseDuration reads "1h30m", "200ms", or a number without unit, which is in
// milliseconds. A negative or absurdly long one is an error.
func ParseDuration(text string) (time.Duration, error) {
	wrong := errors.New("write a length of time such as 200ms, 60s or 1h")
	if ms, err := strconv.ParseFloat(text, 64); err == nil {
		d := ms * float64(time.Millisecond)
		if !(d >= 0 && d < math.MaxInt64) {
			return 0, wrong
		}
		return time.Duration(d), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, wrong
	}
	return d, nil
}

// FormatDuration writes a duration as a person would: 1h, not 1h0m0s.
func FormatDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

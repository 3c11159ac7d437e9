package kinesis

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	streamName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)
	streamARN  = regexp.MustCompile(`^arn:[a-z0-9-]+:kinesis:([a-z0-9-]+):[0-9]{12}:stream/([a-zA-Z0-9_.-]{1,128})$`)
)

// CheckStream refuses what is neither a stream's name nor its ARN, and an ARN in
// another region than one that is asked for (empty: none is).
func CheckStream(text, region string) error {
	switch m := streamARN.FindStringSubmatch(text); {
	case text == "":
		return errors.New("-stream is empty: name a stream")
	case m != nil && region != "" && region != m[1]:
		return fmt.Errorf("-stream %s is in region %s, and -region says %s: leave out -region", text, m[1], region)
	case m == nil && strings.HasPrefix(text, "arn:"):
		return fmt.Errorf("-stream %s is no stream's ARN: write arn:aws:kinesis:region:account:stream/name", text)
	case m == nil && !streamName.MatchString(text):
		return fmt.Errorf("-stream %q: write a stream's name, of letters, digits and _ . -, or its ARN", text)
	}
	return nil
}

// StreamName is the name of a stream that is given by its name or its ARN.
func StreamName(text string) string {
	if m := streamARN.FindStringSubmatch(text); m != nil {
		return m[2]
	}
	return text
}

// StreamRegion is the region that a stream's ARN names; empty for a name.
func StreamRegion(text string) string {
	if m := streamARN.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

package kinesis

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// maxTags is how many tags a stream may have.
const maxTags = 50

// tagText is what the service lets through to its second check, which refuses "%".
var tagText = regexp.MustCompile(`^[\x{00C0}-\x{1FFF}\x{2C00}-\x{D7FF}\w./=+\- @%]*$`)

// checkTagTexts holds keys and values to the letters of tags; the attempt begins
// the text of the second check.
func checkTagTexts(texts []string, attempt string) *apiError {
	for _, text := range texts {
		if !tagText.MatchString(text) {
			return invalid("Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - %% @.")
		}
	}
	for _, text := range texts {
		if strings.Contains(text, "%") {
			return invalid("%s because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.", attempt)
		}
	}
	return nil
}

// tagged is what has tags: a stream, or a consumer of it.
type tagged struct {
	st *stream
	c  *consumer // nil: the stream
}

// tags are a map to be replaced, not to be changed; stream.mu is held.
func (t tagged) tags() *map[string]string {
	if t.c != nil {
		return &t.c.tags
	}
	return &t.st.tags
}

// setTags adds tags to those there are, or replaces their values.
func (s *Server) setTags(t tagged, tags map[string]string) *apiError {
	t.st.mu.Lock()
	defer t.st.mu.Unlock()
	all := map[string]string{}
	maps.Copy(all, *t.tags())
	maps.Copy(all, tags)
	if apiErr := s.checkTags(t.st.name, tags, len(all)); apiErr != nil {
		return apiErr
	}
	*t.tags() = all
	return nil
}

// checkTags says whether a stream may have the tags, and count of them in all.
func (s *Server) checkTags(name string, tags map[string]string, count int) *apiError {
	attempt := "Failed to add tags to stream " + name + " under account " + s.options.Account
	texts := slices.AppendSeq(slices.Collect(maps.Keys(tags)), maps.Values(tags))
	if apiErr := checkTagTexts(texts, attempt); apiErr != nil {
		return apiErr
	}
	if count > maxTags {
		return invalid("%s because a given stream cannot have more than %d tags associated with it.", attempt, maxTags)
	}
	return nil
}

func (s *Server) unsetTags(t tagged, keys []string) *apiError {
	attempt := "Failed to remove tags from stream " + t.st.name + " under account " + s.options.Account
	if apiErr := checkTagTexts(keys, attempt); apiErr != nil {
		return apiErr
	}
	t.st.mu.Lock()
	defer t.st.mu.Unlock()
	left := map[string]string{}
	maps.Copy(left, *t.tags())
	for _, key := range keys {
		delete(left, key)
	}
	*t.tags() = left
	return nil
}

// tag is a tag as answers have it.
type tag struct{ Key, Value string }

// sorted are up to limit tags after a key.
func (t tagged) sorted(after string, limit int) (tags []tag, more bool) {
	t.st.mu.RLock()
	defer t.st.mu.RUnlock()
	all := *t.tags()
	tags = []tag{}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if key <= after {
			continue
		}
		if len(tags) == limit {
			return tags, true
		}
		tags = append(tags, tag{key, all[key]})
	}
	return tags, false
}

type addTagsRequest struct {
	streamRef
	Tags map[string]string `check:"required len=1..200 keys=1..128 values=0..256"`
}

func (s *Server) addTags(in *addTagsRequest) (any, *apiError) {
	st, apiErr := s.ready(in.streamRef)
	if apiErr != nil {
		return nil, apiErr
	}
	return nil, s.setTags(tagged{st: st}, in.Tags)
}

type removeTagsRequest struct {
	streamRef
	TagKeys []string `check:"required len=1..50 each=1..128"`
}

func (s *Server) removeTags(in *removeTagsRequest) (any, *apiError) {
	st, apiErr := s.ready(in.streamRef)
	if apiErr != nil {
		return nil, apiErr
	}
	return nil, s.unsetTags(tagged{st: st}, in.TagKeys)
}

type listTagsRequest struct {
	streamRef
	ExclusiveStartTagKey string `check:"len=1..128"`
	Limit                int    `check:"range=1..50"`
}

// listTags answers ListTagsForStream in the order of keys.
func (s *Server) listTags(in *listTagsRequest) (any, *apiError) {
	st, apiErr := s.stream(in.streamRef)
	if apiErr != nil {
		return nil, apiErr
	}
	tags, more := tagged{st: st}.sorted(in.ExclusiveStartTagKey, cmp.Or(in.Limit, maxTags))
	return struct {
		Tags        []tag
		HasMoreTags bool
	}{tags, more}, nil
}

// resourceRef is how the newer operations name a stream or a consumer.
type resourceRef struct {
	ResourceARN string `check:"required len=1..2048 pattern=resource"`
}

func (s *Server) resource(ref resourceRef) (t tagged, apiErr *apiError) {
	if strings.Contains(ref.ResourceARN, "/consumer/") {
		t.st, t.c, apiErr = s.consumer(consumerRef{ConsumerARN: ref.ResourceARN})
	} else {
		t.st, apiErr = s.ready(streamRef{StreamARN: ref.ResourceARN})
	}
	return t, apiErr
}

type tagResourceRequest struct {
	resourceRef
	Tags map[string]string `check:"required len=1..200 keys=1..128 values=0..256"`
}

func (s *Server) tagResource(in *tagResourceRequest) (any, *apiError) {
	t, apiErr := s.resource(in.resourceRef)
	if apiErr != nil {
		return nil, apiErr
	}
	return nil, s.setTags(t, in.Tags)
}

type untagResourceRequest struct {
	resourceRef
	TagKeys []string `check:"required len=1..50 each=1..128"`
}

func (s *Server) untagResource(in *untagResourceRequest) (any, *apiError) {
	t, apiErr := s.resource(in.resourceRef)
	if apiErr != nil {
		return nil, apiErr
	}
	return nil, s.unsetTags(t, in.TagKeys)
}

func (s *Server) listTagsForResource(in *struct{ resourceRef }) (any, *apiError) {
	t, apiErr := s.resource(in.resourceRef)
	if apiErr != nil {
		return nil, apiErr
	}
	tags, _ := t.sorted("", maxTags)
	return struct{ Tags []tag }{tags}, nil
}

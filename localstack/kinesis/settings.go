package kinesis

type retentionRequest struct {
	streamRef
	RetentionPeriodHours int `check:"required range=1.."`
}

// The service keeps records for a day to a year.
const (
	leastRetentionHours = 24
	mostRetentionHours  = 8760
)

func (s *Server) increaseRetention(in *retentionRequest) (any, *apiError) {
	return nil, s.changeRetention(in, func(now int) *apiError {
		if in.RetentionPeriodHours < now {
			return invalid("Requested retention period (%d hours) for stream can not be shorter than existing retention period (%d hours). Use DecreaseRetentionPeriod API.", in.RetentionPeriodHours, now)
		}
		return nil
	})
}

func (s *Server) decreaseRetention(in *retentionRequest) (any, *apiError) {
	return nil, s.changeRetention(in, func(now int) *apiError {
		if in.RetentionPeriodHours > now {
			return invalid("Requested retention period (%d hours) for stream can not be longer than existing retention period (%d hours). Use IncreaseRetentionPeriod API.", in.RetentionPeriodHours, now)
		}
		return nil
	})
}

func (s *Server) changeRetention(in *retentionRequest, check func(now int) *apiError) *apiError {
	st, apiErr := s.ready(in.streamRef)
	if apiErr != nil {
		return apiErr
	}
	if in.RetentionPeriodHours < leastRetentionHours || in.RetentionPeriodHours > mostRetentionHours {
		return invalid("Minimum allowed retention period is %d hours and maximum is %d hours. Requested retention period (%d hours) is outside.",
			leastRetentionHours, mostRetentionHours, in.RetentionPeriodHours)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if apiErr := check(st.retentionHours); apiErr != nil {
		return apiErr
	}
	st.retentionHours = in.RetentionPeriodHours
	return nil
}

// maxTags is how many tags a stream may have.
const maxTags = 50

// checkTags holds tags to the bounds of the API; none are as good as allowed ones.
func checkTags(tags map[string]string) *apiError {
	if len(tags) > maxTags {
		return invalid("A stream takes at most %d tags.", maxTags)
	}
	return nil
}

type tagsRequest struct {
	streamRef
	Tags map[string]string `check:"required len=1..200 keys=1..128 values=0..256"`
}

func (s *Server) addTags(in *tagsRequest) (any, *apiError) {
	st, apiErr := s.ready(in.streamRef)
	if apiErr != nil {
		return nil, apiErr
	}
	if apiErr := checkTags(in.Tags); apiErr != nil {
		return nil, apiErr
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	added := 0
	for key := range in.Tags {
		if _, there := st.tags[key]; !there {
			added++
		}
	}
	if len(st.tags)+added > maxTags {
		return nil, invalid("A stream takes at most %d tags.", maxTags)
	}
	for key, value := range in.Tags {
		st.tags[key] = value
	}
	return nil, nil
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
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, key := range in.TagKeys {
		delete(st.tags, key)
	}
	return nil, nil
}

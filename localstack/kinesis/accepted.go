package kinesis

import (
	"encoding/json"
	"slices"
)

// accepted are settings that a stream is told of again and that have no other effect here.
type accepted struct {
	KeyID   string   `json:"key_id,omitempty"`              // of encryption; "" without
	Metrics []string `json:"metrics,omitempty"`             // of enhanced monitoring, in the order of allMetrics
	Policy  string   `json:"policy,omitempty"`              // JSON, as it was given
	WarmMiB int      `json:"warm_throughput_mib,omitempty"` // MiB/s
}

const (
	encryptionNone = "NONE"
	encryptionKMS  = "KMS"
)

func (a *accepted) encryption() string {
	if a.KeyID == "" {
		return encryptionNone
	}
	return encryptionKMS
}

type encryptionRequest struct {
	streamRef
	EncryptionType string `check:"required enum=NONE|KMS"`
	KeyId          string `check:"required len=1..2048"`
}

func (s *Server) startEncryption(in *encryptionRequest) (any, *apiError) {
	if in.EncryptionType != encryptionKMS {
		return nil, invalid("EncryptionType %s cannot be started; the only valid type is KMS.", in.EncryptionType)
	}
	return nil, s.change(in.streamRef, func(st *stream) *apiError {
		st.accepted.KeyID = in.KeyId
		return nil
	})
}

func (s *Server) stopEncryption(in *encryptionRequest) (any, *apiError) {
	return nil, s.change(in.streamRef, func(st *stream) *apiError {
		st.accepted.KeyID = ""
		return nil
	})
}

// allMetrics are what ALL stands for.
var allMetrics = []string{
	"IncomingBytes", "IncomingRecords", "OutgoingBytes", "OutgoingRecords",
	"WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded", "IteratorAgeMilliseconds",
}

type monitoringRequest struct {
	streamRef
	ShardLevelMetrics []string `check:"required len=1..7 enum=IncomingBytes|IncomingRecords|OutgoingBytes|OutgoingRecords|WriteProvisionedThroughputExceeded|ReadProvisionedThroughputExceeded|IteratorAgeMilliseconds|ALL"`
}

// names says whether the request names a metric.
func (in *monitoringRequest) names(metric string) bool {
	return slices.Contains(in.ShardLevelMetrics, metric) || slices.Contains(in.ShardLevelMetrics, "ALL")
}

func (s *Server) enableMonitoring(in *monitoringRequest) (any, *apiError) {
	return s.monitor(in, func(metric string, now bool) bool { return now || in.names(metric) })
}

func (s *Server) disableMonitoring(in *monitoringRequest) (any, *apiError) {
	return s.monitor(in, func(metric string, now bool) bool { return now && !in.names(metric) })
}

// monitor sets the metrics that are wanted, given those that are there.
func (s *Server) monitor(in *monitoringRequest, wanted func(metric string, now bool) bool) (any, *apiError) {
	var answer struct {
		StreamName, StreamARN                              string
		CurrentShardLevelMetrics, DesiredShardLevelMetrics []string
	}
	apiErr := s.change(in.streamRef, func(st *stream) *apiError {
		answer.StreamName, answer.StreamARN = st.name, st.arn
		answer.CurrentShardLevelMetrics, answer.DesiredShardLevelMetrics = []string{}, []string{}
		for _, metric := range allMetrics {
			now := slices.Contains(st.accepted.Metrics, metric)
			if now {
				answer.CurrentShardLevelMetrics = append(answer.CurrentShardLevelMetrics, metric)
			}
			if wanted(metric, now) {
				answer.DesiredShardLevelMetrics = append(answer.DesiredShardLevelMetrics, metric)
			}
		}
		st.accepted.Metrics = answer.DesiredShardLevelMetrics
		return nil
	})
	if apiErr != nil {
		return nil, apiErr
	}
	return answer, nil
}

type warmRequest struct {
	streamRef
	WarmThroughputMiBps *int `check:"required range=0.."`
}

type warmThroughput struct{ TargetMiBps, CurrentMiBps int }

func (s *Server) updateWarmThroughput(in *warmRequest) (any, *apiError) {
	var answer struct {
		StreamName, StreamARN string
		WarmThroughput        warmThroughput
	}
	apiErr := s.change(in.streamRef, func(st *stream) *apiError {
		if st.mode != modeOnDemand {
			return clientError("ValidationException", "Stream %s under account %s is in provisioned capacity mode, which has no warm throughput.", st.name, s.options.Account)
		}
		st.accepted.WarmMiB = *in.WarmThroughputMiBps
		answer.StreamName, answer.StreamARN = st.name, st.arn
		answer.WarmThroughput = warmThroughput{st.accepted.WarmMiB, st.accepted.WarmMiB}
		return nil
	})
	if apiErr != nil {
		return nil, apiErr
	}
	return answer, nil
}

type policyRequest struct {
	resourceRef
	Policy string `check:"required"`
}

func (s *Server) putPolicy(in *policyRequest) (any, *apiError) {
	if !json.Valid([]byte(in.Policy)) {
		return nil, invalid("The Policy is not valid JSON.")
	}
	return nil, s.change(streamRef{StreamARN: in.ResourceARN}, func(st *stream) *apiError {
		st.accepted.Policy = in.Policy
		return nil
	})
}

func (s *Server) deletePolicy(in *struct{ resourceRef }) (any, *apiError) {
	return nil, s.change(streamRef{StreamARN: in.ResourceARN}, func(st *stream) *apiError {
		if st.accepted.Policy == "" {
			return notFound("No resource policy found for resource ARN %s", in.ResourceARN)
		}
		st.accepted.Policy = ""
		return nil
	})
}

// getPolicy answers an empty policy where there is none, as the service does.
func (s *Server) getPolicy(in *struct{ resourceRef }) (any, *apiError) {
	st, apiErr := s.ready(streamRef{StreamARN: in.ResourceARN})
	if apiErr != nil {
		return nil, apiErr
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	if st.accepted.Policy == "" {
		return struct{ Policy string }{"{}"}, nil
	}
	return struct{ Policy string }{st.accepted.Policy}, nil
}

// commitment is the account's one setting, which nothing here depends on.
type commitment struct {
	Status string `check:"required enum=ENABLED|DISABLED"`
}

type accountSettings struct {
	MinimumThroughputBillingCommitment commitment `check:"required"`
}

func (s *Server) describeAccount(*struct{}) (any, *apiError) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.account, nil
}

func (s *Server) updateAccount(in *accountSettings) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account = *in
	return s.account, nil
}

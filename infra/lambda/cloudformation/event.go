// Package cloudformation speaks CloudFormation's protocol of custom resources:
// a request comes as an event, and exactly one answer goes to the event's
// presigned address, whatever happens. Without an answer a stack hangs until
// its resource's timeout, so one is sent in time before the function's own end
// and after a panic.
//
// Source: CloudFormation user guide, "Custom resource request types" and
// "Custom resource response objects". The package keeps nothing.
package cloudformation

import "encoding/json"

// What a stack asks for.
const (
	Create = "Create"
	Update = "Update"
	Delete = "Delete"
)

// Event is a request.
type Event struct {
	RequestType        string
	ResponseURL        string // secret: who has it can answer
	StackID            string `json:"StackId"`
	RequestID          string `json:"RequestId"`
	ResourceType       string
	LogicalResourceID  string          `json:"LogicalResourceId"`
	PhysicalResourceID string          `json:"PhysicalResourceId"` // not at Create
	Properties         json.RawMessage `json:"ResourceProperties"`
	// OldProperties are those that an Update replaces.
	OldProperties json.RawMessage `json:"OldResourceProperties"`
}

// Result is what a request came to.
type Result struct {
	// PhysicalID names what is there now. Another one than before makes
	// CloudFormation delete the old one at the end of the stack's update. It is
	// needed in a failure too: CloudFormation deletes by it what was begun.
	PhysicalID string
	// Data are the attributes that templates read by Fn::GetAtt.
	Data map[string]string
}

// The outcomes of an answer.
const (
	Success = "SUCCESS"
	Failed  = "FAILED"
)

// Answer is the body sent to the presigned address, 4,096 bytes at most.
type Answer struct {
	Status             string
	Reason             string            `json:",omitempty"`
	PhysicalResourceID string            `json:"PhysicalResourceId"`
	StackID            string            `json:"StackId"`
	RequestID          string            `json:"RequestId"`
	LogicalResourceID  string            `json:"LogicalResourceId"`
	Data               map[string]string `json:",omitempty"`
}

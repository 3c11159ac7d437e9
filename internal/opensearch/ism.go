package opensearch

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/opensearch-project/opensearch-go/v4/plugins/ism"
)

// Retention deletes whole indexes by their age: a policy of Index State Management
// (ISM), which AWS's domains and OpenSearch's distribution have, serverless
// collections and the minimal distribution not.
type Retention struct {
	Policy   string // its name
	Indexes  string // the pattern of the indexes that it is for
	Priority int    // among other policies whose patterns match
	Days     int    // from an index's creation to its deletion
}

// PutRetention puts the policy where there is none, changes one that says something
// else, and makes it that of the indexes that are there already: by itself a policy
// takes only those that are created later. It may be repeated.
func (c *Client) PutRetention(ctx context.Context, r Retention) error {
	there, err := c.policy(ctx, r.Policy)
	if err == nil && !r.isIn(there) {
		err = c.putPolicy(ctx, r, there)
	}
	if err == nil {
		err = c.attach(ctx, "add", r, &ism.AddReq{Indices: []string{r.Indexes}, Body: ism.AddBody{PolicyID: r.Policy}})
	}
	if err == nil {
		err = c.attach(ctx, "change", r, &ism.ChangeReq{Indices: []string{r.Indexes}, Body: ism.ChangeBody{PolicyID: r.Policy, State: stateKept}})
	}
	return err
}

// putPolicy puts the policy in the place of the one that is there, if any.
func (c *Client) putPolicy(ctx context.Context, r Retention, there ism.PoliciesGetResp) error {
	put := ism.PoliciesPutReq{Policy: r.Policy, Body: r.body(), Params: ism.PoliciesPutParams{IfSeqNo: there.SeqNo, IfPrimaryTerm: there.PrimaryTerm}}
	_, err := c.call(ctx, &request{op: "put policy " + r.Policy, method: http.MethodPut, of: bodiless(put)})
	if Status(err) == http.StatusConflict {
		// Perhaps another caller, or an attempt of ours whose answer was lost, was first.
		if now, lookErr := c.policy(ctx, r.Policy); lookErr == nil && r.isIn(now) {
			return nil
		}
	}
	return err
}

// policy reads the one that is there; without a Policy there is none.
func (c *Client) policy(ctx context.Context, name string) (there ism.PoliciesGetResp, err error) {
	err = c.ask(ctx, &request{op: "read policy " + name, method: http.MethodGet, of: bodiless(ism.PoliciesGetReq{Policy: name})}, &there)
	if NotFound(err) {
		return ism.PoliciesGetResp{}, nil
	}
	return there, err
}

// attach makes the policy that of indexes: "add" of those without one, "change" of
// the others. The answer names those that stay as they are, which is no failure.
func (c *Client) attach(ctx context.Context, how string, r Retention, of stock) error {
	if _, err := c.call(ctx, &request{op: how + " the policy of " + r.Indexes, method: http.MethodPost, of: bodiless(of)}); !NotFound(err) {
		return err
	}
	return nil // there is no index yet
}

// The states of an index under the policy.
const stateKept, stateDeleted = "kept", "deleted"

func (r Retention) age() string { return fmt.Sprintf("%dd", r.Days) }

func (r Retention) body() ism.PoliciesPutBody {
	toDeleted := []ism.PolicyStateTransition{{StateName: stateDeleted, Conditions: &ism.PolicyStateTransitionCondition{MinIndexAge: r.age()}}}
	return ism.PoliciesPutBody{Policy: ism.PolicyBody{
		Description:  fmt.Sprintf("deletes an index %d days after it was created", r.Days),
		DefaultState: stateKept,
		States: []ism.PolicyState{
			{Name: stateKept, Actions: []ism.PolicyStateAction{}, Transitions: &toDeleted},
			{Name: stateDeleted, Actions: []ism.PolicyStateAction{{Delete: &ism.PolicyStateDelete{}}}, Transitions: &[]ism.PolicyStateTransition{}},
		},
		Template: []ism.Template{{IndexPatterns: []string{r.Indexes}, Priority: r.Priority}},
	}}
}

// isIn tells whether a policy that is there says the same. The server adds to it, so
// that it is not equal to what was put.
func (r Retention) isIn(there ism.PoliciesGetResp) bool {
	p := there.Policy
	if p == nil || p.DefaultState != stateKept || len(p.States) != 2 || len(p.Template) != 1 {
		return false
	}
	to := p.States[0].Transitions
	return slices.Equal(p.Template[0].IndexPatterns, []string{r.Indexes}) && p.Template[0].Priority == r.Priority &&
		to != nil && len(*to) == 1 && (*to)[0].Conditions != nil && (*to)[0].Conditions.MinIndexAge == r.age()
}

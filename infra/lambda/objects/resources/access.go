package resources

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"taxistream/internal/opensearch"
)

// access is a role of the domain, and its mapping to a role of IAM.
type access struct {
	common
	Role   string // ARN, of a user too
	Access string // writer, reader or operator
}

var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:(role|user)/(?:.*/)?([\w+=,.@-]+)$`)

// accessID begins the id of an access, which is the name of the domain's role.
const accessID = "taxi-trips-"

// id is a name in the domain for this role of IAM, this access and this prefix.
func (a *access) id() string {
	parts := []string{a.Access}
	if m := roleARN.FindStringSubmatch(a.Role); m != nil {
		parts = append(parts, m[2])
	}
	if a.Prefix != "" {
		parts = append(parts, a.Prefix)
	}
	return accessID + strings.Join(parts, "-")
}

func (a *access) check() error {
	if !roleARN.MatchString(a.Role) {
		return fmt.Errorf("the property Role is %q: give the ARN of an IAM role", a.Role)
	}
	if permissions(a.Access, a.Prefix) == nil {
		return fmt.Errorf("the property Access is %q: choose writer, reader or operator", a.Access)
	}
	return nil
}

const (
	rolesPath    = "/_plugins/_security/api/roles/"
	mappingsPath = "/_plugins/_security/api/rolesmapping/"
)

// put makes the role before the mapping, which needs it, and reads the mapping
// back as the domain will follow it.
func (a *access) put(ctx context.Context, c *clients) (map[string]string, error) {
	name := a.id()
	if err := send(ctx, c.search, "put role "+name, http.MethodPut, rolesPath+url.PathEscape(name), nil, permissions(a.Access, a.Prefix)); err != nil {
		return nil, err
	}
	if err := send(ctx, c.search, "map role "+name, http.MethodPut, mappingsPath+url.PathEscape(name), nil, a.mapping()); err != nil {
		return nil, err
	}
	return nil, a.verify(ctx, c, name)
}

// mapping is who has a role of the domain. The domain knows who signed a request as a
// user by the ARN, and a role of IAM as one of that user's backend roles.
type mapping struct {
	BackendRoles []string `json:"backend_roles"`
	Users        []string `json:"users"`
	Description  string   `json:"description"`
}

func (a *access) mapping() mapping {
	m := mapping{BackendRoles: []string{}, Users: []string{}, Description: "by the deployment of taxi trips"}
	if roleARN.FindStringSubmatch(a.Role)[1] == "user" {
		m.Users = append(m.Users, a.Role)
	} else {
		m.BackendRoles = append(m.BackendRoles, a.Role)
	}
	return m
}

func (a *access) verify(ctx context.Context, c *clients, name string) error {
	op := "read the mapping of role " + name + " back"
	text, err := c.search.Do(ctx, op, http.MethodGet, mappingsPath+url.PathEscape(name), nil, nil)
	if err != nil {
		return err
	}
	var there map[string]mapping
	if err := json.Unmarshal(text, &there); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if got := slices.Concat(there[name].BackendRoles, there[name].Users); !slices.Equal(got, []string{a.Role}) {
		return fmt.Errorf("%s: it names %q and not %s: look for another writer of the domain's roles", op, got, a.Role)
	}
	return nil
}

// remove takes the mapping away before the role, so that no mapping names a role that is not there.
func (a *access) remove(ctx context.Context, c *clients, id string) error {
	if !strings.HasPrefix(id, accessID) {
		return nil
	}
	for _, path := range []string{mappingsPath, rolesPath} {
		_, err := c.search.Do(ctx, "delete "+id, http.MethodDelete, path+url.PathEscape(id), nil, nil)
		if err != nil && !opensearch.NotFound(err) {
			return err
		}
	}
	return nil
}

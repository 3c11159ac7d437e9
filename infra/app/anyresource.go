package app

// anyResource lists the actions that policies allow on every resource, and why
// nothing finer is possible. A test holds it against the templates both ways.
var anyResource = map[string]string{
	"ecr:GetAuthorizationToken": "the token is the account's: the action knows no resource",
}

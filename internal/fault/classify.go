package fault

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Classify tells the class of an error that is not nil.
func Classify(err error) Class {
	if r := find(err); r != nil {
		return r.class
	}
	return Final
}

// Advice is what to do about an error; empty where nothing is known.
func Advice(err error) string {
	if r := find(err); r != nil {
		return r.advice
	}
	return ""
}

// Explain puts an error into words that are fit for a line of a program: Plain,
// and what to do.
func Explain(err error) error {
	advice := Advice(err)
	if err = Plain(err); advice != "" {
		return fmt.Errorf("%w: %s", err, advice)
	}
	return err
}

// Plain takes off an error what only its makers want: the address that was asked
// for, which may hold a secret, and the SDK's account of its attempts. What
// errors.Is and errors.As find stays.
func Plain(err error) error {
	var (
		call   operation
		failed *url.Error
	)
	switch {
	case errors.As(err, &call):
		return &plain{strings.ReplaceAll(err.Error(), call.Error(), call.Service()+" "+call.Operation()+": "+Cause(call)), err}
	case errors.As(err, &failed):
		return &plain{strings.ReplaceAll(err.Error(), failed.Error(), Cause(failed)), err}
	}
	return err
}

// operation is what the SDK's error of a call has.
type operation interface {
	error
	Service() string
	Operation() string
}

type plain struct {
	text string
	err  error
}

func (p *plain) Error() string { return p.text }
func (p *plain) Unwrap() error { return p.err }

// Cause is the innermost part of an error that says what went wrong.
func Cause(err error) string {
	var (
		credentials *CredentialsError
		coded       interface{ ErrorCode() string }
		failed      *url.Error
	)
	f := factsOf(err)
	switch {
	case errors.As(err, &credentials):
		return credentials.Words
	case errors.As(err, &coded):
		return strings.TrimRight(f.code+": "+f.message, ": ")
	case !errors.As(err, &failed):
		if inner := errors.Unwrap(err); inner != nil {
			return inner.Error()
		}
		return err.Error()
	case errors.Is(failed.Err, io.EOF):
		return "the connection was closed"
	}
	return failed.Err.Error()
}

// find gives the row of an error, nil if there is none.
func find(err error) *row {
	f := factsOf(err)
	for i := range table {
		if table[i].holds(&f) {
			return &table[i]
		}
	}
	return nil
}

func factsOf(err error) facts {
	f := facts{err: err}
	var (
		answer  interface{ HTTPStatusCode() int }
		coded   interface{ ErrorCode() string }
		message interface{ ErrorMessage() string }
	)
	if errors.As(err, &answer) {
		f.status = answer.HTTPStatusCode()
	}
	if errors.As(err, &coded) {
		f.code = coded.ErrorCode()
	}
	if errors.As(err, &message) {
		f.message = message.ErrorMessage()
	}
	return f
}

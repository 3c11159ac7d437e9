package door

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Keys gives the public key of a name.
type Keys func(ctx context.Context, name string) (*ecdsa.PublicKey, error)

// verify judges what the load balancer says of who has logged in, a JSON Web Token by
// ES256 whose parts are padded (Elastic Load Balancing guide, "Authenticate users using
// an Application Load Balancer", "User claims encoding and signature verification").
func (o *Options) verify(ctx context.Context, token string) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("the load balancer says nothing")
	}
	var head struct {
		Alg, Kid, Signer string
		Exp              int64
	}
	text, err := decode(parts[0])
	if err == nil {
		err = json.Unmarshal(text, &head)
	}
	if err != nil {
		return fmt.Errorf("the token's head: %w", err)
	}
	if head.Alg != "ES256" || head.Signer != o.Signer {
		return errors.New("the token is another load balancer's")
	}
	if o.Now().Unix() >= head.Exp {
		return errors.New("the token has run out: load the page again")
	}
	signature, err := decode(parts[2])
	if err != nil || len(signature) != 64 {
		return errors.New("the token has no signature")
	}
	key, err := o.Key(ctx, head.Kid)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return errors.New("the token's signature is wrong")
	}
	return nil
}

func decode(part string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
}

var keyNames = regexp.MustCompile(`^[0-9a-fA-F-]{1,64}$`)

// mostKeys bounds what is remembered; a load balancer changes its key now and then.
const mostKeys = 16

// KeysOf asks a server of public keys, PEM by their names, and remembers them.
func KeysOf(server string, client *http.Client) Keys {
	var mu sync.Mutex // guards known
	known := map[string]*ecdsa.PublicKey{}
	return func(ctx context.Context, name string) (*ecdsa.PublicKey, error) {
		if !keyNames.MatchString(name) {
			return nil, errors.New("the token names no key")
		}
		mu.Lock()
		key := known[name]
		mu.Unlock()
		if key != nil {
			return key, nil
		}
		key, err := fetch(ctx, client, server+"/"+name)
		if err != nil {
			return nil, fmt.Errorf("the load balancer's key: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		if len(known) >= mostKeys {
			clear(known)
		}
		known[name] = key
		return key, nil
	}
}

func fetch(ctx context.Context, client *http.Client, address string) (*ecdsa.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 16<<10))
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if answer.StatusCode != http.StatusOK || block == nil {
		return nil, fmt.Errorf("status %d, and no key", answer.StatusCode)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, errors.New("not one of ES256")
	}
	return key, nil
}

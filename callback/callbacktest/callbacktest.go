// Package callbacktest has what a test of a callback handler needs: a signed, well-formed request
// for each command, and a Vendor that sends it and reads the answer as Tencent Cloud Chat does.
package callbacktest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/internal/protocol"
)

// The app and the token of the requests.
const (
	App   = "1400000000"
	Token = "callbacktest"
)

// Config is the configuration of a Receiver that lets the requests in.
func Config() callback.Config {
	return callback.Config{Apps: []string{App}, Tokens: []string{Token}}
}

// Body is a well-formed body of a command. It panics for a command that package callback does not
// know.
func Body(command string) string {
	body, known := bodies[command]
	if !known {
		panic("callbacktest: no body is known for " + strconv.Quote(command))
	}
	return body
}

// NewRequest is a request as a server gets it, signed now. An empty body stands for Body(command).
func NewRequest(command, body string) *http.Request {
	if body == "" {
		body = Body(command)
	}
	r := httptest.NewRequest(http.MethodPost, target("/callback", App, Token, command), strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// target is the path and query of a callback.
func target(path, app, token, command string) string {
	requestTime := strconv.FormatInt(time.Now().Unix(), 10)
	target := path + "?SdkAppid=" + app + "&CallbackCommand=" + url.QueryEscape(command) + "&contenttype=json&ClientIP=203.0.113.7&OptPlatform=RESTAPI"
	if token == "" {
		return target
	}
	return target + "&Sign=" + protocol.Sign(token, requestTime) + "&RequestTime=" + requestTime
}

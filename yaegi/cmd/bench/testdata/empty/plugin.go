// Package empty is a plugin that does nothing, or nothing but refuse: what it costs, every
// interpreted plugin costs.
package empty

import (
	"context"
	"io"
	"net/http"
)

// Config is the plugin's configuration.
type Config struct{ Refuse bool }

// CreateConfig returns the defaults.
func CreateConfig() *Config { return &Config{} }

// New makes the middleware.
func New(_ context.Context, next http.Handler, config *Config, _ string) (http.Handler, error) {
	if config.Refuse {
		return http.HandlerFunc(refuse), nil
	}
	return &handler{next}, nil
}

type handler struct{ next http.Handler }

// ServeHTTP forwards a request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.next.ServeHTTP(w, r) }

func refuse(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, `{"ActionStatus":"FAIL","ErrorCode":40302,"ErrorInfo":"this app is not let in"}`)
}

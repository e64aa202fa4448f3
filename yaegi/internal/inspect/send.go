package inspect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/chatgate/chatgate/yaegi/internal/sample"
)

// patience is how long Tencent Cloud Chat waits for an answer.
const patience = 2 * time.Second

// An order to send a callback.
type order struct {
	From int64   `json:"from"` // the exchange whose method, headers and body are sent; 0 for none
	URL  string  `json:"url"`  // whole, without a signature
	Body *string `json:"body"` // null: that of the exchange, byte by byte
	Sign bool    `json:"sign"` // with the gate's token, if it has one
}

// A receipt is what came of an order.
type receipt struct {
	Status int    `json:"status"`
	Text   string `json:"text"` // of the status
	Body   string `json:"body"`
	Took   int64  `json:"took"` // microseconds
	Error  string `json:"error,omitempty"`
	Here   bool   `json:"here"` // it went to this gate, and so is in the list
}

var client = &http.Client{
	Timeout:       patience,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send carries out an order. Its error is a fault of the order.
func (s *Server) send(ctx context.Context, o order) (receipt, error) {
	target, err := url.Parse(o.URL)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Host == "" {
		return receipt{}, errors.New("URL: expected one such as " + s.gateURL + "/callback")
	}
	method, header, body := http.MethodPost, http.Header{"Content-Type": {"application/json"}}, []byte(nil)
	if o.From != 0 {
		x := s.observer.store.get(o.From)
		if x == nil {
			return receipt{}, errors.New("this callback was dropped meanwhile")
		}
		if x.Request.Size > int64(len(x.Request.Body)) && o.Body == nil {
			return receipt{}, errors.New("only the beginning of this body was kept")
		}
		method, header, body = x.Request.Method, sendable(x.Request.Header), x.Request.Body
	}
	if o.Body != nil {
		body = []byte(*o.Body)
	}
	text := o.URL
	if signature := s.observer.gate.Signature(time.Now()); o.Sign && signature != "" {
		text = sample.Append(text, signature)
	}
	request, err := http.NewRequestWithContext(ctx, method, text, bytes.NewReader(body))
	if err != nil {
		return receipt{}, errors.New("URL: expected one such as " + s.gateURL + "/callback")
	}
	request.Header = header
	return s.deliver(request), nil
}

func (s *Server) deliver(request *http.Request) receipt {
	start := time.Now()
	response, err := client.Do(request)
	r := receipt{Here: "http://"+request.URL.Host == s.gateURL}
	if err == nil {
		defer response.Body.Close()
		var body []byte
		body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		r.Status, r.Text, r.Body = response.StatusCode, http.StatusText(response.StatusCode), string(body)
	}
	var wrapped *url.Error // its text has the URL in it, and that the signature
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if err != nil {
		r.Error = err.Error()
	}
	r.Took = time.Since(start).Microseconds()
	return r
}

// decodeOrder reads an order, and nothing that is not one.
func decodeOrder(body io.Reader) (o order, err error) {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	return o, decoder.Decode(&o)
}

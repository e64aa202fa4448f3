package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/yaegi/internal/sample"
)

const sendHelp = `chatgate send [flags]

Sends callbacks as Tencent Cloud Chat does, to a gate or to a backend. It prints the answer to one, or a summary of the answers to
many. The exit code is 1 if any was not answered with status 200 and ActionStatus OK.

The token to sign with may also stand in the environment variable ` + sample.TokenVariable + `: unlike -token, that and -token-file keep it
out of the list of processes.

`

func send(ctx context.Context, arguments []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("send", flag.ContinueOnError)
	target := flags.String("url", "http://127.0.0.1:8080/callback", "`URL` to send to, as it would stand in the console")
	app := flags.String("app", "1400000000", "the `SdkAppid`")
	secret := flags.String("token", "", "authentication `token` to sign with (default: none, not signed)")
	secretFile := flags.String("token-file", "", "`file` whose first line is that token")
	command := flags.String("command", protocol.AfterCreateGroup, "the `CallbackCommand`")
	bodyFile := flags.String("body", "", "`file` to send, byte by byte (default: a well-formed body, each time with another EventTime)")
	count := flags.Int("n", 1, "how many to send")
	rate := flags.Float64("rate", 0, "how many to send in a second (default: as fast as they are answered)")
	concurrency := flags.Int("concurrency", 4, "how many may wait for an answer at a time")
	timeout := flags.Duration("timeout", 2*time.Second, "how long to wait for an answer; Tencent Cloud Chat waits 2s")
	if err := parseFlags(flags, arguments, sendHelp, stdout); err != nil {
		return err
	}
	if *count < 1 || *rate < 0 || *concurrency < 1 || *timeout <= 0 {
		return usageError{errors.New("-n, -concurrency and -timeout must be more than zero, -rate not less")}
	}
	s, err := newSender(*target, *app, *command, *bodyFile)
	if err != nil {
		return err
	}
	if s.token, err = readToken(*secret, *secretFile); err != nil {
		return err
	}
	s.client = newClient(*concurrency, *timeout)
	start := time.Now()
	results := s.sendAll(ctx, *count, *concurrency, *rate)
	return report(stdout, results, time.Since(start))
}

// A sender sends callbacks of one kind.
type sender struct {
	client *http.Client
	url    string // with all parameters but those of the signature
	token  string // empty: not signed
	body   []byte
	fixed  bool // the body is sent as it is
}

func newSender(target, app, command, bodyFile string) (*sender, error) {
	parsed, err := url.Parse(target)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" || parsed.Fragment != "" {
		return nil, usageError{errors.New("-url: expected a URL such as http://127.0.0.1:8080/callback")}
	}
	s := &sender{url: sample.URL(target, app, command), fixed: bodyFile != ""}
	if s.fixed {
		s.body, err = os.ReadFile(bodyFile)
	} else if s.body, err = sample.Body(command); err != nil {
		err = fmt.Errorf("%w; give one with -body", err)
	}
	return s, err
}

// readToken takes the token from where it is. No error shows it.
func readToken(value, file string) (string, error) {
	if value == "" && file == "" {
		return os.Getenv(sample.TokenVariable), nil
	}
	if file == "" {
		return value, nil
	}
	if value != "" {
		return "", usageError{errors.New("-token and -token-file exclude each other")}
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(string(content), "\n")
	if first = strings.TrimRight(first, "\r"); first == "" {
		return "", fmt.Errorf("%s: its first line is empty", file)
	}
	return first, nil
}

// newClient is a client that keeps its connections, as Tencent Cloud Chat does, and takes a
// redirection for the answer.
func newClient(connections int, timeout time.Duration) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = connections
	return &http.Client{
		Transport:     transport,
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// sendAll sends as many as there are, or until the context ends. A result that stays empty was not
// sent, or not waited for.
func (s *sender) sendAll(ctx context.Context, count, concurrency int, rate float64) []result {
	results := make([]result, count)
	start, numbers := time.Now(), turns(ctx, count, rate)
	var group sync.WaitGroup
	for range concurrency {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := range numbers {
				eventTime := start.Add(time.Duration(i) * time.Millisecond) // no two are the same event
				if r := s.send(ctx, eventTime); ctx.Err() == nil {
					results[i] = r
				}
			}
		}()
	}
	group.Wait()
	return results
}

// turns hands out the numbers below count, so many in a second where the rate is not 0, until the
// context ends.
func turns(ctx context.Context, count int, rate float64) <-chan int {
	numbers := make(chan int)
	go func() {
		defer close(numbers)
		start, due := time.Now(), time.Duration(0)
		for i := range count {
			if rate > 0 {
				due = time.Duration(float64(i) / rate * float64(time.Second))
			}
			select {
			case <-time.After(due - time.Since(start)):
			case <-ctx.Done():
				return
			}
			select {
			case numbers <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	return numbers
}

// send sends one callback.
func (s *sender) send(ctx context.Context, eventTime time.Time) result {
	start := time.Now()
	status, reply, err := s.post(ctx, eventTime)
	r := judge(status, reply, err)
	r.took = time.Since(start)
	return r
}

// maxReply is how many bytes of an answer are read. Those that Tencent Cloud Chat wants are short.
const maxReply = 1 << 16

func (s *sender) post(ctx context.Context, eventTime time.Time) (status int, reply []byte, err error) {
	target, body := s.url, s.body
	if s.token != "" {
		requestTime := strconv.FormatInt(time.Now().Unix(), 10)
		target += "&RequestTime=" + requestTime + "&Sign=" + protocol.Sign(s.token, requestTime)
	}
	if !s.fixed {
		body = sample.Stamp(body, eventTime)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	reply, err = io.ReadAll(io.LimitReader(response.Body, maxReply))
	return response.StatusCode, reply, err
}

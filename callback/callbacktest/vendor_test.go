package callbacktest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chatgate/chatgate/callback"
)

// The vendor takes no answer for one that is none.
func TestFailures(t *testing.T) {
	const before, after = callback.CommandGroupBeforeSendMsg, callback.CommandGroupAfterSendMsg
	for _, row := range []struct {
		name    string
		command string
		status  int
		body    string
		outcome Outcome
		fault   string
	}{
		{"OK", before, 200, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`, Accepted, ""},
		{"another status", before, 503, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`, Failed, "expected status 200, found 503"},
		{"no JSON", before, 200, "ok", Failed, "expected JSON"},
		{"nothing", before, 200, "", Failed, "expected JSON"},
		{"a member is missing", before, 200, `{"ActionStatus":"OK","ErrorCode":0}`, Failed, "expected ActionStatus, ErrorCode and ErrorInfo"},
		{"FAIL", before, 200, `{"ActionStatus":"FAIL","ErrorCode":0,"ErrorInfo":""}`, Failed, `found "FAIL"`},
		{"a code without a meaning", before, 200, `{"ActionStatus":"OK","ErrorCode":7,"ErrorInfo":""}`, Failed, "ErrorCode 7 has no meaning"},
		{"a code after the event", after, 200, `{"ActionStatus":"OK","ErrorCode":7,"ErrorInfo":""}`, Accepted, ""},
	} {
		vendor := NewVendor(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(row.status)
			_, _ = io.WriteString(w, row.body)
		}))
		answer := vendor.Send(row.command, "")
		assert.Equal(t, row.outcome, answer.Outcome, row.name)
		assert.True(t, strings.Contains(answer.Fault, row.fault), row.name+": "+answer.Fault)
		vendor.Close()
	}
}

func TestDeadline(t *testing.T) {
	vendor := NewVendor(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer vendor.Close()
	start := time.Now()
	answer := vendor.Send(callback.CommandGroupBeforeSendMsg, "")
	assert.Equal(t, Failed, answer.Outcome)
	assert.Zero(t, answer.Status)
	assert.GreaterOrEqual(t, time.Since(start), callback.Deadline)
	vendor.Close()
	assert.NotEmpty(t, vendor.Send(callback.CommandGroupBeforeSendMsg, "").Fault, "a server that has ended")
}

func TestBodyOfNoCommand(t *testing.T) {
	assert.Panics(t, func() { Body("Group.CallbackOfTomorrow") })
}

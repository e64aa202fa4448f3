package capture

import (
	"encoding/base64"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// one reads a capture of one request.
func one(t *testing.T, content string) Request {
	t.Helper()
	requests, err := Read([]byte(content))
	require.NoError(t, err)
	require.Len(t, requests, 1)
	return requests[0]
}

func TestRaw(t *testing.T) {
	c := one(t, "POST /callback?a=b HTTP/1.1\r\nHost: chat.example\r\nDate: Sat, 11 Feb 2023 04:55:53 GMT\r\nX-Chat-Group-Id: forged\r\nContent-Length: 2\r\n\r\n{}\r\n")
	assert.Equal(t, []string{"POST", "/callback?a=b", "{}", "forged", ""}, []string{c.Method, c.Target, string(c.Body), c.Header.Get("X-Chat-Group-Id"), c.Partial})
	assert.Equal(t, int64(1676091353), c.Time.Unix())
	assert.Equal(t, int64(2), c.Size)

	c = one(t, "POST / HTTP/1.1\nHost: a\n\n{\"a\":\n1}\n")
	assert.Equal(t, "{\"a\":\n1}\n", string(c.Body), "without a length, all that follows")
	assert.True(t, c.Time.IsZero())

	c = one(t, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
	assert.Equal(t, "{}", string(c.Body))

	c = one(t, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{}")
	assert.Equal(t, "{}", string(c.Body))
	assert.Equal(t, int64(10), c.Size, "it broke off")
}

func TestHAR(t *testing.T) {
	requests, err := Read([]byte(`{"log":{"version":"1.2","entries":[
		{"startedDateTime":"2023-02-11T04:55:53Z","request":{"method":"POST","url":"https://chat.example/callback?a=b",
		 "headers":[{"name":":method","value":"POST"},{"name":"x-a","value":"1"}],"postData":{"mimeType":"application/json","text":"{}"}},"response":{"status":403}},
		{"request":{"method":"POST","url":"/","headers":[],"postData":{"text":"` + base64.StdEncoding.EncodeToString([]byte("\xff")) + `","encoding":"base64"}}},
		{"request":{"method":"GET","url":"/","headers":[]}}]}}`))
	require.NoError(t, err)
	require.Len(t, requests, 3)
	c := requests[0]
	assert.Equal(t, []string{"entry 1", "POST", "{}", "1"}, []string{c.Name, c.Method, string(c.Body), c.Header.Get("X-A")})
	assert.Equal(t, int64(1676091353), c.Time.Unix())
	assert.Equal(t, 403, c.Status)
	r, err := c.HTTP()
	require.NoError(t, err)
	assert.Equal(t, "/callback", r.URL.Path)
	assert.Equal(t, "\xff", string(requests[1].Body))
	assert.Empty(t, requests[2].Body)
}

func TestAccessLog(t *testing.T) {
	requests, err := Read([]byte(`{"RequestMethod":"POST","RequestPath":"/callback?a=b","RequestContentSize":321,"StartUTC":"2023-02-11T04:55:53.5Z","time":"2023-02-11T05:00:00Z","DownstreamStatus":403,"request_X-Chat-Group-Id":"g"}

{"RequestMethod":"POST","RequestPath":"/callback","time":"2023-02-11T04:55:53Z"}
`))
	require.NoError(t, err)
	require.Len(t, requests, 2)
	assert.Equal(t, "body", requests[0].Partial)
	assert.Equal(t, int64(321), requests[0].Size)
	assert.Equal(t, 403, requests[0].Status)
	assert.Equal(t, "g", requests[0].Header.Get("X-Chat-Group-Id"))
	assert.Equal(t, time.Date(2023, 2, 11, 4, 55, 53, 5e8, time.UTC), requests[0].Time)
	assert.Equal(t, []string{"line 3", "query and body"}, []string{requests[1].Name, requests[1].Partial})
	assert.Equal(t, int64(1676091353), requests[1].Time.Unix())
}

func TestWhatIsNoCapture(t *testing.T) {
	for _, content := range []string{"", "hello", "{", "{}", `{"log":{"entries":[]}}`, `{"RequestMethod":"POST"}`, `{"log":{"entries":[{"request":{"postData":{"text":"?","encoding":"base64"}}}]}}`} {
		_, err := Read([]byte(content))
		assert.Error(t, err, content)
	}
	_, err := (&Request{Target: "http://[bad"}).HTTP()
	assert.Error(t, err)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\n\r\n"))
	f.Add([]byte(`{"log":{"entries":[{}]}}`))
	f.Add([]byte(`{"RequestMethod":"POST","RequestPath":"/"}`))
	f.Fuzz(func(_ *testing.T, content []byte) {
		requests, _ := Read(content)
		for _, c := range requests {
			if r, err := c.HTTP(); err == nil && r.Body != nil {
				_, _ = io.Copy(io.Discard, r.Body)
			}
		}
	})
}

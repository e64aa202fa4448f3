package chatgate

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSmoke(t *testing.T) {
	config := CreateConfig()
	config.SdkAppID = []string{"1400000000"}
	var got *http.Request
	var body string
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		b, _ := io.ReadAll(r.Body)
		body = string(b)
	})
	h, err := New(context.Background(), next, config, "gate")
	require.NoError(t, err)
	sent := `{"CallbackCommand":"Group.CallbackAfterCreateGroup","EventTime":1670574414123,"GroupId":"@TGS#1","MemberList":[{"Member_Account":"a"},{"Member_Account":"b"}],"Name":"x","Operator_Account":"群","Owner_Account":"o","Type":"Public"}`
	r := httptest.NewRequest("POST", "/cb?SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateGroup&contenttype=json", strings.NewReader(sent))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	assert.Equal(t, "", w.Body.String())
	require.NotNil(t, got)
	assert.Equal(t, sent, body)
	assert.Equal(t, "@TGS#1", got.Header.Get("X-Chat-Group-Id"))
	assert.Equal(t, "%E7%BE%A4", got.Header.Get("X-Chat-Operator"))
}

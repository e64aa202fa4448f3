package callback_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/callback/callbacktest"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
)

// The struct of a command holds all that its sample has, but for what nobody documents.
func TestTypedHoldsTheBody(t *testing.T) {
	receiver := newReceiver(t, callbacktest.Config())
	assert.Equal(t, protocol.Commands(), callback.Commands(), "run make docs")
	for _, command := range callback.Commands() {
		event, err := receiver.Parse(callbacktest.NewRequest(command, ""))
		require.NoError(t, err, command)
		assert.Equal(t, samples.Body(command), string(event.Body), command)
		value := event.Typed()
		require.Equal(t, reflect.Pointer, reflect.TypeOf(value).Kind(), command)
		encoded, err := json.Marshal(value)
		require.NoError(t, err, command)
		var expected, found map[string]any
		require.NoError(t, json.Unmarshal(event.Body, &expected))
		require.NoError(t, json.Unmarshal(encoded, &found))
		structType := reflect.TypeOf(value).Elem()
		for i := 0; i < structType.NumField(); i++ {
			name, _, _ := strings.Cut(structType.Field(i).Tag.Get("json"), ",")
			if expected[name] != nil {
				assertHolds(t, expected[name], found[name], command+": "+name)
			}
		}
		bare := &callback.Event{Command: event.Command, Body: event.Body}
		assert.Equal(t, value, bare.Typed(), command)
	}
}

// assertHolds tells whether a value is there, whichever of a string and a number it is.
func assertHolds(t *testing.T, expected, found any, name string) {
	switch e := expected.(type) {
	case []any:
		f, _ := found.([]any)
		require.Len(t, f, len(e), name)
		for i := range e {
			if object, ok := f[i].(map[string]any); ok {
				assert.NotEmpty(t, object, name)
				continue
			}
			assertHolds(t, e[i], f[i], name)
		}
	case map[string]any:
		assert.NotEmpty(t, found, name)
	case float64:
		if text, ok := found.(string); ok {
			assert.NotEmpty(t, text, name)
		} else if e != 0 {
			assert.Equal(t, expected, found, name)
		}
	case string:
		if e != "" {
			assert.Equal(t, expected, found, name)
		}
	}
}

func TestNumbersDecodeEitherWay(t *testing.T) {
	var m struct {
		Time  callback.Milliseconds
		Code  callback.Scalar
		Other callback.Scalar
	}
	for _, text := range []string{
		`{"Time":1670574414123,"Code":20006,"Other":"set"}`,
		`{"Time":"1670574414123","Code":"20006","Other":"set"}`,
	} {
		m.Time = 0
		require.NoError(t, json.Unmarshal([]byte(text), &m))
		assert.Equal(t, time.UnixMilli(1670574414123), m.Time.Time())
		code, err := m.Code.Int64()
		require.NoError(t, err)
		assert.Equal(t, int64(20006), code)
		assert.Equal(t, callback.Scalar("set"), m.Other)
	}
	for _, text := range []string{`{"Time":true}`, `{"Time":"x"}`, `{"Code":{}}`, `{"Code":[1]}`, `{"Time":1.5}`} {
		assert.Error(t, json.Unmarshal([]byte(text), &m), text)
	}
	assert.True(t, callback.Milliseconds(0).Time().IsZero())
}

// The readme shows the example's code.
func TestReadmeShowsTheBackend(t *testing.T) {
	readme, err := os.ReadFile("../readme.md")
	require.NoError(t, err)
	for file, from := range map[string]string{"main.go": "func moderate", "main_test.go": "func TestModerate"} {
		source, err := os.ReadFile("../examples/backend/" + file)
		require.NoError(t, err)
		_, code, found := strings.Cut(string(source), from)
		require.True(t, found, file)
		assert.Contains(t, string(readme), from+code, file)
	}
}

func TestHas(t *testing.T) {
	receiver := newReceiver(t, callbacktest.Config())
	body := samples.With(callback.CommandGroupAfterGroupInfoChanged, "Name", `""`, "Notification", "null", "Introduction", "")
	event, err := receiver.Parse(callbacktest.NewRequest(callback.CommandGroupAfterGroupInfoChanged, body))
	require.NoError(t, err)
	assert.True(t, event.Has("Name"))
	assert.False(t, event.Has("Notification"))
	assert.False(t, event.Has("Introduction"))
	var other struct{ GroupId string }
	require.NoError(t, event.Decode(&other))
	assert.Equal(t, event.GroupID, other.GroupId)
}

func TestMessageText(t *testing.T) {
	message := callback.Message{
		callback.TextElement("a \"b\""),
		{MsgType: "TIMFaceElem", MsgContent: json.RawMessage(`{"Text":"no"}`)},
		callback.TextElement("c"),
	}
	assert.Equal(t, "a \"b\"\nc", message.Text())
}

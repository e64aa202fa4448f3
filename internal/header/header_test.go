package header

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allowed is what may stand in an encoded value: printable ASCII without the space and the plus
// sign. A percent sign only begins an escape.
const allowed = "!\"#$%&'()*,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// encoded is what Encode promises, byte by byte.
func encoded(value string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(value) {
		if c > ' ' && c < 0x7f && c != '%' && c != '+' {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + hex[c>>4:c>>4+1] + hex[c&15:c&15+1])
		}
	}
	return b.String()
}

// assertEncoded holds Encode against all that it promises of a value.
func assertEncoded(t *testing.T, value, name string) {
	t.Helper()
	found := Encode(value)
	assert.Equal(t, encoded(value), found, name)
	assert.Equal(t, "", strings.Trim(found, allowed), name+": printable ASCII")
	decoded, err := url.PathUnescape(found)
	require.NoError(t, err, name)
	assert.Equal(t, value, decoded, name+": decoded again")
}

func TestEncode(t *testing.T) {
	for value, expected := range map[string]string{
		"":                      "",
		"plain":                 "plain",
		"@TGS#_@TGS#cP4N@TOPIC": "@TGS#_@TGS#cP4N@TOPIC",
		"climb, spring 2026":    "climb,%20spring%202026",
		"100%":                  "100%25",
		"%41":                   "%2541",
		"%2541":                 "%252541",
		"a+b":                   "a%2Bb",
		"a\r\nSet-Cookie: b=c":  "a%0D%0ASet-Cookie:%20b=c",
		"\x00\x7f\t":            "%00%7F%09",
		"群":                     "%E7%BE%A4",
		"🏔":                     "%F0%9F%8F%94",
		"\xff":                  "%FF",
		" ":                     "%20",
		`"\`:                    `"\`,
		allowed:                 strings.Replace(allowed, "%", "%25", 1),
	} {
		assert.Equal(t, expected, Encode(value), value)
		assertEncoded(t, value, value)
	}
}

// Plain is exactly what Encode leaves as it is.
func TestPlain(t *testing.T) {
	assert.Equal(t, strings.Replace(allowed, "%", "", 1), Plain)
}

func TestEncodeEveryByte(t *testing.T) {
	var all []byte
	for c := 0; c < 256; c++ {
		assertEncoded(t, string([]byte{byte(c)}), encoded(string([]byte{byte(c)})))
		assertEncoded(t, string([]byte{'a', byte(c), 'z', byte(c), '%'}), "inside, "+encoded(string([]byte{byte(c)})))
		all = append(all, byte(c))
	}
	assertEncoded(t, string(all), "all at once")
}

// Whole rows of the Basic Multilingual Plane, and some planes above it.
func TestEncodeUnicode(t *testing.T) {
	for row := 0; row < 0x110000; row += 0x100 {
		if row >= 0x11000 && row%0x10000 != 0xff00 {
			continue
		}
		var runes []rune
		for i := 0; i < 0x100; i++ {
			runes = append(runes, rune(row+i))
		}
		assertEncoded(t, string(runes), encoded(string(runes[:1])))
	}
}

// A header of this value arrives as it was sent: Go's transport takes it, and its server gives the
// same back.
func TestEncodedValueIsAHeader(t *testing.T) {
	everyByte := make([]byte, 256)
	for i := range everyByte {
		everyByte[i] = byte(i)
	}
	var wire strings.Builder
	header := http.Header{"X-Chat-Name": {Encode(string(everyByte))}}
	require.NoError(t, header.Write(&wire))
	assert.Equal(t, "X-Chat-Name: "+encoded(string(everyByte))+"\r\n", wire.String())
}

// separators of a header's name are all that RFC 9110 allows in one, besides letters and digits.
const tokenSeparators = "!#$%&'*+-.^_`|~"

func TestFoldTakesAliasesForOne(t *testing.T) {
	folded := Fold("X-Chat-Group-Id")
	for _, alias := range []string{"X-Chat-Group-Id", "x-chat-group-id", "X-CHAT-GROUP-ID", "X_Chat_Group_Id", "X.Chat.Group.Id", "x_chat-group.ID"} {
		assert.Equal(t, folded, Fold(alias), alias)
	}
	for _, first := range strings.Split(tokenSeparators, "") {
		for _, second := range strings.Split(tokenSeparators, "") {
			alias := "X" + first + "chat" + second + "GROUP" + first + "Id"
			assert.Equal(t, folded, Fold(alias), alias)
		}
	}
}

func TestFoldKeepsOthersApart(t *testing.T) {
	folded := Fold("X-Chat-Group-Id")
	for _, other := range []string{
		"", "X-Chat-Group", "X-Chat-Group-Id-", "X-Chat-Group-Id2", "X-Chat-GroupId", "X--Chat-Group-Id", "-X-Chat-Group-Id", "XChatGroupId", "Y-Chat-Group-Id", "X-Chat-Group-1d", "X-Chat-Owner-Id",
	} {
		assert.NotEqual(t, folded, Fold(other), other)
	}
}

// An alias is as long as what it stands for, whoever strips may rely on that.
func TestFoldKeepsTheLength(t *testing.T) {
	for _, name := range []string{"", "X", "X-Chat-Group-Id", "x_" + tokenSeparators, strings.Repeat("-", 100)} {
		assert.Len(t, Fold(name), len(name), name)
	}
}

func TestIsName(t *testing.T) {
	for _, name := range []string{"X", "x-chat", "X-Chat-Group-Id", "Group2", "2"} {
		assert.True(t, IsName(name), name)
	}
	for _, name := range []string{"", " ", "X Chat", "X-Chat ", "X_Chat", "X.Chat", "X:Chat", "X-Chat\r\n", "X-Chât", "X-群", "X-Chat\x00"} {
		assert.False(t, IsName(name), name)
	}
}

func TestCanonical(t *testing.T) {
	for _, name := range []string{"x-chat-group-id", "X-CHAT-GROUP-ID", "X-Chat-Group-Id"} {
		assert.Equal(t, "X-Chat-Group-Id", Canonical(name), name)
	}
}

// Strip takes away the gate's headers and their aliases, and nothing else, whatever else there is.
func TestStrip(t *testing.T) {
	guard := NewGuard([]string{"X-Chat-Group-Id", "X-Request-Id", "Te"})
	others := http.Header{
		"Accept": {"*/*"}, "Content-Type": {"application/json"}, "X-Forwarded-For": {"192.0.2.1"}, "X-Trace-Id": {"7"}, "X-Chat-Group-Ids": {"mine"}, "X-Chat-Group": {"mine"}, "Unheard-Of": {"1"},
	}
	for _, alias := range []string{"X-Chat-Group-Id", "x-chat-group-id", "X_Chat_Group_Id", "X.Chat.Group.Id", "X-CHAT-GROUP_ID", "X-Request-Id", "X_Request_Id", "X-Request~id", "Te", "TE"} {
		for name := range others {
			headers := http.Header{name: others[name], alias: {"forged"}}
			Strip(guard, headers)
			assert.Equal(t, http.Header{name: others[name]}, headers, alias+" beside "+name)
		}
		headers := others.Clone()
		headers[alias] = []string{"forged", "twice"}
		Strip(guard, headers)
		assert.Equal(t, others, headers, alias+" beside all the others")
	}
	headers := others.Clone()
	Strip(guard, headers)
	assert.Equal(t, others, headers, "without any")
}

// What is harmless is looked up, the rest is looked at: so a name must not be among the former if
// it could be one of the gate's.
func TestCommon(t *testing.T) {
	for _, own := range strings.Fields(common) {
		guard := NewGuard([]string{own})
		assert.Len(t, guard.Common, len(strings.Fields(common))-1, own)
		assert.False(t, guard.Common[own], own+" is the gate's")
		assert.Equal(t, Canonical(own), own, "in the form in which Go's server keeps it")
	}
	guard := NewGuard([]string{"X-Chat-Group-Id"})
	assert.NoError(t, http.Header{"Accept": {"*/*"}, "X-Real-Ip": {"192.0.2.1"}}.WriteSubset(FailingWriter, guard.Common))
	for _, name := range []string{"X-Chat-Group-Id", "X_chat_group_id", "Unheard-Of", "Content-Encoding"} {
		assert.Error(t, http.Header{"Accept": {"*/*"}, name: {""}}.WriteSubset(FailingWriter, guard.Common), name)
	}
}

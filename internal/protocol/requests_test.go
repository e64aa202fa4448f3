package protocol

import (
	"encoding/json"
	"io"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whole requests in testdata/requests, as they come over the wire when a group was created: what a
// backend has to learn from each.
func TestRequestsOfCreatedGroups(t *testing.T) {
	const absent = "(absent)"
	for _, tc := range []struct {
		file    string
		values  map[string]string
		members int // how many accounts there are in MemberList
	}{
		{"two-members", map[string]string{
			"SdkAppid": "1400000000", "CallbackCommand": AfterCreateGroup, "ClientIP": "203.0.113.7", "OptPlatform": "Android",
			"GroupId": "@TGS#2KQ7M4XHV", "Operator": "lena.hoff", "Operator_Account": "lena.hoff", "Owner_Account": "lena.hoff",
			"Type": "Public", "Name": "Weekend hike", "EventTime": "1767225600001", "InviteOption": absent, "TopicId": absent,
		}, 2},
		{"five-hundred-members", map[string]string{"GroupId": "@TGS#2KQ7M4XHV", "Operator": "lena.hoff", "Name": "All hands", "EventTime": "1767225600002"}, 500},
		{"custom-fields", map[string]string{"Name": "Fields", "EventTime": "1767225600003", "OptPlatform": "iPad"}, 2},
		{"invite-option", map[string]string{"Name": "By invitation", "EventTime": "1767225600004"}, 1},
		{"chinese-names", map[string]string{
			"GroupId": "climb, spring 2026", "Operator": "王小明", "Operator_Account": "王小明", "Owner_Account": "李雷", "Name": "周末登山队 🏔",
		}, 2},
		{"rest-without-owner", map[string]string{
			"GroupId": "live-2026-alps", "Operator": "administrator", "Owner_Account": absent, "Type": "AVChatRoom", "Name": "", "OptPlatform": "RESTAPI",
		}, 0},
		{"old-without-event-time", map[string]string{"Type": "Private", "EventTime": absent, "ClientIP": "2001:db8::7", "OptPlatform": "Unknown"}, 2},
		{"event-time-as-string", map[string]string{"EventTime": "1767225600008"}, 1},
	} {
		r, sent := readRequest(t, tc.file)
		event, refusal := check(everything(), r)
		assertReason(t, nil, refusal, tc.file)
		if refusal != nil {
			continue
		}
		for source, expected := range tc.values {
			value, found, refusal := Value(event, source)
			assertReason(t, nil, refusal, tc.file+": "+source)
			assert.Equal(t, expected != absent, found, tc.file+": "+source+" is there")
			if found {
				assert.Equal(t, expected, value, tc.file+": "+source)
			}
		}
		forwarded, err := io.ReadAll(r.Body)
		require.NoError(t, err, tc.file)
		assert.Equal(t, sent, string(forwarded), tc.file+": the backend gets the very bytes")
		var decoded struct {
			MemberList []struct{ Member_Account string }
		}
		require.NoError(t, json.Unmarshal(event.body, &decoded), tc.file)
		assert.Len(t, decoded.MemberList, tc.members, tc.file+": members")
		assertAgreement(t, AfterCreateGroup, sent)
	}
}

func TestLongListOfMembersIsWhole(t *testing.T) {
	r, _ := readRequest(t, "five-hundred-members")
	event, refusal := check(everything(), r)
	require.Nil(t, refusal, "500 members")
	var decoded struct{ MemberList []map[string]string }
	require.NoError(t, json.Unmarshal(event.body, &decoded), "500 members")
	for i, element := range decoded.MemberList {
		number := strconv.Itoa(1001 + i)[1:]
		assert.Equal(t, map[string]string{"Member_Account": "member-" + number}, element, "member "+number)
	}
}

func TestCustomFieldsHoldAnyBytes(t *testing.T) {
	r, _ := readRequest(t, "custom-fields")
	event, refusal := check(everything(), r)
	require.Nil(t, refusal, "custom fields")
	var decoded struct{ UserDefinedDataList json.RawMessage }
	require.NoError(t, json.Unmarshal(event.body, &decoded), "custom fields")
	assert.Equal(t, `[{"Key":"binary","Value":"a\u0000b\u001f\"\\\r\n"},{"Key":"empty","Value":""},{"Key":"文","Value":"值"}]`, string(decoded.UserDefinedDataList))
}

package callback

import (
	"encoding/json"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chatgate/chatgate/internal/header"
)

// Fuzz targets: no input makes the package panic, or come to another verdict than the plain references do. The interpreter has no
// fuzzing; TestFuzzSeeds holds it against the references with the inputs that fuzzing begins with.

type bodySeed struct{ command, body string }

// bodySeeds is everything in testdata, and every case of the strict tests that is not long.
func bodySeeds(t testing.TB) []bodySeed {
	seeds := []bodySeed{
		{"State.StateChange", `{"CallbackCommand":"State.StateChange"}`},
		{"Push.AllMemberPush", `{"Events":[{"GroupId":7,"groupid":8}]}`},
	}
	for _, command := range Commands() {
		body := readTestdata(t, "commands", command+".json")
		seeds = append(seeds, bodySeed{command, body}, bodySeed{command, strings.Replace(body, "{", "{\"New\": null,\n", 1)}, bodySeed{"Other.Command", body})
	}
	requests, err := os.ReadDir(testdata(t, "requests"))
	assert.NoError(t, err, "testdata/requests")
	for _, file := range requests {
		if _, body := readRequest(t, strings.TrimSuffix(file.Name(), ".http")); len(body) < 1<<12 {
			seeds = append(seeds, bodySeed{AfterCreateGroup, body})
		}
	}
	for _, cases := range [][]strictCase{wholeBodies, elementBodies, accountBodies} {
		for _, tc := range cases {
			if len(tc.body) < 1<<12 {
				seeds = append(seeds, bodySeed{AfterCreateGroup, tc.body})
			}
		}
	}
	return seeds
}

func TestFuzzSeeds(t *testing.T) {
	for _, seed := range bodySeeds(t) {
		assertBodyProperties(t, seed.command, seed.body)
	}
}

func FuzzBody(f *testing.F) {
	for _, seed := range bodySeeds(f) {
		f.Add(seed.command, seed.body)
	}
	f.Fuzz(assertBodyProperties)
}

func assertBodyProperties(t *testing.T, command, body string) {
	if command == "" {
		return // the URL's affair
	}
	assertAgreement(t, command, body)
	assertBackendsRead(t, command, body)
}

// backend is what a backend decodes a callback into, as most are written. encoding/json finds a field by its name in any case, and of
// several members takes the last: what a header says must be what it finds.
type backend struct {
	GroupId, TopicId, Operator_Account, Owner_Account, Requestor_Account, From_Account, Type, Name, EventTime, Random, MsgSeq json.RawMessage //nolint:revive // the vendor's names
}

func assertBackendsRead(t *testing.T, command, body string) {
	t.Helper()
	event, refusal := checkBody(command, body)
	if refusal != nil || !event.Checked {
		return
	}
	name := command + ": " + short(body)
	own := map[string]bool{}
	for _, r := range rulesFor(command) {
		own[r.name] = true
	}
	var decoded backend
	assert.NoError(t, json.Unmarshal([]byte(body), &decoded), name)
	fields := reflect.ValueOf(decoded)
	for i := 0; i < fields.NumField(); i++ {
		field := reflect.TypeOf(decoded).Field(i).Name
		raw := string(fields.Field(i).Bytes())
		value, found, refusal := Value(event, field)
		switch {
		case !own[field]:
			assert.False(t, found, name+": the command has no "+field+", found "+value)
		case refusal != nil:
			assertReason(t, HeaderUnfit, refusal, name+": "+field)
		case raw == "" || raw == "null":
			assert.False(t, found, name+": a backend finds no "+field)
		default:
			text := raw
			if raw[0] == '"' {
				assert.NoError(t, json.Unmarshal([]byte(raw), &text), name+": "+field)
			}
			sent, err := url.PathUnescape(header.Encode(value))
			assert.NoError(t, err, name+": "+field)
			assert.Equal(t, text, sent, name+": a backend finds this "+field+", and its header says")
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, tc := range queries {
		f.Add(tc.query)
	}
	for _, v := range vectors {
		f.Add(createdQuery + signature(v.sign, v.requestTime))
		f.Add(createdQuery + "&contenttype=json&ClientIP=::1&OptPlatform=Web" + signature(v.sign, "0"+v.requestTime) + "&sign=&Sign[]=")
	}
	f.Fuzz(assertQueryAgreement)
}

func FuzzGlance(f *testing.F) {
	for _, seed := range bodySeeds(f) {
		f.Add(callbackURL(seed.command)[10:], seed.body)
	}
	proof := signature(vectors[0].sign, vectors[0].requestTime)
	for _, body := range []string{ordered(""), ordered(accounts(2)), ordered(accounts(60)), ordered(accounts(60) + `,{"Member_Account":"` + "\xff" + `"}`)} {
		f.Add(callbackURL(AfterCreateGroup)[10:]+"&ClientIP=203.0.113.7&OptPlatform=Web"+proof, body)
	}
	policies := []*Policy{everything(), signedBy(ages, vectors[0].token)}
	sources := [][]string{glancedSources(), {"GroupId", "Operator"}}
	f.Fuzz(func(t *testing.T, query, body string) {
		if _, err := url.ParseRequestURI("/callback?" + query); err != nil || strings.ContainsAny(query, " \x7f") || strings.IndexFunc(query, isControl) >= 0 {
			return // no server lets it in
		}
		for _, policy := range policies {
			for _, wanted := range sources {
				assertGlance(t, policy, wanted, "/callback?"+query, body, "?"+short(query)+" "+short(body))
			}
		}
	})
}

func isControl(c rune) bool { return c < ' ' }

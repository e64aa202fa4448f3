package dedupe

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/callback/callbacktest"
)

func TestOnce(t *testing.T) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "callbacks.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(Schema); err != nil {
		t.Fatal(err)
	}
	receiver, err := callback.NewReceiver(callbacktest.Config())
	if err != nil {
		t.Fatal(err)
	}
	var done int
	fault := errors.New("the work fails")
	vendor := callbacktest.NewVendor(receiver.Handler(Once(db, func(context.Context, *sql.Tx, *callback.Event) error {
		done++
		return fault
	})))
	defer vendor.Close()
	const command = callback.CommandGroupAfterCreateGroup
	for i, step := range []struct {
		fault   error
		body    string
		outcome callbacktest.Outcome
		done    int
	}{
		{fault, "", callbacktest.Failed, 1},
		{nil, "", callbacktest.Accepted, 2},
		{nil, "", callbacktest.Accepted, 2}, // the repeat
		{nil, `{"CallbackCommand":"Group.CallbackAfterCreateGroup","GroupId":"@TGS#2","Operator_Account":"lena","Type":"Public","Name":""}`, callbacktest.Accepted, 3},
	} {
		fault = step.fault
		answer := vendor.Send(command, step.body)
		if answer.Outcome != step.outcome || done != step.done {
			t.Errorf("step %d: %s %s, done %d times, expected %d", i, answer.Outcome, answer.Fault, done, step.done)
		}
	}
}

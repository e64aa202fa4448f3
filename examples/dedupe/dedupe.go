// Package dedupe drops a callback that has come before, by its ID in a database.
package dedupe

import (
	"context"
	"database/sql"
	"errors"

	"github.com/chatgate/chatgate/callback"
)

// Schema makes the table. SQLite and PostgreSQL take it.
const Schema = `CREATE TABLE IF NOT EXISTS callbacks (id TEXT PRIMARY KEY, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)`

// errRepeated ends the transaction of a callback that has come before.
var errRepeated = errors.New("it has come before")

// Once calls work for each event that has happened once. The ID is written in the transaction of
// the work, so both are kept or neither is: when the work fails, a repeat does it. Two events with
// the same bytes have the same ID.
func Once(db *sql.DB, work func(context.Context, *sql.Tx, *callback.Event) error) func(context.Context, *callback.Event) callback.Reply {
	return func(ctx context.Context, event *callback.Event) callback.Reply {
		err := inTransaction(ctx, db, func(tx *sql.Tx) error {
			result, err := tx.ExecContext(ctx, `INSERT INTO callbacks (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`, event.ID)
			if err != nil {
				return err
			}
			added, err := result.RowsAffected()
			if err != nil {
				return err
			} else if added == 0 {
				return errRepeated
			}
			return work(ctx, tx, event)
		})
		if err != nil && !errors.Is(err, errRepeated) {
			return callback.Fail("not stored") // the vendor, or Traefik, may send it again
		}
		return callback.OK()
	}
}

func inTransaction(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// Command chatgate tries the gate out without a Traefik: run puts it in front of a backend, send
// plays Tencent Cloud Chat.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const help = `chatgate tries the gate out without a Traefik.

  chatgate run     runs the gate, interpreted as in Traefik, in front of a backend
  chatgate send    sends callbacks as Tencent Cloud Chat does
  chatgate check   says why a captured callback is let in or refused
  chatgate doctor  finds mistakes in a Traefik configuration

--help after each tells more. The exit code is 1 for what went wrong, 2 for a mistake on the command line.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// execute runs the command that the arguments name, and returns the exit code.
func execute(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	name := ""
	if len(arguments) > 0 {
		name, arguments = arguments[0], arguments[1:]
	}
	var err error
	switch name {
	case "run":
		err = run(ctx, arguments, stdout, stderr)
	case "send":
		err = send(ctx, arguments, stdout)
	case "check":
		err = check(ctx, arguments, os.Stdin, stdout)
	case "doctor":
		err = examine(arguments, stdout)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, help)
	case "":
		err = usageError{errors.New("which command? run, send, check or doctor")}
	default:
		err = usageError{fmt.Errorf("there is no command %q, only run, send, check and doctor", name)}
	}
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintln(stderr, "chatgate:", err)
	if errors.As(err, &usageError{}) {
		fmt.Fprintln(stderr, "Try --help.")
		return 2
	}
	if errors.As(err, &noVerdict{}) {
		return 2
	}
	return 1
}

// A usageError is a mistake on the command line.
type usageError struct{ error }

// parseFlags reads a command's flags, of which there are no other arguments.
func parseFlags(flags *flag.FlagSet, arguments []string, help string, stdout io.Writer) error {
	rest, err := parseArguments(flags, arguments, help, stdout)
	if err == nil && len(rest) > 0 {
		err = usageError{fmt.Errorf("%q is not a flag", rest[0])}
	}
	return err
}

// parseArguments reads a command's flags, and returns its other arguments. For --help it prints the
// help and the flags, and returns flag.ErrHelp.
func parseArguments(flags *flag.FlagSet, arguments []string, help string, stdout io.Writer) ([]string, error) {
	flags.SetOutput(io.Discard) // execute reports what is wrong
	err := flags.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, help)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return nil, err
	}
	if err != nil {
		return nil, usageError{err}
	}
	return flags.Args(), nil
}

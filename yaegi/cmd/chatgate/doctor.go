package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/chatgate/chatgate/yaegi/internal/doctor"
)

const doctorHelp = `chatgate doctor [flags] FILE...

Finds mistakes in a configuration of Traefik's: options of the plugin that Traefik would ignore, ways past the gate, tokens and signatures
in the open, retries that do nothing. Each with its line, and the mend.

Give all files at once, static and dynamic, or folders of them: it is one configuration. They are YAML; TOML is not read. Compose files
(labels and flags) and Kubernetes resources (Middleware, IngressRoute) are read, too.

The exit code is 0 if nothing is found, 1 if something is, 2 for a mistake on the command line and for a file that can't be read.

`

func examine(arguments []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print one line of JSON for each finding")
	files, err := parseArguments(flags, arguments, doctorHelp, stdout)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return usageError{errors.New("expected the files of a configuration")}
	}
	findings, err := doctor.Examine(files)
	if err != nil {
		return noVerdict{err}
	}
	for _, f := range findings {
		if *asJSON {
			_ = json.NewEncoder(stdout).Encode(f)
		} else {
			fmt.Fprintf(stdout, "%s:%d: %s\n\tto mend it: %s\n", f.File, f.Line, f.What, f.Mend)
		}
	}
	switch len(findings) {
	case 0:
		return nil
	case 1:
		return errors.New("1 mistake")
	}
	return fmt.Errorf("%d mistakes", len(findings))
}

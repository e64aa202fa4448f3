package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/yaegi"
)

// example is the path of a file in the folder examples.
func example(t *testing.T, name string) string {
	root, err := yaegi.Root()
	require.NoError(t, err)
	return filepath.Join(root, "examples", name)
}

func TestDoctorIsSilent(t *testing.T) {
	code, stdout, stderr := invoke("doctor", example(t, "traefik.yml"), example(t, "rotation.yml"))
	assert.Equal(t, 0, code)
	assert.Empty(t, stdout+stderr)
}

func TestDoctorFinds(t *testing.T) {
	wrong := file(t, "http:\n  middlewares:\n    chatgate:\n      plugin:\n        chatgate:\n          sdkAppId: 1\n          paht: /callback\n")
	code, stdout, stderr := invoke("doctor", wrong)
	assert.Equal(t, 1, code)
	assert.Equal(t, "chatgate: 1 mistake\n", stderr)
	assert.Equal(t, wrong+":7: the plugin has no option \"paht\", and Traefik ignores it without a word\n\tto mend it: write path\n", stdout)

	code, stdout, _ = invoke("doctor", "-json", wrong)
	assert.Equal(t, 1, code)
	assert.Equal(t, 1, strings.Count(stdout, "\n"))
	var finding struct {
		Line int
		Mend string
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &finding))
	assert.Equal(t, 7, finding.Line)
	assert.Equal(t, "write path", finding.Mend)
}

func TestDoctorNeeds(t *testing.T) {
	code, _, stderr := invoke("doctor")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "files")
	code, _, stderr = invoke("doctor", "/no/such/file")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "/no/such/file")
}

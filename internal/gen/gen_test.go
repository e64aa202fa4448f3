package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGeneratedFilesAreCurrent(t *testing.T) {
	root, err := repository()
	require.NoError(t, err)
	files, err := generate(root)
	require.NoError(t, err)
	for name, content := range files {
		found, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if assert.NoError(t, err, name) {
			assert.Equal(t, string(content), string(found), name+": run go generate ./callback")
		}
	}
	for _, pattern := range []string{"docs/schema/*/*.json", "docs/schema/*.json"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		require.NoError(t, err)
		for _, path := range found {
			name, err := filepath.Rel(root, path)
			require.NoError(t, err)
			assert.Contains(t, files, filepath.ToSlash(name), "nothing generates it any more")
		}
	}
}

func TestNames(t *testing.T) {
	for command, name := range map[string]string{
		"Group.CallbackAfterCreateGroup": "GroupAfterCreateGroup",
		"C2C.CallbackBeforeSendMsg":      "C2CBeforeSendMsg",
		"State.StateChange":              "StateChange",
		"ContentCallback.ResultNotify":   "ContentResultNotify",
	} {
		assert.Equal(t, name, typeName(command))
	}
	for member, name := range map[string]string{
		"GroupId": "GroupID", "FaceUrl": "FaceURL", "TopicIdList": "TopicIDList", "key": "Key", "To_Account": "ToAccount",
		"SdkAppId": "SdkAppID", "Identity": "Identity",
	} {
		assert.Equal(t, name, fieldName(member))
	}
}

// Documentation stands in lines of at most 100 columns.
func TestLinesAreShort(t *testing.T) {
	files := map[string][]byte{}
	require.NoError(t, addEvents("", files))
	for _, line := range strings.Split(string(files["callback/events_gen.go"]), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			assert.LessOrEqual(t, len(line), 100, line)
		}
	}
}

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// program is a file of readers/ with one or more readers in it.
type program struct {
	name  string
	dir   string // where it runs
	hint  string // what installs what it needs
	build func(dir string) ([]string, error)
}

// programs lists the files of readers/, each with how to build and start it.
func programs(dir string) []*program {
	script := func(name, hint string, command ...string) *program {
		return &program{name: name, dir: dir, hint: hint, build: func(string) ([]string, error) {
			path, err := exec.LookPath(command[0])
			if err != nil {
				return nil, err
			}
			return append([]string{path}, command[1:]...), nil
		}}
	}
	compiled := func(name, hint string, compiler ...string) *program {
		return &program{name: name, dir: dir, hint: hint, build: func(to string) ([]string, error) {
			binary := filepath.Join(to, strings.ReplaceAll(name, "/", "-"))
			return []string{binary}, compile(dir, append(compiler, "-o", binary)...)
		}}
	}
	c := func(library, hint string, flags ...string) *program {
		return compiled("c/"+library, hint, append([]string{"cc", "-O1", "-x", "c", "c/" + library + ".c", "-x", "none"}, append(flags, "-lm")...)...)
	}
	cpp := func(library, hint string, flags ...string) *program {
		return compiled("cpp/"+library, hint, append([]string{"c++", "-std=c++17", "-O1", "-x", "c++", "cpp/" + library + ".cpp", "-x", "none"}, append(flags, "-lm")...)...)
	}
	python := "/usr/bin/python3" // Debian's packages are for Debian's interpreter
	if _, err := os.Stat(python); err != nil {
		python = "python3"
	}
	return []*program{
		script("python.py", "apt-get install python3 python3-ujson python3-simplejson python3-rapidjson python3-pydantic", python, "python.py"),
		script("pythonweb.py", "apt-get install python3-aiohttp python3-werkzeug python3-django python3-tornado python3-starlette python3-multipart python3-bottle python3-webob", python, "pythonweb.py"),
		script("node.mjs", "apt-get install nodejs; npm ci --prefix interop", "node", "node.mjs"),
		script("php.php", "apt-get install php-cli", "php", "-d", "display_errors=0", "php.php"),
		script("ruby.rb", "apt-get install ruby ruby-rack ruby-oj ruby-yajl", "ruby", "ruby.rb"),
		script("rails.rb", "apt-get install ruby-rails", "ruby", "rails.rb"),
		script("perl.pl", "apt-get install perl libjson-perl libjson-xs-perl libcpanel-json-xs-perl libmojolicious-perl libplack-perl libcgi-pm-perl", "perl", "perl.pl"),
		script("jq", "apt-get install jq", "jq", "-R", "-c", "--unbuffered", "-f", "reader.jq"),
		script("lua.lua", "apt-get install lua5.4 lua-cjson lua-dkjson", "lua5.4", "lua.lua"),
		{name: "java", dir: dir, hint: "apt-get install default-jdk-headless libjackson2-databind-java libgoogle-gson-java libjson-simple-java libjson-smart-java libandroid-json-org-java libjsonp-java libjettison-java libmjson-java libtomcat9-java",
			build: func(to string) ([]string, error) { return buildJava(dir, to) }},
		{name: "rust", dir: dir, hint: "apt-get install cargo librust-serde-json-dev librust-serde-derive-dev",
			build: func(to string) ([]string, error) { return buildRust(dir, to) }},
		{name: "go", dir: dir, hint: "the modules of interop/go.mod",
			build: func(to string) ([]string, error) {
				binary := filepath.Join(to, "golang")
				return []string{binary}, compile(dir, "go", "build", "-o", binary, "./golang")
			}},
		c("cjson", "apt-get install libcjson-dev", "-lcjson"),
		c("json-c", "apt-get install libjson-c-dev", "-ljson-c"),
		c("jansson", "apt-get install libjansson-dev", "-ljansson"),
		c("yajl", "apt-get install libyajl-dev", "-lyajl"),
		c("json-glib", "apt-get install libjson-glib-dev", "@pkg-config json-glib-1.0"),
		c("libfastjson", "apt-get install libfastjson-dev", "@pkg-config libfastjson"),
		cpp("nlohmann", "apt-get install nlohmann-json3-dev"),
		cpp("rapidjson", "apt-get install rapidjson-dev"),
		cpp("jsoncpp", "apt-get install libjsoncpp-dev", "@pkg-config jsoncpp"),
		cpp("boost", "apt-get install libboost-dev libboost-json1.81-dev"),
		cpp("poco", "apt-get install libpoco-dev", "-lPocoJSON", "-lPocoFoundation"),
		cpp("simdjson", "apt-get install libsimdjson-dev", "-lsimdjson"),
	}
}

// compile runs a compiler. An argument "@pkg-config NAME" stands for what that prints.
func compile(dir string, command ...string) error {
	var args []string
	for _, arg := range command {
		library, is := strings.CutPrefix(arg, "@pkg-config ")
		if !is {
			args = append(args, arg)
			continue
		}
		flags, err := exec.Command("pkg-config", "--cflags", "--libs", library).Output()
		if err != nil {
			return errors.New("pkg-config does not know " + library)
		}
		args = append(args, strings.Fields(string(flags))...)
	}
	c := exec.Command(args[0], args[1:]...)
	c.Dir = dir
	var faults bytes.Buffer
	c.Stderr = &faults
	if err := c.Run(); err != nil {
		return errors.New(firstFault(faults.String(), err))
	}
	return nil
}

func firstFault(text string, err error) string {
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, "error") || strings.Contains(line, "cannot") {
			return strings.TrimSpace(line)
		}
	}
	return lastLine(text, err)
}

const javaLibraries = "/usr/share/java"

// buildJava compiles each reader by itself, so that a library that is not there takes only its own
// reader away.
func buildJava(dir, to string) ([]string, error) {
	classes := filepath.Join(to, "java")
	var jars []string
	for _, jar := range []string{"jackson-core", "jackson-databind", "jackson-annotations", "gson", "json-simple", "json-smart", "json-android",
		"mjson", "javax.json-api", "javax.json", "jettison",
		"tomcat9-catalina", "tomcat9-coyote", "tomcat9-juli", "tomcat9-util", "tomcat9-util-scan", "tomcat9-jni", "tomcat9-api", "tomcat9-annotations-api",
		"tomcat9-servlet-api", "tomcat9-jaspic-api", "tomcat9-el-api", "tomcat9-jsp-api", "fastjson", "fastjson2"} {
		path := filepath.Join(javaLibraries, jar+".jar")
		if _, err := os.Stat(path); err == nil {
			jars = append(jars, path)
		}
	}
	if _, err := exec.LookPath("javac"); err != nil {
		return nil, err
	}
	path := strings.Join(append([]string{classes}, jars...), ":")
	if err := os.MkdirAll(classes, 0o700); err != nil {
		return nil, err
	}
	javac := func(files ...string) error {
		return compile(dir, append([]string{"javac", "-nowarn", "-proc:none", "-encoding", "UTF-8", "-cp", path, "-d", classes}, files...)...)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "java", "*.java")) // the pattern is right
	var likely []string
	for _, file := range files {
		if filepath.Base(file) != "FastJson.java" || strings.Contains(path, "fastjson") {
			likely = append(likely, file)
		}
	}
	run := []string{"java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", path, "Main"}
	if javac(likely...) == nil {
		return run, nil
	}
	if err := javac("java/Main.java"); err != nil {
		return nil, err
	}
	for _, file := range files {
		if filepath.Base(file) != "Main.java" {
			if err := javac(file); err != nil && os.Getenv("INTEROP_VERBOSE") != "" {
				os.Stderr.WriteString(err.Error() + "\n")
			}
		}
	}
	return run, nil
}

const debianCrates = "/usr/share/cargo/registry"

// buildRust builds with the crates that Debian installs, and asks no registry.
func buildRust(dir, to string) ([]string, error) {
	if _, err := os.Stat(debianCrates); err != nil {
		return nil, errors.New("there are no crates in " + debianCrates)
	}
	target := filepath.Join(to, "rust")
	if err := os.MkdirAll(filepath.Join(target, "src"), 0o700); err != nil {
		return nil, err
	}
	for _, file := range []string{"Cargo.toml", "src/main.rs"} {
		text, err := os.ReadFile(filepath.Join(dir, "rust", filepath.Base(file)))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(target, file), text, 0o600); err != nil {
			return nil, err
		}
	}
	return []string{filepath.Join(target, "target", "release", "interop")}, compile(target, "cargo", "build", "--quiet", "--release", "--offline",
		"--config", `source.crates-io.replace-with="debian"`, "--config", `source.debian.directory="`+debianCrates+`"`)
}

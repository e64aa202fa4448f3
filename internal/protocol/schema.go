package protocol

import (
	"encoding/binary"
	"hash/fnv"
	"sort"
	"strings"
)

// A Field is a row's field, prepared: what a value is held against without looking anything up.
type Field struct {
	Name     string
	Weight   int  // 1: it is required
	First    byte // what a value of this type begins with; 0 where that alone tells too little
	Shortest int  // bytes, of the shortest value that begins so
	Digits   int  // how many decimal digits fit in any case; 0 where a value is no natural number
	Kind     string
	Filled   bool    // a string that must not be empty
	Object   *Schema // of an object, or of a list's elements; nil: of anything else
	Most     int     // how many elements a list may have
	Command  string  // that a field in a list has to name; empty: it is no such field
}

// A Schema is what is known of an object: a command's body, an object in it, or a list's element.
type Schema struct {
	Actors   []string // who may have acted, first choice first
	Before   bool     // the answer decides
	Each     bool     // it does so for each friend
	Denial   int      // the code in it that refuses
	Fields   map[string]*Field
	Required int               // how many fields are
	InOrder  []*Field          // in the row's order
	objects  []*Field          // those of an object whose members are known
	byFold   map[string]string // folded names
	byHash   map[uint64]string // what fastjson compares instead of names
}

func parseSchemas(rows []row) map[string]*Schema {
	parsed := map[string]*Schema{}
	for _, r := range rows {
		fields := r.conversation + " " + r.actors + " " + r.others
		if !strings.Contains(" "+fields, " CallbackCommand") {
			fields = "CallbackCommand! " + fields
		}
		s := newSchema(r.command, r.command, fields)
		s.Before = r.when != after
		s.Each = r.when == beforeEach
		s.Denial = denials[r.when]
		for _, actor := range strings.Fields(r.actors) {
			s.Actors = append(s.Actors, strings.TrimRight(actor, "!+"))
		}
		parsed[r.command] = s
	}
	return parsed
}

// newSchema reads the notation of fields, for a command's body or for what stands in it. A dotted
// name is of an object's field, and adds none.
func newSchema(command, parent, fields string) *Schema {
	s := &Schema{Fields: map[string]*Field{}, byFold: map[string]string{}, byHash: map[uint64]string{}}
	for _, notation := range strings.Fields(fields) {
		if strings.Contains(notation, ".") {
			continue
		}
		f := newField(command, parent, notation)
		s.Fields[f.Name] = f
		s.InOrder = append(s.InOrder, f)
		s.byFold[fold(f.Name)] = f.Name
		for _, spelling := range []string{f.Name, fold(f.Name)} {
			s.byHash[hash(spelling)] = f.Name
			s.byHash[packed(spelling)] = f.Name
		}
		s.Required += f.Weight
		if f.Kind == mapping && f.Object != nil {
			s.objects = append(s.objects, f)
		}
	}
	return s
}

func newField(command, parent, notation string) *Field {
	name := strings.TrimRight(notation, "!+")
	f := &Field{Name: name, Kind: kindOf(parent, name), Filled: strings.HasSuffix(notation, "!")}
	if name != notation {
		f.Weight = 1
	}
	switch f.Kind {
	case text, identifier:
		f.First = '"'
		f.Shortest = 2
		if f.Filled {
			f.Shortest = 3
		}
	case integer, milliseconds:
		f.Digits = 15
	case list:
		f.Object = newSchema(command, name, elements[name])
		f.Most = maxElements
		if fields := strings.Fields(elements[name]); len(fields) > 0 && strings.Count(elements[name], "_Account") == len(fields) {
			f.Most = maxAccounts
		}
	case mapping:
		if elements[name] == "" {
			f.First = '{' // of whose members nothing is known
		} else {
			f.Object = newSchema(command, name, elements[name])
		}
	}
	if name == "CallbackCommand" && parent != command {
		f.Command = command
		f.First = 0
	}
	return f
}

// Commands lists the commands whose bodies this package knows, in alphabetical order.
func Commands() []string {
	names := map[string]bool{}
	for name := range schemas {
		names[name] = true
	}
	return sortedNames(names)
}

// SchemaOf returns what is known of a command's body, nil for a command that has no row.
func SchemaOf(command string) *Schema { return schemas[command] }

// Sources lists what Value can return: every string and number of every command's body, those in an
// object by a dotted path, the URL's parameters, "Operator" and "EventId".
func Sources() []string {
	names := map[string]bool{"Operator": true, "EventId": true}
	for _, s := range schemas {
		addSources(names, s, "")
	}
	for name := range sourceParameters {
		names[name] = true
	}
	return sortedNames(names)
}

func addSources(names map[string]bool, s *Schema, path string) {
	for name, f := range s.Fields {
		if isScalar(f) {
			names[path+name] = true
		} else if f.Kind == mapping && f.Object != nil {
			addSources(names, f.Object, name+".")
		}
	}
}

// isScalar tells whether a field's value can become a header.
func isScalar(f *Field) bool {
	return f.Digits > 0 || f.IsText() || f.Kind == signed || f.Kind == scalar
}

// IsText tells whether a field's value is a string.
func (f *Field) IsText() bool { return f.Kind == text || f.Kind == identifier }

// IsStrings tells whether a field's value is a list of strings.
func (f *Field) IsStrings() bool { return f.Kind == listOfStrings }

// IsSigned tells whether a field's value is an integer that may be negative.
func (f *Field) IsSigned() bool { return f.Kind == signed }

// IsScalar tells whether a field's value is a string or a number, which becomes a header if it is
// an integer.
func (f *Field) IsScalar() bool { return f.Kind == scalar }

// isName tells whether a name is one that the vendor could give a member: letters, digits and
// underscores. Whatever else can stand in a JSON name, some reader takes for something else. So
// does JavaScript with __proto__, and Python with __dict__, when they copy an object.
func isName(name string) bool {
	return name != "" && !(strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__")) && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// fold maps names to one spelling where a lenient reader takes them for the same: it ignores case,
// underscores, hyphens and spaces (fastjson). Upper case first: that takes in U+017F (long s) and
// U+0131 (dotless i), lower case U+212A (Kelvin) and U+0130.
func fold(name string) string {
	for _, ignored := range []string{"_", "-", " "} {
		name = strings.ReplaceAll(name, ignored, "")
	}
	return strings.ToLower(strings.ToUpper(name))
}

// hash is the FNV-1a hash of a name, by which fastjson finds a bean's field: it does not compare
// names.
func hash(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return h.Sum64()
}

// packed is what fastjson 2 takes instead of the hash for a name of up to eight bytes: these.
func packed(name string) uint64 {
	if len(name) > 8 {
		return hash(name)
	}
	return binary.LittleEndian.Uint64(append([]byte(name), make([]byte, 8)...))
}

func sortedNames(names map[string]bool) []string {
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	sort.Strings(sorted)
	return sorted
}

package inspect

import (
	"bytes"
	"net/http"
	"sync"
	"time"

	"github.com/chatgate/chatgate/yaegi/internal/explain"
)

// What a store keeps at most. The oldest go first.
const (
	maxExchanges = 5000
	maxBytes     = 64 << 20
	maxBody      = 1 << 20  // of a request's body
	maxAnswer    = 64 << 10 // of an answer's
)

// An Exchange is a request, and all that became of it. It does not change once it is in a store.
type Exchange struct {
	ID       int64
	Time     time.Time
	Took     time.Duration
	Request  Message
	Set      []Field // by the gate
	Stripped []Field // by the gate
	Visit    *Visit  // nil where the backend was not reached
	Status   int     // of the answer
	Answer   Message // as it went back
	Account  explain.Account
}

// A Message is a request or an answer.
type Message struct {
	Method string
	Target string
	Proto  string
	Host   string
	Remote string
	Header http.Header
	Body   []byte
	Size   int64 // of the whole body, of which Body may be the beginning
}

// A Field is a header's name and one of its values.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A Visit is what the backend got, and what it answered.
type Visit struct {
	Request Message
	Same    bool // the body is the very bytes that came
	Took    time.Duration
	Status  int
	Answer  Message
	Error   string // why there is no answer
}

// weight is about how many bytes of memory an exchange takes.
func (x *Exchange) weight() int {
	total := 2048 + len(x.Request.Body) + len(x.Answer.Body) + len(x.Request.Target) + sizeOf(x.Request.Header) + sizeOf(x.Answer.Header)
	if x.Visit != nil {
		total += len(x.Visit.Answer.Body) + sizeOf(x.Visit.Request.Header) + sizeOf(x.Visit.Answer.Header)
	}
	return total
}

func sizeOf(h http.Header) int {
	total := 0
	for name, values := range h {
		for _, value := range values {
			total += 32 + len(name) + len(value)
		}
	}
	return total
}

// A store keeps the latest exchanges.
type store struct {
	mutex     sync.Mutex
	exchanges []*Exchange // oldest first, their IDs one after the other
	next      int64       // ID
	bytes     int
	dropped   int64         // for want of room
	cleared   int64         // how often it was
	changed   chan struct{} // closed at the next change
}

func newStore() *store { return &store{next: 1, changed: make(chan struct{})} }

func (s *store) add(x *Exchange) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	x.ID = s.next
	s.next++
	s.exchanges = append(s.exchanges, x)
	s.bytes += x.weight()
	for len(s.exchanges) > maxExchanges || s.bytes > maxBytes && len(s.exchanges) > 1 {
		s.bytes -= s.exchanges[0].weight()
		s.exchanges[0] = nil
		s.exchanges = s.exchanges[1:]
		s.dropped++
	}
	s.signal()
}

func (s *store) clear() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.exchanges = nil
	s.bytes = 0
	s.dropped = 0
	s.cleared++
	s.signal()
}

// signal tells whoever waits that something has changed. The mutex is held.
func (s *store) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// A view is what a store has after an ID.
type view struct {
	exchanges []*Exchange
	oldest    int64 // ID that is kept
	dropped   int64
	cleared   int64
	changed   <-chan struct{}
}

func (s *store) after(id int64) view {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	oldest := s.next - int64(len(s.exchanges))
	from := min(max(id+1-oldest, 0), int64(len(s.exchanges)))
	return view{append([]*Exchange(nil), s.exchanges[from:]...), oldest, s.dropped, s.cleared, s.changed}
}

func (s *store) get(id int64) *Exchange {
	if v := s.after(id - 1); len(v.exchanges) > 0 && v.exchanges[0].ID == id {
		return v.exchanges[0]
	}
	return nil
}

// search returns the IDs of the exchanges in whose target, headers or bodies a text occurs, in any
// case of ASCII letters.
func (s *store) search(text string) []int64 {
	ids := []int64{}
	wanted := bytes.ToLower([]byte(text))
	for _, x := range s.after(0).exchanges {
		if x.contains(wanted) {
			ids = append(ids, x.ID)
		}
	}
	return ids
}

func (x *Exchange) contains(wanted []byte) bool {
	texts := [][]byte{[]byte(x.Request.Target), x.Request.Body, x.Answer.Body, flat(x.Request.Header)}
	if x.Visit != nil {
		texts = append(texts, x.Visit.Answer.Body, flat(x.Visit.Request.Header))
	}
	for _, text := range texts {
		if bytes.Contains(bytes.ToLower(text), wanted) {
			return true
		}
	}
	return false
}

func flat(h http.Header) []byte {
	var text bytes.Buffer
	_ = h.Write(&text)
	return text.Bytes()
}

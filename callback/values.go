package callback

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Milliseconds is a time in milliseconds since the epoch. It decodes from an integer and from a
// string of digits: the vendor sends both.
type Milliseconds int64

// Time returns the time, the zero Time for 0.
func (m Milliseconds) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m))
}

// UnmarshalJSON decodes an integer, or a string of digits.
func (m *Milliseconds) UnmarshalJSON(value []byte) error {
	var s Scalar
	if err := s.UnmarshalJSON(value); err != nil || s == "" {
		return err
	}
	number, err := strconv.ParseInt(string(s), 10, 64)
	*m = Milliseconds(number)
	return err
}

// A Scalar is a value that comes as a string or as a number, as text.
type Scalar string

// Int64 returns the value as an integer.
func (s Scalar) Int64() (int64, error) { return strconv.ParseInt(string(s), 10, 64) }

// UnmarshalJSON decodes a string or a number.
func (s *Scalar) UnmarshalJSON(value []byte) error {
	var text string
	if json.Unmarshal(value, &text) == nil {
		*s = Scalar(text)
		return nil
	}
	var number json.Number
	if err := json.Unmarshal(value, &number); err != nil {
		return fmt.Errorf("callback: expected a string or a number: %w", err)
	}
	*s = Scalar(number)
	return nil
}

// A Message is the elements of a message.
type Message []MsgElement

// Text returns the texts of the message's text elements, one a line.
func (m Message) Text() string {
	var texts []string
	for _, element := range m {
		var content struct{ Text string }
		if element.MsgType == textType && json.Unmarshal(element.MsgContent, &content) == nil {
			texts = append(texts, content.Text)
		}
	}
	return strings.Join(texts, "\n")
}

const textType = "TIMTextElem"

// TextElement is an element with a text, for Replace.
func TextElement(text string) MsgElement {
	content, _ := json.Marshal(struct{ Text string }{text}) // it can't fail
	return MsgElement{MsgType: textType, MsgContent: content}
}

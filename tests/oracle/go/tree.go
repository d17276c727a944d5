package main

import "bytes"

// node is a JSON value as it is written: keys and scalars keep their text, and keys may stand twice.
type node struct {
	kind    byte   // '{', '[', or 's' for all else
	text    []byte // of 's'
	members []member
	items   []*node
}

type member struct {
	key   []byte // with its quotes
	value *node
}

func scalar(text string) *node { return &node{kind: 's', text: []byte(text)} }

func (n *node) clone() *node {
	if n.kind == 's' {
		return &node{kind: 's', text: n.text}
	}
	out := &node{kind: n.kind}
	if n.kind == '{' {
		out.members = make([]member, len(n.members), len(n.members)+2)
		for i, one := range n.members {
			out.members[i] = member{one.key, one.value.clone()}
		}
		return out
	}
	out.items = make([]*node, len(n.items), len(n.items)+2)
	for i, one := range n.items {
		out.items[i] = one.clone()
	}
	return out
}

func (n *node) write(to *bytes.Buffer) {
	switch n.kind {
	case '{':
		to.WriteByte('{')
		for i, one := range n.members {
			if i > 0 {
				to.WriteByte(',')
			}
			to.Write(one.key)
			to.WriteByte(':')
			one.value.write(to)
		}
		to.WriteByte('}')
	case '[':
		to.WriteByte('[')
		for i, one := range n.items {
			if i > 0 {
				to.WriteByte(',')
			}
			one.write(to)
		}
		to.WriteByte(']')
	default:
		to.Write(n.text)
	}
}

func (n *node) bytes() []byte {
	var out bytes.Buffer
	n.write(&out)
	return out.Bytes()
}

// parse reads JSON that is known to be good.
func parse(text []byte) *node {
	n, _ := parseAt(text, 0)
	return n
}

func parseAt(text []byte, at int) (*node, int) {
	at = blank(text, at)
	switch text[at] {
	case '{':
		n := &node{kind: '{'}
		for at = blank(text, at+1); text[at] != '}'; {
			end := stringEnd(text, at)
			key := text[at:end]
			var value *node
			value, at = parseAt(text, blank(text, end)+1)
			n.members = append(n.members, member{key, value})
			if at = blank(text, at); text[at] == ',' {
				at = blank(text, at+1)
			}
		}
		return n, at + 1
	case '[':
		n := &node{kind: '['}
		for at = blank(text, at+1); text[at] != ']'; {
			var value *node
			value, at = parseAt(text, at)
			n.items = append(n.items, value)
			if at = blank(text, at); text[at] == ',' {
				at = blank(text, at+1)
			}
		}
		return n, at + 1
	case '"':
		end := stringEnd(text, at)
		return &node{kind: 's', text: text[at:end]}, end
	}
	end := at
	for end < len(text) && !bytes.ContainsRune([]byte(",]} \t\r\n"), rune(text[end])) {
		end++
	}
	return &node{kind: 's', text: text[at:end]}, end
}

func blank(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n') {
		at++
	}
	return at
}

func stringEnd(text []byte, at int) int {
	for at++; text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return at + 1
}

// place is where a value stands, with its path as the rules write it.
type place struct {
	parent *node
	index  int
	path   string
}

func (p place) value() *node {
	if p.parent.kind == '{' {
		return p.parent.members[p.index].value
	}
	return p.parent.items[p.index]
}

func (p place) set(value *node) {
	if p.parent.kind == '{' {
		p.parent.members[p.index].value = value
	} else {
		p.parent.items[p.index] = value
	}
}

// places are all values below the root.
func places(n *node, path string, out []place) []place {
	for i, one := range n.members {
		below := join(path, string(one.key[1:len(one.key)-1]))
		out = append(out, place{n, i, below})
		out = places(one.value, below, out)
	}
	for i, one := range n.items {
		out = append(out, place{n, i, path + "[]"})
		out = places(one, path+"[]", out)
	}
	return out
}

package main

import (
	"bytes"
	"math/rand"
	"reflect"
	"strings"
)

// A maker makes bodies: what clients send, what they would send if they were hostile, and what no client sends.
type maker struct {
	*rand.Rand
	ordinary, dangerous []fixture
	grafts              map[string][]member // of the dangerous fixtures, by the path of the object that they stand in
}

type fixture struct {
	what, file, operation, target string
	body                          []byte
	tree                          *node
}

func newMaker(seed int64, ordinary, dangerous []fixture) *maker {
	m := &maker{Rand: rand.New(rand.NewSource(seed)), ordinary: ordinary, dangerous: dangerous, grafts: map[string][]member{}}
	for _, one := range dangerous {
		for _, at := range places(one.tree, "", nil) {
			if at.parent.kind == '{' {
				name := string(at.parent.members[at.index].key)
				above := strings.TrimSuffix(strings.TrimSuffix(at.path, name[1:len(name)-1]), ".")
				m.grafts[one.operation+" "+above] = append(m.grafts[one.operation+" "+above], at.parent.members[at.index])
			}
		}
	}
	return m
}

// As [limits] body-max: what is longer dsp does not read.
const bodyMax = 1 << 20

// body makes one: the operation, its tree, and its bytes, which are the tree's or something that is no tree.
func (m *maker) body() (fixture, []byte) {
	for {
		if from, text := m.any(); len(text) <= bodyMax {
			return from, text
		}
	}
}

func (m *maker) any() (fixture, []byte) {
	var from fixture
	switch how := m.Intn(20); {
	case how < 12:
		from = m.ordinary[m.Intn(len(m.ordinary))]
		from.tree = from.tree.clone()
		m.mutate(&from, m.Intn(5))
	case how < 15:
		from = m.dangerous[m.Intn(len(m.dangerous))]
		from.tree = from.tree.clone()
		m.mutate(&from, 1+m.Intn(5))
	default:
		from = m.ordinary[m.Intn(len(m.ordinary))]
		if how == 15 || m.Intn(4) == 0 {
			from.operation = routes[m.Intn(len(routes))].operation
			from.target = targetOf(from.operation)
		}
		from.tree = random(m.Rand, m.root(from.operation), 0)
		m.mutate(&from, m.Intn(3))
	}
	text := from.tree.bytes()
	if m.Intn(16) == 0 {
		text = m.spoil(text)
	}
	return from, text
}

func (m *maker) root(operation string) reflect.Type {
	all := engines[operation]
	return pointed(reflect.TypeOf(all[m.Intn(len(all))].make()))
}

func (m *maker) mutate(f *fixture, times int) {
	for ; times > 0; times-- {
		all := places(f.tree, "", nil)
		if len(all) == 0 {
			f.tree = random(m.Rand, m.root(f.operation), 0)
			return
		}
		mutations[m.Intn(len(mutations))](m, f, all[m.Intn(len(all))], all)
	}
}

var mutations = []func(m *maker, f *fixture, at place, all []place){
	rename, rename, double, double, doubleFolded, doubleList, graft, graft, graft, invent, invent, invent, replaceWord, replaceWord, replaceWord,
	replaceAny, remove, clearValue, hoist, sink, nest, grow, unknown, toString, reorder,
}

// A key in another writing, which Go takes for the same.
func rename(m *maker, _ *fixture, at place, _ []place) {
	if at.parent.kind == '{' {
		one := &at.parent.members[at.index]
		one.key = []byte(`"` + folded(m.Rand, string(one.key[1:len(one.key)-1])) + `"`)
	}
}

func (m *maker) insert(into *node, one member) {
	i := m.Intn(len(into.members) + 1)
	into.members = append(into.members, member{})
	copy(into.members[i+1:], into.members[i:])
	into.members[i] = one
}

// A key that stands twice: with the same value, null, another type's, or one of the schema.
func double(m *maker, f *fixture, at place, _ []place) {
	if at.parent.kind == '{' {
		m.insert(at.parent, member{at.parent.members[at.index].key, m.other(f, at)})
	}
}

func doubleFolded(m *maker, f *fixture, at place, _ []place) {
	if at.parent.kind == '{' {
		name := at.parent.members[at.index].key
		m.insert(at.parent, member{[]byte(`"` + folded(m.Rand, string(name[1:len(name)-1])) + `"`), m.other(f, at)})
	}
}

// What may stand in the place of a value.
func (m *maker) other(f *fixture, at place) *node {
	switch m.Intn(4) {
	case 0:
		return scalar("null")
	case 1:
		return at.value().clone()
	case 2:
		return scalar(others[m.Intn(len(others))])
	}
	if t := typeAt(m.root(f.operation), at.path); t != nil {
		return random(m.Rand, t, 0)
	}
	return scalar(quoted(m.Rand, words[m.Intn(len(words))]))
}

// A list that stands twice: in the second's elements Go leaves what the first's had.
func doubleList(m *maker, f *fixture, _ place, all []place) {
	for try := 0; try < 8; try++ {
		at := all[m.Intn(len(all))]
		if value := at.value(); at.parent.kind == '{' && value.kind == '[' {
			second := value.clone()
			for i := range second.items {
				if m.Intn(2) == 0 {
					second.items[i] = scalar([]string{"{}", "null", `{"Target":"/x"}`, `""`}[m.Intn(4)])
				}
			}
			m.insert(at.parent, member{at.parent.members[at.index].key, second})
			return
		}
	}
}

// A field of a dangerous body, in its own place in this one, under its own name or another writing of it.
func graft(m *maker, f *fixture, _ place, all []place) {
	into, path := f.tree, ""
	if at := all[m.Intn(len(all))]; m.Intn(2) == 0 && at.value().kind == '{' {
		into, path = at.value(), at.path
	} else if f.operation == "ContainerCreate" && m.Intn(2) == 0 {
		for _, at := range all {
			if at.path == "HostConfig" && at.value().kind == '{' {
				into, path = at.value(), at.path
			}
		}
	}
	pool := m.grafts[f.operation+" "+path]
	if m.Intn(8) == 0 {
		pool = m.grafts["ContainerCreate HostConfig"] // where engines up to 26.1 take it, and elsewhere
	}
	if into.kind != '{' || len(pool) == 0 {
		return
	}
	one := pool[m.Intn(len(pool))]
	name := one.key
	if m.Intn(4) == 0 {
		name = []byte(`"` + folded(m.Rand, string(name[1:len(name)-1])) + `"`)
	}
	m.insert(into, member{name, one.value.clone()})
}

// A field of the schema with a random value.
func invent(m *maker, f *fixture, _ place, all []place) {
	into, path := f.tree, ""
	for try := 0; try < 4; try++ {
		if at := all[m.Intn(len(all))]; at.value().kind == '{' {
			into, path = at.value(), at.path
			break
		}
	}
	t := typeAt(m.root(f.operation), path)
	if t == nil || t.Kind() != reflect.Struct || into.kind != '{' || len(fields(t)) == 0 {
		return
	}
	known := fields(t)[m.Intn(len(fields(t)))]
	m.insert(into, member{key(m.Rand, known.name), random(m.Rand, known.value, 0)})
}

func replaceWord(m *maker, _ *fixture, at place, _ []place) {
	if value := at.value(); value.kind == 's' && len(value.text) > 0 && value.text[0] == '"' {
		at.set(scalar(quoted(m.Rand, words[m.Intn(len(words))])))
	} else if value.kind == 's' {
		at.set(scalar(numbers[m.Intn(len(numbers))]))
	}
}

func replaceAny(m *maker, f *fixture, at place, _ []place) {
	at.set(m.other(f, at))
}

func remove(m *maker, _ *fixture, at place, _ []place) {
	if at.parent.kind == '{' {
		at.parent.members = append(at.parent.members[:at.index:at.index], at.parent.members[at.index+1:]...)
	} else {
		at.parent.items = append(at.parent.items[:at.index:at.index], at.parent.items[at.index+1:]...)
	}
}

func clearValue(m *maker, _ *fixture, at place, _ []place) {
	at.set(scalar([]string{"null", `""`, "[]", "{}", "0", "false"}[m.Intn(6)]))
}

// A value one level higher, as HostConfig's fields in old engines.
func hoist(m *maker, f *fixture, at place, _ []place) {
	if at.parent.kind == '{' && at.parent != f.tree && f.tree.kind == '{' {
		m.insert(f.tree, at.parent.members[at.index])
		if m.Intn(2) == 0 {
			for i := range f.tree.members {
				if string(f.tree.members[i].key) == `"HostConfig"` {
					f.tree.members[i].value = scalar("null")
				}
			}
		}
	}
}

// A value in another object.
func sink(m *maker, f *fixture, at place, all []place) {
	if to := all[m.Intn(len(all))].value(); at.parent.kind == '{' && to.kind == '{' {
		m.insert(to, member{at.parent.members[at.index].key, at.value().clone()})
	}
}

// A value within lists or objects, at times very deep.
func nest(m *maker, _ *fixture, at place, _ []place) {
	depth := 1 + m.Intn(3)
	if m.Intn(50) == 0 {
		depth = []int{63, 64, 65, 1000, 9999, 10001}[m.Intn(6)]
	}
	open, shut := "[", "]"
	if m.Intn(2) == 0 {
		open, shut = `{"a":`, "}"
	}
	at.set(scalar(strings.Repeat(open, depth) + string(at.value().bytes()) + strings.Repeat(shut, depth)))
}

// More of the same, at times very much.
func grow(m *maker, _ *fixture, at place, _ []place) {
	times := 1 + m.Intn(3)
	if m.Intn(100) == 0 {
		times = 1000
	}
	switch value := at.value(); {
	case value.kind == '[' && len(value.items) > 0:
		for ; times > 0; times-- {
			value.items = append(value.items, value.items[m.Intn(len(value.items))].clone())
		}
	case value.kind == 's' && len(value.text) > 1 && value.text[0] == '"':
		at.set(scalar(`"` + strings.Repeat(string(value.text[1:len(value.text)-1]), times) + `"`))
	}
}

// A field that no engine knows, or not here.
func unknown(m *maker, f *fixture, at place, _ []place) {
	if at.parent.kind == '{' {
		m.insert(at.parent, member{[]byte(quoted(m.Rand, words[m.Intn(len(words))])), m.other(f, at)})
	}
}

// A list of one as engines up to 28 take it; a number or a switch as a string.
func toString(m *maker, _ *fixture, at place, _ []place) {
	if value := at.value(); value.kind == '[' && len(value.items) > 0 {
		at.set(value.items[0].clone())
	} else if value.kind == 's' && len(value.text) > 0 && value.text[0] != '"' {
		at.set(scalar(`"` + string(value.text) + `"`))
	} else {
		at.set(&node{kind: '[', items: []*node{value.clone()}})
	}
}

func reorder(m *maker, _ *fixture, at place, _ []place) {
	m.Shuffle(len(at.parent.members), func(i, j int) {
		at.parent.members[i], at.parent.members[j] = at.parent.members[j], at.parent.members[i]
	})
}

// spoil changes the bytes themselves.
func (m *maker) spoil(text []byte) []byte {
	at := m.Intn(len(text) + 1)
	piece := []byte(noise[m.Intn(len(noise))])
	switch m.Intn(7) {
	case 0:
		return bytes.Join([][]byte{text[:at], text[at:]}, piece)
	case 1:
		return append(append([]byte{}, text...), piece...)
	case 2:
		return append(piece, text...)
	case 3:
		return text[:at]
	case 4:
		out := append([]byte{}, text...)
		if at < len(out) {
			out[at] ^= 1 << m.Intn(8)
		}
		return out
	case 5: // two values
		return append(append([]byte{}, text...), m.dangerous[m.Intn(len(m.dangerous))].body...)
	}
	return bytes.ReplaceAll(text, []byte(":"), []byte([]string{" : ", ":\n\t", "\r\n:", ":\v", ":\u00a0"}[m.Intn(5)]))
}

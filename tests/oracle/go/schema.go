package main

import (
	"math/rand"
	"reflect"
	"strings"
)

// Random values of the types that engines decode into: the schema is Go's.

type known struct {
	name  string
	value reflect.Type
}

// fields are what an object of the type can have, those of what is embedded too.
func fields(t reflect.Type) []known {
	if cached, ok := fieldsOf[t]; ok {
		return cached
	}
	var out []known
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || field.PkgPath != "" && !field.Anonymous:
		case field.Anonymous:
			out = append(out, fields(pointed(field.Type))...)
		case name == "":
			out = append(out, known{field.Name, field.Type})
		default:
			out = append(out, known{name, field.Type})
		}
	}
	fieldsOf[t] = out
	return out
}

var fieldsOf = map[reflect.Type][]known{}

func pointed(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Ptr {
		t = t.Elem()
	}
	return t
}

// typeAt finds the type of the object at a path of places(); nil when no object is known there.
func typeAt(t reflect.Type, path string) reflect.Type {
	for path != "" {
		t = pointed(t)
		if strings.HasPrefix(path, "[]") {
			if t.Kind() != reflect.Slice {
				return nil
			}
			t, path = t.Elem(), strings.TrimPrefix(path[2:], ".")
			continue
		}
		name := path
		if end := strings.IndexAny(path, ".["); end >= 0 {
			name = path[:end]
		}
		path = strings.TrimPrefix(path[len(name):], ".")
		switch t.Kind() {
		case reflect.Struct:
			var next reflect.Type
			for _, one := range fields(t) {
				if strings.EqualFold(one.name, name) {
					next = one.value
				}
			}
			if next == nil {
				return nil
			}
			t = next
		case reflect.Map:
			t = t.Elem()
		default:
			return nil
		}
	}
	return pointed(t)
}

// random is a value of the type; deeper ones are smaller.
func random(r *rand.Rand, t reflect.Type, depth int) *node {
	switch t = pointed(t); t.Kind() {
	case reflect.Bool:
		return scalar([]string{"true", "true", "false"}[r.Intn(3)])
	case reflect.String:
		return scalar(quoted(r, words[r.Intn(len(words))]))
	case reflect.Struct:
		n := &node{kind: '{'}
		if all := fields(t); len(all) > 0 {
			for i := r.Intn(4); i >= depth/2; i-- {
				one := all[r.Intn(len(all))]
				n.members = append(n.members, member{key(r, one.name), random(r, one.value, depth+1)})
			}
		}
		return n
	case reflect.Map:
		n := &node{kind: '{'}
		for i := r.Intn(3); i > 0; i-- {
			n.members = append(n.members, member{[]byte(quoted(r, words[r.Intn(len(words))])), random(r, t.Elem(), depth+1)})
		}
		return n
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return scalar(`"e30="`)
		}
		n := &node{kind: '['}
		for i := r.Intn(3); i > 0; i-- {
			n.items = append(n.items, random(r, t.Elem(), depth+1))
		}
		return n
	}
	return scalar([]string{"0", "1", "-1", "64", "67108864", "-1000", "950000"}[r.Intn(7)])
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
)

// Filters as they are often written, each with a hole that is known. That the bodies find these holes is what it is worth
// that they find none in dsp.
var controlFilters = []struct {
	name   string
	allows func(operation string, body []byte) bool
}{
	{"looks for keys by their exact names", exactNames},
	{"takes the last of keys that stand twice", lastOfDoubles},
	{"knows the newest engine only", newestOnly},
	{"counts an empty list as absent everywhere", emptyIsAbsent},
}

func controls(good, bad []fixture) {
	const enough = 100000
	for _, filter := range controlFilters {
		m, found, count := newMaker(*seed, good, bad), "", 0
		for ; found == "" && count < enough; count++ {
			from, text := m.body()
			if filter.allows(from.operation, text) {
				found = plain.danger(from.operation, text)
			}
		}
		point(found != "", fmt.Sprintf("a filter that %s is found out", filter.name), fmt.Sprintf("by body %d: %s", count, found))
	}
}

// The newest engine alone is asked about what the filter makes of the body.
func harmless(operation string, body []byte) bool {
	return plain.dangerTo(engines[operation][0], operation, body) == ""
}

func newestOnly(operation string, body []byte) bool { return harmless(operation, body) }

func lastOfDoubles(operation string, body []byte) bool {
	var value interface{}
	if json.Unmarshal(body, &value) != nil {
		return false
	}
	again, _ := json.Marshal(value)
	return plain.danger(operation, again) == ""
}

func exactNames(operation string, body []byte) bool {
	// Keys that stand twice are not its hole.
	tree := new(interface{})
	if json.Unmarshal(body, tree) != nil {
		return false
	}
	again, _ := json.Marshal(exactly(*tree, reflect.TypeOf(engines[operation][0].make())))
	return harmless(operation, again)
}

// exactly drops what is no field by its exact name.
func exactly(value interface{}, t reflect.Type) interface{} {
	t = pointed(t)
	switch value := value.(type) {
	case map[string]interface{}:
		if t.Kind() == reflect.Map {
			for name, one := range value {
				value[name] = exactly(one, t.Elem())
			}
			return value
		}
		if t.Kind() != reflect.Struct {
			return value
		}
		out := map[string]interface{}{}
		for _, field := range fields(t) {
			if one, ok := value[field.name]; ok {
				out[field.name] = exactly(one, field.value)
			}
		}
		return out
	case []interface{}:
		if t.Kind() == reflect.Slice {
			for i, one := range value {
				value[i] = exactly(one, t.Elem())
			}
		}
	}
	return value
}

func emptyIsAbsent(operation string, body []byte) bool {
	return plain.danger(operation, bytes.ReplaceAll(body, []byte("[]"), []byte("null"))) == ""
}

package main

import (
	"fmt"
	"reflect"
	"strings"
)

// A rule says whether a value that is not zero is dangerous.
type rule func(value reflect.Value) bool

// found returns the first field of the decoded ${value} that is dangerous by the rules, as "path = value"; or "".
// A field that has no rule is dangerous when it is not zero: what the table does not know it does not trust.
func found(rules map[string]rule, path string, value reflect.Value) string {
	if judge, ok := rules[path]; ok && path != "" {
		if absent(value) || !judge(value) {
			return ""
		}
		return fmt.Sprintf("%s = %.200q", path, show(value))
	}
	switch value.Kind() {
	case reflect.Ptr, reflect.Interface:
		if value.IsNil() {
			return ""
		}
		return found(rules, path, value.Elem())
	case reflect.Struct:
		return foundInStruct(rules, path, value)
	case reflect.Slice, reflect.Array:
		if kind := inner(value.Type().Elem()).Kind(); kind != reflect.Struct {
			break
		}
		for i := 0; i < value.Len(); i++ {
			if what := found(rules, path+"[]", value.Index(i)); what != "" {
				return what
			}
		}
		return ""
	case reflect.Map:
		if inner(value.Type().Elem()).Kind() != reflect.Struct {
			break
		}
		for _, key := range value.MapKeys() {
			if judge, ok := rules[path+"{key}"]; ok && judge(key) {
				return fmt.Sprintf("%s{%q}", path, key.String())
			}
			if what := found(rules, path+"{}", value.MapIndex(key)); what != "" {
				return what
			}
		}
		return ""
	}
	if nothing(value) {
		return ""
	}
	return fmt.Sprintf("%s = %.200q, which the table has not", path, show(value))
}

func foundInStruct(rules map[string]rule, path string, value reflect.Value) string {
	for i := 0; i < value.NumField(); i++ {
		field := value.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if name == "" {
			name = field.Name
		}
		below := join(path, name)
		if field.Anonymous {
			below = path
			// What engines up to 26.1 read beside the fields of Config is a HostConfig.
			if inner(field.Type).Name() == "HostConfig" {
				below = join(path, "HostConfig")
			}
		}
		if what := found(rules, below, value.Field(i)); what != "" {
			return what
		}
	}
	return ""
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func inner(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Ptr || t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct {
		t = t.Elem()
	}
	return t
}

// absent is whether dockerd sees that there is no value. A list that is empty but there is one to it: MaskedPaths.
func absent(value reflect.Value) bool {
	if value.Kind() == reflect.Map {
		return value.Len() == 0
	}
	return value.IsZero()
}

// nothing is whether the value gives nothing.
func nothing(value reflect.Value) bool {
	if value.Kind() == reflect.Slice || value.Kind() == reflect.Map {
		return value.Len() == 0
	}
	return value.IsZero()
}

// show is the value as text, without the addresses of what it points to.
func show(value reflect.Value) string {
	for value.Kind() == reflect.Ptr && !value.IsNil() {
		value = value.Elem()
	}
	if value.CanInterface() {
		return fmt.Sprintf("%+v", value.Interface())
	}
	return value.String()
}

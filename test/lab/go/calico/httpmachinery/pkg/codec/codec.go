// Package codec reads the parameters of a URL's query into structs, by the tag `urlQuery`.
package codec

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

var decoders = map[reflect.Type]func([]string) (any, error){}

func RegisterCustomDecodeTypeFunc[E any](decode func([]string) (E, error)) {
	decoders[reflect.TypeFor[E]()] = func(values []string) (any, error) { return decode(values) }
}

// RegisterURLQueryJSONType makes a type one that is written as JSON. As Calico does, it undoes URL encoding a second time.
func RegisterURLQueryJSONType[E any]() {
	RegisterCustomDecodeTypeFunc(func(values []string) (E, error) {
		var decoded E
		text, err := url.QueryUnescape(values[0])
		if err == nil {
			err = json.Unmarshal([]byte(text), &decoded)
		}
		return decoded, err
	})
}

// Query ignores parameters that the struct doesn't name, as Calico 3.31 does.
func Query[E any](query url.Values) (E, error) {
	var decoded E
	err := decodeStruct(reflect.ValueOf(&decoded).Elem(), query)
	return decoded, err
}

func decodeStruct(target reflect.Value, query url.Values) error {
	for index := range target.NumField() {
		field := target.Type().Field(index)
		name, options, _ := strings.Cut(field.Tag.Get("urlQuery"), ",")
		if options == "inline" {
			if err := decodeStruct(target.Field(index), query); err != nil {
				return err
			}
			continue
		}
		values := query[name]
		if len(values) > 0 {
			if err := decodeField(target.Field(index), values); err != nil {
				return fmt.Errorf("failed to decode %s: %w", field.Name, err)
			}
		} else if field.Tag.Get("validate") == "required" {
			return fmt.Errorf("%s is required", field.Name)
		}
	}
	return nil
}

func decodeField(target reflect.Value, values []string) error {
	if decode, ok := decoders[target.Type()]; ok {
		decoded, err := decode(values)
		if err == nil {
			target.Set(reflect.ValueOf(decoded))
		}
		return err
	}
	switch target.Kind() {
	case reflect.Bool:
		parsed, err := strconv.ParseBool(values[0])
		target.SetBool(parsed)
		return err
	case reflect.Int, reflect.Int64:
		parsed, err := strconv.ParseInt(values[0], 10, 64)
		target.SetInt(parsed)
		return err
	}
	return fmt.Errorf("no decoder for %s", target.Type())
}

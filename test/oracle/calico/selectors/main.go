// The oracle for Calico's selector language: its own parser, asked by selectors.ts in lines of JSON.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/projectcalico/calico/libcalico-go/lib/selector"
)

type question struct {
	Selectors []string            `json:"selectors"`
	Labels    []map[string]string `json:"labels"`
}

type answer struct {
	// For each selector a character for each set of labels: a for matches, d for does not; or x for a selector that is refused.
	Verdicts []string `json:"verdicts"`
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	write := json.NewEncoder(out)
	read := json.NewDecoder(bufio.NewReader(os.Stdin))
	for {
		var asked question
		err := read.Decode(&asked)
		if err == io.EOF {
			return
		}
		check(err)
		check(write.Encode(judge(asked)))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(asked question) answer {
	result := answer{Verdicts: []string{}}
	for _, text := range asked.Selectors {
		result.Verdicts = append(result.Verdicts, verdicts(text, asked.Labels))
	}
	return result
}

func verdicts(text string, sets []map[string]string) string {
	parsed, err := selector.Parse(text)
	if err != nil {
		return "x"
	}
	letters := make([]byte, len(sets))
	for i, labels := range sets {
		letters[i] = 'd'
		if parsed.Evaluate(labels) {
			letters[i] = 'a'
		}
	}
	return string(letters)
}

// Answers questions with Cilium's own policy engine: JSON lines in, one JSON line out for each. See ../README.md.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"

	"github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2/validator"
	"github.com/cilium/cilium/pkg/logging"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError + 1}))

// portNames are the names that questions may use; LookupFlow wants to be told of them.
var portNames = []string{"http", "https", "metrics", "dns", "dns-tcp", "web", "api", "grpc", "admin", "span"}

func compile(pattern string) (*regexp.Regexp, error) { return regexp.Compile(pattern) }

func main() {
	slog.SetDefault(quiet)
	logging.SetLogLevel(slog.LevelError + 1)
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		if err := bench(os.Stdin, os.Stdout); err != nil {
			fail(err)
		}
		return
	}
	var err error
	if schemas, err = validator.NewNPValidator(quiet); err != nil {
		fail(err)
	}
	if err = serve(os.Stdin, os.Stdout); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func serve(in io.Reader, out io.Writer) error {
	reader := bufio.NewReaderSize(in, 1<<20)
	writer := bufio.NewWriter(out)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			if err := encoder.Encode(answerLine(line)); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return writer.Flush()
		}
		if err != nil {
			return err
		}
		// Whoever asks one question at a time waits for its answer.
		if reader.Buffered() == 0 {
			if err := writer.Flush(); err != nil {
				return err
			}
		}
	}
}

type lineError struct {
	Error string `json:"error"`
}

func answerLine(line []byte) any {
	var one question
	if err := json.Unmarshal(line, &one); err != nil {
		return lineError{err.Error()}
	}
	switch {
	case one.World != nil:
		world, err := newWorld(one.World)
		if err != nil {
			return lineError{err.Error()}
		}
		worlds[one.World.ID] = world
		return struct{}{}
	case one.Case != nil:
		return answerCase(one.Case)
	case one.Names != nil:
		return answerNames(one.Names)
	}
	return lineError{"the line asks nothing"}
}

// The second oracle for Istio: its own control plane makes the proxy's configuration, and its own simulation sends connections through it.
// Asked by pilot.ts in lines of JSON.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pilot/pkg/simulation"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/log"
)

type call struct {
	// The name asked for; empty for a bare address.
	Host    string `json:"host"`
	Address string `json:"address"`
	Port    int    `json:"port"`
	// tls (with the name as server name, if there is one) or http.
	Speech string `json:"speech"`
}

type question struct {
	// Sidecars and ServiceEntries as the API gives them.
	Objects   []json.RawMessage `json:"objects"`
	Mesh      string            `json:"mesh"`
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	Calls     []call            `json:"calls"`
}

type answer struct {
	// A character a call: a for what is sent on, o for what is sent to the endpoints of another host, d for what is not.
	Verdicts string `json:"verdicts"`
	Error    string `json:"error,omitempty"`
}

func main() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
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
		check(out.Flush())
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// In a goroutine of its own, since a failure ends the goroutine.
func judge(asked question) answer {
	place := &place{}
	result := answer{Error: "the simulation gave up"}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer place.cleanUp()
		defer func() {
			if problem := recover(); problem != nil {
				result = answer{Error: fmt.Sprint(problem)}
			}
		}()
		result = answer{Verdicts: verdicts(place, asked)}
	}()
	<-done
	if place.problem != "" {
		result = answer{Error: place.problem}
	}
	return result
}

func verdicts(place *place, asked question) string {
	texts := make([]string, len(asked.Objects))
	for i, one := range asked.Objects {
		texts[i] = string(one)
	}
	config, err := mesh.ApplyMeshConfigDefaults(asked.Mesh)
	check(err)
	made := core.NewConfigGenTest(place, core.TestOptions{ConfigString: strings.Join(texts, "\n---\n"), MeshConfig: config})
	proxy := made.SetupProxy(&model.Proxy{
		ConfigNamespace: asked.Namespace,
		Labels:          asked.Labels,
		Metadata:        &model.NodeMetadata{Namespace: asked.Namespace, Labels: asked.Labels, IstioVersion: "1.31.0"},
	})
	sim := simulation.NewSimulationFromConfigGen(&testing.T{}, made, proxy)
	letters := make([]byte, len(asked.Calls))
	for i, one := range asked.Calls {
		letters[i] = verdict(sim.Run(callOf(one)), one.Host)
	}
	return string(letters)
}

func callOf(one call) simulation.Call {
	made := simulation.Call{
		Address:    one.Address,
		Port:       one.Port,
		Protocol:   simulation.HTTP,
		HostHeader: one.Host,
		CallMode:   simulation.CallModeOutbound,
	}
	if one.Host == "" {
		made.HostHeader = one.Address
	}
	if one.Speech == "tls" {
		made.TLS = simulation.TLS
		made.HostHeader = one.Host
		made.Sni = one.Host
	}
	return made
}

func verdict(result simulation.Result, host string) byte {
	if result.Error != nil || result.ClusterMatched == "" || result.ClusterMatched == "BlackHoleCluster" {
		return 'd'
	}
	// outbound|PORT|SUBSET|HOST
	parts := strings.Split(result.ClusterMatched, "|")
	if host == "" || len(parts) != 4 || covers(parts[3], host) {
		return 'a'
	}
	return 'o'
}

func covers(known, host string) bool {
	return known == host || (strings.HasPrefix(known, "*.") && strings.HasSuffix(host, known[1:]))
}

// Stands in for the test that Istio's test code expects to run in.
type place struct {
	problem string
	cleanup []func()
}

func (p *place) cleanUp() {
	for i := len(p.cleanup) - 1; i >= 0; i-- {
		p.cleanup[i]()
	}
}

func (p *place) Fail()    { p.problem = "failed" }
func (p *place) FailNow() { p.fatal("failed") }
func (p *place) Fatal(args ...any) {
	p.fatal(fmt.Sprint(args...))
}
func (p *place) Fatalf(format string, args ...any) {
	p.fatal(fmt.Sprintf(format, args...))
}
func (p *place) Log(...any)          {}
func (p *place) Logf(string, ...any) {}
func (p *place) TempDir() string     { return os.TempDir() }
func (p *place) Helper()             {}
func (p *place) Cleanup(last func()) { p.cleanup = append(p.cleanup, last) }
func (p *place) Skip(...any)         { p.fatal("skipped") }

func (p *place) fatal(problem string) {
	p.problem = problem
	runtime.Goexit()
}

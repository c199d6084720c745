// The oracle for NetworkPolicies: Cyclonus's own cases and its matcher's verdicts, asked by cyclonus.ts over standard input and output.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

type containerPort struct {
	Name     string      `json:"name"`
	Port     int         `json:"port"`
	Protocol v1.Protocol `json:"protocol"`
}

type pod struct {
	Namespace       string            `json:"namespace"`
	Name            string            `json:"name"`
	Labels          map[string]string `json:"labels"`
	NamespaceLabels map[string]string `json:"namespaceLabels"`
	IPs             []string          `json:"ips"`
	Ports           []containerPort   `json:"ports"`
}

type query struct {
	From     int         `json:"from"`
	Address  string      `json:"address"`
	Port     int         `json:"port"`
	Protocol v1.Protocol `json:"protocol"`
}

type question struct {
	Policies []*networkingv1.NetworkPolicy `json:"policies"`
	Pods     []pod                         `json:"pods"`
	Queries  []query                       `json:"queries"`
}

type answer struct {
	// A character a query: a for allowed, d for denied.
	Verdicts string `json:"verdicts"`
	// What the matcher says about policies that it does not take.
	Error string `json:"error,omitempty"`
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	write := json.NewEncoder(out)
	if len(os.Args) == 2 && os.Args[1] == "cases" {
		for _, one := range cases() {
			check(write.Encode(one))
		}
		return
	}
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

func judge(asked question) (result answer) {
	defer func() {
		if problem := recover(); problem != nil {
			result = answer{Error: fmt.Sprint(problem)}
		}
	}()
	policy := matcher.BuildNetworkPolicies(false, asked.Policies)
	verdicts := make([]byte, len(asked.Queries))
	for i, one := range asked.Queries {
		verdicts[i] = verdict(policy, traffic(asked.Pods, one))
	}
	return answer{Verdicts: string(verdicts)}
}

func verdict(policy *matcher.Policy, packet *matcher.Traffic) byte {
	if policy.IsIngressOrEgressAllowed(packet, false).IsAllowed() {
		return 'a'
	}
	return 'd'
}

func traffic(pods []pod, asked query) *matcher.Traffic {
	from := pods[asked.From]
	packet := &matcher.Traffic{
		Source:       peer(&from, from.IPs[0]),
		Destination:  peer(nil, asked.Address),
		ResolvedPort: asked.Port,
		Protocol:     asked.Protocol,
	}
	if to := owner(pods, asked.Address); to != nil {
		packet.Destination = peer(to, asked.Address)
		packet.ResolvedPortName = portName(to, asked.Port, asked.Protocol)
	}
	return packet
}

func peer(one *pod, address string) *matcher.TrafficPeer {
	if one == nil {
		return &matcher.TrafficPeer{IP: address}
	}
	internal := &matcher.InternalPeer{
		PodLabels:       one.Labels,
		NamespaceLabels: one.NamespaceLabels,
		Namespace:       one.Namespace,
	}
	return &matcher.TrafficPeer{IP: address, Internal: internal}
}

func owner(pods []pod, address string) *pod {
	for i := range pods {
		for _, ip := range pods[i].IPs {
			if ip == address {
				return &pods[i]
			}
		}
	}
	return nil
}

func portName(one *pod, port int, protocol v1.Protocol) string {
	for _, candidate := range one.Ports {
		if candidate.Port == port && candidate.Protocol == protocol {
			return candidate.Name
		}
	}
	return ""
}

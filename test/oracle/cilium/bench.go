package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"time"

	fqdndns "github.com/cilium/cilium/pkg/fqdn/dns"
	"github.com/cilium/cilium/pkg/policy/api"
)

// benchQuestion: how long Cilium's engine takes to decide about one destination for every pod of a world, and to match names.
type benchQuestion struct {
	World   worldQuestion     `json:"world"`
	Objects []json.RawMessage `json:"objects"`
	// Destination needs no pod: each is asked.
	Destination query           `json:"destination"`
	Names       []namesQuestion `json:"names"`
	// Repeat is how often each selector is held against its names; 1 if absent.
	Repeat int `json:"repeat"`
}

// benchAnswer has nanoseconds in all, not for each.
type benchAnswer struct {
	Policies int `json:"policies"`
	Pods     int `json:"pods"`
	Allowed  int `json:"allowed"`
	Errors   int `json:"errors"`
	// ParseNs: JSON to policy entries. RepositoryNs: the entries and all identities into the repository.
	ParseNs      int64 `json:"parseNs"`
	RepositoryNs int64 `json:"repositoryNs"`
	// ResolveNs: the policy of every pod, resolved and distilled. DecideNs: the one lookup in each.
	ResolveNs int64 `json:"resolveNs"`
	DecideNs  int64 `json:"decideNs"`
	Pairs     int   `json:"pairs"`
	Matched   int   `json:"matched"`
	// CompileNs: the regular expressions. MatchNs: all pairs.
	CompileNs int64 `json:"compileNs"`
	MatchNs   int64 `json:"matchNs"`
}

func bench(in io.Reader, out io.Writer) error {
	var question benchQuestion
	if err := json.NewDecoder(in).Decode(&question); err != nil {
		return err
	}
	answer := benchAnswer{}
	if len(question.Objects) > 0 {
		if err := benchPolicies(&question, &answer); err != nil {
			return err
		}
	}
	if err := benchNames(&question, &answer); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(answer)
}

func benchPolicies(question *benchQuestion, answer *benchAnswer) error {
	world, err := newWorld(&question.World)
	if err != nil {
		return err
	}
	protocol, err := protocolOf(question.Destination.Protocol)
	if err != nil {
		return err
	}
	if len(question.Destination.Addresses) != 1 {
		return fmt.Errorf("the destination of a bench is one address")
	}
	began := time.Now()
	set, err := parsePolicies(question.Objects, world)
	if err != nil {
		return err
	}
	answer.Policies, answer.ParseNs = len(set.answers), time.Since(began).Nanoseconds()
	node := ""
	if len(world.objects.pods) > 0 {
		node = world.objects.pods[0].Spec.NodeName
	}
	began = time.Now()
	agent, err := newAgent(world, node, set, []query{question.Destination})
	if err != nil {
		return err
	}
	answer.RepositoryNs = time.Since(began).Nanoseconds()
	to := agent.peers.of(netip.MustParseAddr(question.Destination.Addresses[0]), question.Destination.Host)
	for _, pod := range world.objects.pods {
		if !hasEndpoint(pod) {
			continue
		}
		answer.Pods++
		began = time.Now()
		e := agent.endpointOf(pod)
		resolved := time.Now()
		answer.ResolveNs += resolved.Sub(began).Nanoseconds()
		if e.problem != nil {
			answer.Errors++
			continue
		}
		if e.lookup(to, question.Destination.Port, protocol).decision == "allowed" {
			answer.Allowed++
		}
		answer.DecideNs += time.Since(resolved).Nanoseconds()
	}
	return nil
}

func benchNames(question *benchQuestion, answer *benchAnswer) error {
	matchers := make([]*regexp.Regexp, len(question.Names))
	began := time.Now()
	for index, one := range question.Names {
		selector := api.FQDNSelector{MatchName: one.MatchName, MatchPattern: one.MatchPattern}
		matcher, err := selector.ToRegex()
		if err != nil {
			return err
		}
		matchers[index] = matcher
	}
	answer.CompileNs = time.Since(began).Nanoseconds()
	names := make([][]string, len(question.Names))
	for index, one := range question.Names {
		for _, name := range one.Names {
			names[index] = append(names[index], fqdndns.FQDN(name))
		}
	}
	began = time.Now()
	for range max(question.Repeat, 1) {
		for index, matcher := range matchers {
			for _, name := range names[index] {
				answer.Pairs++
				if matcher.MatchString(name) {
					answer.Matched++
				}
			}
		}
	}
	answer.MatchNs = time.Since(began).Nanoseconds()
	return nil
}

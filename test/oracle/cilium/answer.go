package main

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/cilium/cilium/pkg/fqdn/restore"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/u8proto"
)

var worlds = map[string]*world{}

func answerCase(question *caseQuestion) caseAnswer {
	world := worlds[question.World]
	if world == nil {
		return caseAnswer{Error: "no such world: " + question.World}
	}
	if _, err := applySettings(world.config); err != nil {
		return caseAnswer{Error: err.Error()}
	}
	set, err := parsePolicies(question.Objects, world)
	if err != nil {
		return caseAnswer{Error: err.Error()}
	}
	agents := map[string]*agent{}
	answer := caseAnswer{Policies: set.answers, Answers: make([]queryAnswer, 0, len(question.Queries))}
	for _, query := range question.Queries {
		one, err := answerQuery(world, set, agents, query, question.Queries)
		if err != nil {
			return caseAnswer{Error: err.Error()}
		}
		answer.Answers = append(answer.Answers, one)
	}
	return answer
}

func answerQuery(world *world, set *policySet, agents map[string]*agent, query query, all []query) (queryAnswer, error) {
	pod := world.objects.pod(query.Pod)
	if pod == nil {
		return queryAnswer{}, fmt.Errorf("no such pod: %s", query.Pod)
	}
	if pod.Spec.HostNetwork {
		return queryAnswer{Connect: "allowed"}, nil
	}
	protocol, err := protocolOf(query.Protocol)
	if err != nil {
		return queryAnswer{}, err
	}
	node := pod.Spec.NodeName
	if agents[node] == nil {
		if agents[node], err = newAgent(world, node, set, all); err != nil {
			return queryAnswer{}, err
		}
	}
	e := agents[node].endpointOf(pod)
	if e.problem != nil {
		return queryAnswer{Error: e.problem.Error()}, nil
	}
	if e.unstable {
		return queryAnswer{Error: "unstable: two filters share one redirect, or two selectors one key"}, nil
	}
	if err := crossCheck(agents[node], e, query, protocol); err != nil {
		return queryAnswer{}, err
	}
	return agents[node].decide(e, query, protocol), nil
}

func (a *agent) decide(e *endpoint, query query, protocol u8proto.U8proto) queryAnswer {
	answer := queryAnswer{}
	if query.Host != "" {
		answer.Lookup, answer.Learned = a.lookupName(e, query.Host)
	}
	for _, text := range query.Addresses {
		address := netip.MustParseAddr(text)
		bare := e.lookup(a.peers.of(address, ""), query.Port, protocol)
		named := e.lookup(a.peers.of(address, query.Host), query.Port, protocol)
		if answer.Learned || query.Host == "" || bare.decision == named.decision {
			answer.Connect = combine(answer.Connect, named.decision)
		} else {
			answer.Connect = "depends"
		}
		if named.parser != policy.ParserTypeNone {
			answer.Redirect = string(named.parser)
		}
	}
	return answer
}

func combine(before, now string) string {
	switch {
	case before == "" || before == now:
		return now
	case before != "allowed" && before != "depends" && now != "allowed":
		return "denied"
	}
	return "depends"
}

// lookupName asks every server that the cluster's DNS may send the question to.
func (a *agent) lookupName(e *endpoint, host string) (outcome string, learned bool) {
	learned = len(a.world.dns) > 0
	for _, server := range a.world.dns {
		one, taught := a.askServer(e, server, host)
		learned = learned && taught
		if outcome != "" && outcome != one {
			one = "depends"
		}
		outcome = one
	}
	return outcome, learned
}

func (a *agent) askServer(e *endpoint, server dnsServer, host string) (outcome string, learned bool) {
	to := a.peers.podID(a.world.objects.pod(server.Pod))
	found := e.lookup(to, server.Port, u8proto.UDP)
	switch {
	case found.decision != "allowed":
		return "denied", false
	case found.parser == policy.ParserTypeNone:
		return "allowed", false
	case found.parser != policy.ParserTypeDNS:
		return "depends", false
	}
	address, _ := netip.ParseAddr(a.world.objects.pod(server.Pod).Status.PodIP)
	ok, err := e.proxy.CheckAllowed(e.id, restore.MakeV2PortProto(server.Port, u8proto.UDP), to.ID, address, host)
	if err != nil || !ok {
		return "refused", false
	}
	return "allowed", true
}

// crossCheck holds the lookups above against Cilium's own LookupFlow wherever that can tell, which is without redirects.
func crossCheck(a *agent, e *endpoint, query query, protocol u8proto.U8proto) error {
	if len(e.parsers) > 0 || len(query.Addresses) == 0 {
		return nil
	}
	to := a.peers.of(netip.MustParseAddr(query.Addresses[0]), query.Host)
	own := e.lookup(to, query.Port, protocol)
	allowed, known, err := lookupFlow(a, e, to, query.Port, protocol)
	if err != nil && strings.Contains(err.Error(), "(to) failed") {
		return nil // The destination is a pod whose own policies cannot be worked out.
	}
	if err != nil {
		return fmt.Errorf("LookupFlow: %w", err)
	}
	// LookupFlow knows no named ports of SCTP.
	if protocol != u8proto.SCTP && known && (own.decision == "allowed") != allowed {
		return fmt.Errorf("LookupFlow says %t, the map state %s: %+v", allowed, own.decision, query)
	}
	return nil
}

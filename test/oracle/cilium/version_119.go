//go:build !cilium118 && !cilium120

package main

import (
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

func (e *endpoint) PreviousMapState() *policy.MapState { return nil }

// lookupFlow asks Cilium's own function of this name; it can always tell.
func lookupFlow(a *agent, e *endpoint, to *identity.Identity, port uint16, protocol u8proto.U8proto) (allowed, known bool, err error) {
	flow := types.Flow{From: e.identity, To: to, Proto: protocol, Dport: port, NamedPortsTCP: map[string]uint16{}, NamedPortsUDP: map[string]uint16{}}
	for _, name := range portNames {
		flow.NamedPortsTCP[name] = e.GetNamedPort(false, name, u8proto.TCP)
		flow.NamedPortsUDP[name] = e.GetNamedPort(false, name, u8proto.UDP)
	}
	result, _, _, err := policy.LookupFlow(quiet, a.repo, a.manager, flow)
	return result.Egress == types.DecisionAllowed, true, err
}

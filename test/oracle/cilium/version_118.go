//go:build cilium118

package main

import (
	"github.com/cilium/cilium/pkg/fqdn/dnsproxy"
	"github.com/cilium/cilium/pkg/fqdn/re"
	"github.com/cilium/cilium/pkg/identity"
	ipcachetypes "github.com/cilium/cilium/pkg/ipcache/types"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/u8proto"
)

const localClusterByDefault = false

type policyEntries = api.Rules

func rulesToEntries(rules api.Rules) policyEntries { return rules }

func fillRepository(a *agent, _ identity.IdentityMap, entries policyEntries) {
	a.repo.ReplaceByResource(entries, ipcachetypes.ResourceID("oracle"))
}

// The agent's size of the cache that its regular expressions are compiled through.
func init() {
	if err := re.InitRegexCompileLRU(quiet, 1024); err != nil {
		fail(err)
	}
}

func addEncoded(labels.Labels, labels.Label) {}

func newDNSProxy() *dnsproxy.DNSProxy {
	return dnsproxy.NewDNSProxy(dnsproxy.DNSProxyConfig{Logger: quiet}, nil, nil, nil)
}

func (e *endpoint) MapStateSize() int { return 0 }

// lookupFlow cannot tell whether a denial is the own policy's or that of the pod asked for.
func lookupFlow(a *agent, e *endpoint, to *identity.Identity, port uint16, protocol u8proto.U8proto) (allowed, known bool, err error) {
	from := &policy.EndpointInfo{ID: e.id, Logger: quiet}
	there := &policy.EndpointInfo{ID: uint64(to.ID), Logger: quiet, TCPNamedPorts: map[string]uint16{}, UDPNamedPorts: map[string]uint16{}}
	for _, name := range portNames {
		there.TCPNamedPorts[name] = e.GetNamedPort(false, name, u8proto.TCP)
		there.UDPNamedPorts[name] = e.GetNamedPort(false, name, u8proto.UDP)
	}
	a.manager.Add(to)
	result, _, _, err := policy.LookupFlow(quiet, a.repo, policy.Flow{From: e.identity, To: to, Proto: protocol, Dport: port}, from, there)
	return result == api.Allowed, result == api.Allowed, err
}

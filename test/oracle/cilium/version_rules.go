//go:build !cilium118

package main

import (
	"sync"

	"github.com/cilium/cilium/pkg/fqdn/dnsproxy"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/policy/utils"
)

const localClusterByDefault = true

// From 1.19 on the repository holds entries of its own instead of the API's rules.
type policyEntries = types.PolicyEntries

func rulesToEntries(rules api.Rules) policyEntries { return utils.RulesToPolicyEntries(rules) }

func fillRepository(a *agent, ids identity.IdentityMap, entries policyEntries) {
	wg := &sync.WaitGroup{}
	a.repo.GetSubjectSelectorCache().UpdateIdentities(ids, nil, wg)
	wg.Wait()
	a.repo.MustAddPolicyEntries(entries)
}

func addEncoded(set labels.Labels, label labels.Label) {
	encoded := labels.EncodedCIDRGroupLabel(label.Key, label.Value, label.Source)
	set[encoded.Key] = encoded
}

func newDNSProxy() *dnsproxy.DNSProxy {
	return dnsproxy.NewDNSProxy(dnsproxy.DNSProxyConfig{Logger: quiet}, nil, nil)
}

//go:build cilium120

package main

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"

	policyv1alpha2 "sigs.k8s.io/network-policy-api/apis/v1alpha2"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/k8s"
	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	slim_corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"
	ciliumtypes "github.com/cilium/cilium/pkg/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

// From 1.20 on a port name has the number that the pod asked for gives it.
type namedPorts interface {
	ciliumtypes.NamedPortMultiMap
	Update(nid identity.NumericIdentity, old, new ciliumtypes.NamedPortMap) bool
}

func newPorts() namedPorts { return ciliumtypes.NewNamedPortMultiMap() }

func (w *world) addPorts(id *identity.Identity, named ciliumtypes.NamedPortMap) {
	w.ports.Update(id.ID, nil, named)
}

// GetNamedPorts makes a world what the repository asks for them.
func (w *world) GetNamedPorts() ciliumtypes.NamedPortMultiMap { return w.ports }

func podMetadata(namespace *slim_corev1.Namespace, pod *slim_corev1.Pod) (labels.Labels, ciliumtypes.NamedPortMap) {
	named, podLabels := k8s.GetPodMetadata(quiet, namespace, pod)
	identityLabels, _ := labelsfilter.Filter(labels.Map2Labels(podLabels, labels.LabelSourceK8s))
	for _, label := range k8s.NamedPortsIdentityLabels(named) {
		identityLabels[label.Key] = label
	}
	return identityLabels, named
}

// podID: where ranges hold pods, a pod has the labels of its addresses too (pkg/endpoint, computeCIDRLabelsRLocked).
func (p *peers) podID(pod *slim_corev1.Pod) *identity.Identity {
	key := pod.Namespace + "/" + pod.Name
	plain := p.world.podIDs[key]
	if plain == nil || !option.Config.PolicyCIDRMatchesPods() {
		return plain
	}
	if known, ok := p.known[key]; ok {
		return known
	}
	set := labels.Labels{}
	set.MergeLabels(plain.Labels)
	for _, ip := range pod.Status.PodIPs {
		for _, label := range p.addressLabels(netip.MustParseAddr(ip.IP)) {
			if label.Source == labels.LabelSourceCIDR || label.Source == labels.LabelSourceCIDRGroup {
				set[label.GetExtendedKey()] = label
			}
		}
	}
	p.known[key] = identity.NewIdentity(plain.ID, set)
	return p.known[key]
}

func (e *endpoint) GetIngressNamedPort(string, u8proto.U8proto) uint16  { return 0 }
func (e *endpoint) PreviousMapStateSizes() (sizes policy.MapStateSizes) { return sizes }
func derived(*ciliumv2.CiliumNetworkPolicy) bool                        { return false }

func (e *endpoint) portsOf(resolved policy.SelectorPolicy, filter *policy.L4Filter) (ports []uint16) {
	switch {
	case filter.Port != 0 || filter.PortName == "":
		return []uint16{filter.Port}
	case filter.Ingress:
		return nil
	}
	for _, port := range resolved.GetEgressNamedPorts(filter.PortName, filter.U8Proto, filter.Identities(resolved.GetSelectorSnapshot())) {
		ports = append(ports, port)
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

func selectorPolicy(a *agent, e *endpoint) (policy.SelectorPolicy, error) {
	a.repo.SetNamedPortsGetter(a.world)
	resolved, _, err := a.repo.ComputeSelectorPolicy(e.identity)
	return resolved, err
}

// lookupFlow asks Cilium's own function of this name; it can always tell.
func lookupFlow(a *agent, e *endpoint, to *identity.Identity, port uint16, protocol u8proto.U8proto) (allowed, known bool, err error) {
	flow := types.Flow{From: e.identity, To: to, Proto: protocol, Dport: port}
	result, _, _, err := policy.LookupFlow(quiet, a.repo, a.manager, flow)
	return result.Egress == types.DecisionAllowed, true, err
}

func (set *policySet) addClusterPolicy(raw json.RawMessage, world *world) policyAnswer {
	object := &policyv1alpha2.ClusterNetworkPolicy{}
	if err := json.Unmarshal(raw, object); err != nil {
		return policyAnswer{Error: err.Error(), Rejected: err.Error()}
	}
	if world.config["enable-k8s-cluster-network-policy"] != "true" {
		return policyAnswer{}
	}
	entries, err := k8s.ParseClusterNetworkPolicy(quiet, world.settings.policyCluster(), object)
	if err != nil {
		return policyAnswer{Error: err.Error()}
	}
	set.entries = append(set.entries, entries...)
	for _, entry := range entries {
		for _, peer := range entry.L3 {
			if name, ok := peer.GetFQDNSelector(); ok {
				set.names = append(set.names, *name)
			}
		}
	}
	return policyAnswer{}
}

// isDefaultDeny tells the deny of everything, which the repository adds for isolated pods that a rule may pass, from rules of users.
func isDefaultDeny(origin policy.RuleMeta) bool {
	return strings.Contains(string(origin.LabelArrayListString()), policy.LabelDenyAnyEgress)
}

// sharesKey: an empty cidrGroupSelector has the key of the selector of everything, and the agent keeps the one it meets first.
func sharesKey(rules api.Rules) bool {
	isEmpty := func(sets api.CIDRRuleSlice) bool {
		return slices.ContainsFunc(sets, func(one api.CIDRRule) bool {
			selector := one.CIDRGroupSelector.LabelSelector
			return selector != nil && len(selector.MatchLabels)+len(selector.MatchExpressions)+len(one.ExceptCIDRs) == 0
		})
	}
	for _, rule := range rules {
		for _, egress := range rule.Egress {
			if isEmpty(egress.ToCIDRSet) {
				return true
			}
		}
		for _, egress := range rule.EgressDeny {
			if isEmpty(egress.ToCIDRSet) {
				return true
			}
		}
	}
	return false
}

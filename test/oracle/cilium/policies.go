package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	_ "unsafe" // for go:linkname

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/cilium/cilium/pkg/k8s"
	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	"github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2/validator"
	slim_networkingv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	k8sutils "github.com/cilium/cilium/pkg/k8s/utils"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/loadbalancer"
	"github.com/cilium/cilium/pkg/policy/api"
	_ "github.com/cilium/cilium/pkg/policy/k8s"
)

// policySet is what the agent makes of the policies of a case.
type policySet struct {
	entries policyEntries
	names   []api.FQDNSelector
	groups  []*ciliumv2.CiliumCIDRGroup
	answers []policyAnswer
	// unstable: what a selector stands for depends on which of two the agent met first.
	unstable bool
}

// schemas are the API server's; nil in a bench, where its part is not the agent's.
var schemas *validator.NPValidator

func parsePolicies(raws []json.RawMessage, world *world) (*policySet, error) {
	set := &policySet{}
	for _, raw := range raws {
		var head kindOf
		if err := json.Unmarshal(raw, &head); err != nil {
			return nil, err
		}
		switch head.Kind {
		case "CiliumCIDRGroup":
			group := &ciliumv2.CiliumCIDRGroup{}
			if err := json.Unmarshal(raw, group); err != nil {
				return nil, err
			}
			set.groups = append(set.groups, group)
		case "ClusterNetworkPolicy":
			set.answers = append(set.answers, set.addClusterPolicy(raw, world))
		case "NetworkPolicy":
			set.answers = append(set.answers, set.addNetworkPolicy(raw, world))
		case "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy":
			set.answers = append(set.answers, set.addCilium(raw, head.Kind, world))
		default:
			return nil, fmt.Errorf("a case holds no %s", head.Kind)
		}
	}
	return set, nil
}

func (set *policySet) addNetworkPolicy(raw json.RawMessage, world *world) policyAnswer {
	object := &slim_networkingv1.NetworkPolicy{}
	if err := json.Unmarshal(raw, object); err != nil {
		return policyAnswer{Error: err.Error(), Rejected: err.Error()}
	}
	entries, err := k8s.ParseNetworkPolicy(quiet, world.settings.policyCluster(), object)
	if err != nil {
		return policyAnswer{Error: err.Error()}
	}
	set.entries = append(set.entries, entries...)
	return policyAnswer{}
}

func (set *policySet) addCilium(raw json.RawMessage, kind string, world *world) policyAnswer {
	answer := policyAnswer{Rejected: rejection(raw, kind)}
	// The agent keeps both kinds in this type, and Parse tells them apart by the namespace.
	object := &ciliumv2.CiliumNetworkPolicy{}
	if err := json.Unmarshal(raw, object); err != nil {
		answer.Error = err.Error()
		return answer
	}
	resolveServices(object, world)
	rules, err := object.Parse(quiet, world.settings.policyCluster())
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	for _, rule := range rules {
		for _, egress := range rule.Egress {
			set.names = append(set.names, egress.ToFQDNs...)
		}
	}
	set.unstable = set.unstable || sharesKey(rules)
	if derived(object) {
		answer.Error = "toGroups: only a derived policy is imported"
		return answer
	}
	set.entries = append(set.entries, rulesToEntries(rules)...)
	return answer
}

func rejection(raw json.RawMessage, kind string) string {
	if schemas == nil {
		return ""
	}
	object := &unstructured.Unstructured{}
	if err := json.Unmarshal(raw, &object.Object); err != nil {
		return err.Error()
	}
	validate := schemas.ValidateCNP
	if kind == "CiliumClusterwideNetworkPolicy" {
		validate = schemas.ValidateCCNP
	}
	if err := validate(object); err != nil {
		return err.Error()
	}
	return ""
}

// serviceEndpoints has the layout of the unexported type of pkg/policy/k8s, so that its own translation of toServices can be run.
type serviceEndpoints struct {
	svc             *loadbalancer.Service
	backendPrefixes func() []api.CIDR
	// Only Cilium 1.18 reads this one.
	highScaleIPcache bool
}

//go:linkname processRule github.com/cilium/cilium/pkg/policy/k8s.(*serviceEndpoints).processRule
func processRule(s *serviceEndpoints, rule *api.Rule) int

func resolveServices(policy *ciliumv2.CiliumNetworkPolicy, world *world) {
	if !hasServices(policy) {
		return
	}
	for _, service := range world.objects.services {
		endpoints := &serviceEndpoints{
			svc: &loadbalancer.Service{
				Name:     loadbalancer.NewServiceName(service.Namespace, service.Name),
				Labels:   labels.Map2Labels(service.Labels, labels.LabelSourceK8s),
				Selector: service.Spec.Selector,
			},
			backendPrefixes: func() []api.CIDR { return prefixesOf(world.objects.backends(service.Namespace, service.Name)) },
		}
		processRule(endpoints, policy.Spec)
		for _, rule := range policy.Specs {
			processRule(endpoints, rule)
		}
	}
}

func hasServices(policy *ciliumv2.CiliumNetworkPolicy) bool {
	for _, rule := range append(api.Rules{policy.Spec}, policy.Specs...) {
		if rule == nil {
			continue
		}
		for _, egress := range rule.Egress {
			if len(egress.ToServices) > 0 {
				return true
			}
		}
	}
	return false
}

func prefixesOf(addresses []string) []api.CIDR {
	prefixes := []api.CIDR{}
	for _, address := range addresses {
		ip := netip.MustParseAddr(address)
		prefixes = append(prefixes, api.CIDR(netip.PrefixFrom(ip, ip.BitLen()).String()))
	}
	return prefixes
}

// groupLabels are the labels that membership in a group gives to a prefix, as pkg/policy/k8s (cidrsAndLabelsForCIDRGroup) makes them.
func groupLabels(group *ciliumv2.CiliumCIDRGroup) labels.Labels {
	result := labels.Labels{}
	for key, value := range k8sutils.RemoveCiliumLabels(group.Labels) {
		label := labels.NewLabel(key, value, labels.LabelSourceCIDRGroup)
		result[label.Key] = label
		addEncoded(result, label)
	}
	label := api.LabelForCIDRGroupRef(group.Name)
	result[label.Key] = label
	return result
}

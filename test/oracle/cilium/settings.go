package main

import (
	"strings"

	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
)

// settings are the keys of cilium-config that change verdicts.
type settings struct {
	clusterName  string
	localCluster bool
}

// applySettings sets Cilium's global configuration as the agent does from its ConfigMap; absent keys mean the defaults.
func applySettings(config map[string]string) (settings, error) {
	on := func(key string, fallback bool) bool {
		if value, ok := config[key]; ok {
			return value == "true"
		}
		return fallback
	}
	option.Config.EnableIPv4 = on("enable-ipv4", true)
	option.Config.EnableIPv6 = on("enable-ipv6", true)
	option.Config.EnableL7Proxy = on("enable-l7-proxy", true)
	option.Config.EnableICMPRules = on("enable-icmp-rules", true)
	option.Config.EnableNonDefaultDenyPolicies = on("enable-non-default-deny-policies", true)
	option.Config.EnableNodeSelectorLabels = on("enable-node-selector-labels", false)
	option.Config.PolicyCIDRMatchMode = strings.Fields(config["policy-cidr-match-mode"])
	mode := config["enable-policy"]
	if mode == "" {
		mode = option.DefaultEnforcement
	}
	policy.SetPolicyEnabled(mode)
	name := config["cluster-name"]
	if name == "" {
		name = "default"
	}
	option.Config.ClusterName = name
	api.InitEntities(name)
	err := labelsfilter.ParseLabelPrefixCfg(quiet, strings.Fields(config["labels"]), nil, "")
	return settings{clusterName: name, localCluster: on("policy-default-local-cluster", localClusterByDefault)}, err
}

// policyCluster is the cluster that selectors without one mean; empty for any.
func (s settings) policyCluster() string {
	if s.localCluster {
		return s.clusterName
	}
	return ""
}

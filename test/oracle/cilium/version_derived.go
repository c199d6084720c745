//go:build !cilium120

package main

import (
	"encoding/json"

	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
)

func derived(object *ciliumv2.CiliumNetworkPolicy) bool { return object.RequiresDerivative() }

func (set *policySet) addClusterPolicy(json.RawMessage, *world) policyAnswer {
	return policyAnswer{Error: "before 1.20 the agent knows no ClusterNetworkPolicy"}
}

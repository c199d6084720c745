package main

import (
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	slim_corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
)

// question is one line of the input: exactly one of the parts is set.
type question struct {
	World *worldQuestion `json:"world,omitempty"`
	Case  *caseQuestion  `json:"case,omitempty"`
	Names *namesQuestion `json:"names,omitempty"`
}

// worldQuestion announces objects that later cases refer to by id.
type worldQuestion struct {
	ID      string            `json:"id"`
	Config  map[string]string `json:"config"`
	Objects []json.RawMessage `json:"objects"`
	// DNS lists the servers that a lookup may reach, as NAMESPACE/POD and the port behind the Service.
	DNS []dnsServer `json:"dns"`
}

type dnsServer struct {
	Pod  string `json:"pod"`
	Port uint16 `json:"port"`
}

// caseQuestion is a set of policies (and CIDR groups) in a world, and what is asked about it.
type caseQuestion struct {
	World   string            `json:"world"`
	Objects []json.RawMessage `json:"objects"`
	Queries []query           `json:"queries"`
}

type query struct {
	// Pod is NAMESPACE/NAME.
	Pod string `json:"pod"`
	// Host is the name looked up before; empty when an address is used.
	Host      string   `json:"host,omitempty"`
	Addresses []string `json:"addresses"`
	Port      uint16   `json:"port"`
	Protocol  string   `json:"protocol"`
}

type caseAnswer struct {
	Policies []policyAnswer `json:"policies"`
	Answers  []queryAnswer  `json:"answers"`
	Error    string         `json:"error,omitempty"`
}

type policyAnswer struct {
	// Error is why the agent refuses the policy; empty for one that it takes.
	Error string `json:"error,omitempty"`
	// Rejected is why the API server would not have stored it.
	Rejected string `json:"rejected,omitempty"`
}

// queryAnswer: lookup is "", allowed, denied, refused or depends; connect is allowed, explicit, default, denied or depends.
type queryAnswer struct {
	Lookup   string `json:"lookup,omitempty"`
	Learned  bool   `json:"learned,omitempty"`
	Connect  string `json:"connect"`
	Redirect string `json:"redirect,omitempty"`
	Error    string `json:"error,omitempty"`
}

// kindOf is what must be known of an object before it is decoded as its type.
type kindOf struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
}

type nodeObject struct {
	metav1.ObjectMeta `json:"metadata"`
	Status            struct {
		Addresses []struct {
			Type    string `json:"type"`
			Address string `json:"address"`
		} `json:"addresses"`
	} `json:"status"`
}

type serviceObject struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Selector map[string]string `json:"selector"`
	} `json:"spec"`
}

type sliceObject struct {
	metav1.ObjectMeta `json:"metadata"`
	Endpoints         []struct {
		Addresses []string `json:"addresses"`
	} `json:"endpoints"`
}

// objects is what a cluster holds apart from its policies.
type objects struct {
	namespaces map[string]*slim_corev1.Namespace
	pods       []*slim_corev1.Pod
	nodes      []*nodeObject
	services   []*serviceObject
	slices     []*sliceObject
}

func decodeObjects(raws []json.RawMessage) (*objects, error) {
	all := &objects{namespaces: map[string]*slim_corev1.Namespace{}}
	for _, raw := range raws {
		if err := all.add(raw); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (all *objects) add(raw json.RawMessage) error {
	var head kindOf
	if err := json.Unmarshal(raw, &head); err != nil {
		return err
	}
	switch head.Kind {
	case "Namespace":
		namespace := &slim_corev1.Namespace{}
		all.namespaces[head.Name] = namespace
		return json.Unmarshal(raw, namespace)
	case "Pod":
		all.pods = append(all.pods, &slim_corev1.Pod{})
		return json.Unmarshal(raw, all.pods[len(all.pods)-1])
	case "Node":
		all.nodes = append(all.nodes, &nodeObject{})
		return json.Unmarshal(raw, all.nodes[len(all.nodes)-1])
	case "Service":
		all.services = append(all.services, &serviceObject{})
		return json.Unmarshal(raw, all.services[len(all.services)-1])
	case "EndpointSlice":
		all.slices = append(all.slices, &sliceObject{})
		return json.Unmarshal(raw, all.slices[len(all.slices)-1])
	case "ConfigMap", "DaemonSet":
		return nil
	}
	return fmt.Errorf("a world holds no %s", head.Kind)
}

func (all *objects) pod(key string) *slim_corev1.Pod {
	for _, pod := range all.pods {
		if pod.Namespace+"/"+pod.Name == key {
			return pod
		}
	}
	return nil
}

// backends lists the addresses behind a Service.
func (all *objects) backends(namespace, name string) []string {
	var addresses []string
	for _, slice := range all.slices {
		if slice.Namespace != namespace || slice.Labels["kubernetes.io/service-name"] != name {
			continue
		}
		for _, endpoint := range slice.Endpoints {
			addresses = append(addresses, endpoint.Addresses...)
		}
	}
	return addresses
}

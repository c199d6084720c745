//go:build !cilium120

package main

import (
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/k8s"
	slim_corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/spanstat"
	ciliumtypes "github.com/cilium/cilium/pkg/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

// Until 1.19 a port name has one number in the whole cluster.
type namedPorts interface {
	ciliumtypes.NamedPortMultiMap
	Update(old, new ciliumtypes.NamedPortMap) bool
}

func newPorts() namedPorts { return ciliumtypes.NewNamedPortMultiMap() }

func (w *world) addPorts(_ *identity.Identity, named ciliumtypes.NamedPortMap) {
	w.ports.Update(nil, named)
}

func podMetadata(namespace *slim_corev1.Namespace, pod *slim_corev1.Pod) (labels.Labels, ciliumtypes.NamedPortMap) {
	containerPorts, podLabels := k8s.GetPodMetadata(quiet, namespace, pod)
	identityLabels, _ := labelsfilter.Filter(labels.Map2Labels(podLabels, labels.LabelSourceK8s))
	named := ciliumtypes.NamedPortMap{}
	for _, port := range containerPorts {
		if port.Name != "" {
			_ = named.AddPort(port.Name, int(port.ContainerPort), string(port.Protocol))
		}
	}
	return identityLabels, named
}

func (p *peers) podID(pod *slim_corev1.Pod) *identity.Identity {
	return p.world.podIDs[pod.Namespace+"/"+pod.Name]
}

// GetNamedPort looks among the ports of all pods, as pkg/endpoint does for egress.
func (e *endpoint) GetNamedPort(ingress bool, name string, proto u8proto.U8proto) uint16 {
	if ingress {
		return 0
	}
	port, _ := e.world.ports.GetNamedPort(name, proto)
	return port
}

func (e *endpoint) portsOf(_ policy.SelectorPolicy, filter *policy.L4Filter) []uint16 {
	if filter.Port != 0 || filter.PortName == "" {
		return []uint16{filter.Port}
	}
	if port := e.GetNamedPort(filter.Ingress, filter.PortName, filter.U8Proto); port != 0 {
		return []uint16{port}
	}
	return nil
}

type stats struct{ waiting, calculation spanstat.SpanStat }

func (s *stats) WaitingForPolicyRepository() *spanstat.SpanStat { return &s.waiting }
func (s *stats) SelectorPolicyCalculation() *spanstat.SpanStat  { return &s.calculation }

func selectorPolicy(a *agent, e *endpoint) (policy.SelectorPolicy, error) {
	resolved, _, err := a.repo.GetSelectorPolicy(e.identity, 0, &stats{}, e.id)
	return resolved, err
}

func isDefaultDeny(policy.RuleMeta) bool { return false }

func sharesKey(api.Rules) bool { return false }

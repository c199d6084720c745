// Cyclonus's generated test cases, each step with the cluster as the steps so far left it and the matcher's verdict for every probe.
package main

import (
	"fmt"
	"sort"

	"github.com/mattfenwick/cyclonus/pkg/connectivity/probe"
	"github.com/mattfenwick/cyclonus/pkg/generator"
	"github.com/mattfenwick/cyclonus/pkg/matcher"
	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

type caseStep struct {
	Case string `json:"case"`
	Step int    `json:"step"`
	question
	answer
}

// As Cyclonus starts by default: three namespaces of three pods, two ports, three protocols.
var (
	namespaces = []string{"x", "y", "z"}
	podNames   = []string{"a", "b", "c"}
	ports      = []int{80, 81}
	protocols  = []v1.Protocol{v1.ProtocolTCP, v1.ProtocolUDP, v1.ProtocolSCTP}
)

func cases() []caseStep {
	first := startResources()
	last, err := first.GetPod("z", "c")
	check(err)
	var steps []caseStep
	for _, one := range generator.NewTestCaseGenerator(true, last.IP, namespaces, nil, nil).GenerateTestCases() {
		resources := first
		policies := map[string]*networkingv1.NetworkPolicy{}
		for number, step := range one.Steps {
			for _, action := range step.Actions {
				resources = apply(resources, policies, action)
			}
			asked, verdicts := probed(resources, policies, step.Probe)
			steps = append(steps, caseStep{one.Description, number, asked, answer{Verdicts: verdicts}})
		}
	}
	return steps
}

func startResources() *probe.Resources {
	resources := &probe.Resources{Namespaces: map[string]map[string]string{}}
	for _, namespace := range namespaces {
		resources.Namespaces[namespace] = map[string]string{
			"ns":                          namespace,
			"kubernetes.io/metadata.name": namespace,
		}
		for _, name := range podNames {
			one := probe.NewDefaultPod(namespace, name, ports, protocols, false, "")
			one.IP = fmt.Sprintf("192.168.1.%d", 10+len(resources.Pods))
			resources.Pods = append(resources.Pods, one)
		}
	}
	return resources
}

func apply(resources *probe.Resources, policies map[string]*networkingv1.NetworkPolicy, action *generator.Action) *probe.Resources {
	var err error
	next := resources
	switch {
	case action.CreatePolicy != nil:
		put(policies, action.CreatePolicy.Policy)
	case action.UpdatePolicy != nil:
		put(policies, action.UpdatePolicy.Policy)
	case action.DeletePolicy != nil:
		delete(policies, action.DeletePolicy.Namespace+"/"+action.DeletePolicy.Name)
	case action.CreateNamespace != nil:
		next, err = resources.CreateNamespace(action.CreateNamespace.Namespace, action.CreateNamespace.Labels)
	case action.SetNamespaceLabels != nil:
		next, err = resources.UpdateNamespaceLabels(action.SetNamespaceLabels.Namespace, action.SetNamespaceLabels.Labels)
	case action.DeleteNamespace != nil:
		next, err = resources.DeleteNamespace(action.DeleteNamespace.Namespace)
	case action.CreatePod != nil:
		next, err = resources.CreatePod(action.CreatePod.Namespace, action.CreatePod.Pod, action.CreatePod.Labels)
		check(err)
		next.Pods[len(next.Pods)-1].IP = fmt.Sprintf("192.168.2.%d", 10+len(next.Pods))
	case action.SetPodLabels != nil:
		next, err = resources.SetPodLabels(action.SetPodLabels.Namespace, action.SetPodLabels.Pod, action.SetPodLabels.Labels)
	case action.DeletePod != nil:
		next, err = resources.DeletePod(action.DeletePod.Namespace, action.DeletePod.Pod)
	default:
		err = fmt.Errorf("an action that is not known: %+v", action)
	}
	check(err)
	return next
}

func put(policies map[string]*networkingv1.NetworkPolicy, one *networkingv1.NetworkPolicy) {
	policies[one.Namespace+"/"+one.Name] = one
}

func probed(resources *probe.Resources, policies map[string]*networkingv1.NetworkPolicy, config *generator.ProbeConfig) (question, string) {
	asked := question{Policies: sorted(policies)}
	at := map[string]int{}
	for _, one := range resources.Pods {
		at[one.PodString().String()] = len(asked.Pods)
		asked.Pods = append(asked.Pods, plain(resources, one))
	}
	policy := matcher.BuildNetworkPolicies(true, asked.Policies)
	var verdicts []byte
	for _, job := range (&probe.JobBuilder{}).GetJobsForProbeConfig(resources, config).Valid {
		asked.Queries = append(asked.Queries, query{at[job.FromKey], job.ToIP, job.ResolvedPort, job.Protocol})
		verdicts = append(verdicts, verdict(policy, job.Traffic()))
	}
	return asked, string(verdicts)
}

func sorted(policies map[string]*networkingv1.NetworkPolicy) []*networkingv1.NetworkPolicy {
	keys := make([]string, 0, len(policies))
	for key := range policies {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	list := []*networkingv1.NetworkPolicy{}
	for _, key := range keys {
		list = append(list, policies[key])
	}
	return list
}

func plain(resources *probe.Resources, one *probe.Pod) pod {
	result := pod{
		Namespace:       one.Namespace,
		Name:            one.Name,
		Labels:          one.Labels,
		NamespaceLabels: resources.Namespaces[one.Namespace],
		IPs:             []string{one.IP},
	}
	for _, container := range one.Containers {
		result.Ports = append(result.Ports, containerPort{container.PortName, container.Port, container.Protocol})
	}
	return result
}

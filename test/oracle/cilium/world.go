package main

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/cilium/cilium/pkg/fqdn/dns"
	"github.com/cilium/cilium/pkg/identity"
	k8sconst "github.com/cilium/cilium/pkg/k8s/apis/cilium.io"
	slim_corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/option"
)

// world is a cluster without policies: its objects, and what the agent derives from them.
type world struct {
	settings settings
	config   map[string]string
	objects  *objects
	dns      []dnsServer
	podIDs   map[string]*identity.Identity
	ports    namedPorts
}

func newWorld(question *worldQuestion) (*world, error) {
	settings, err := applySettings(question.Config)
	if err != nil {
		return nil, err
	}
	all, err := decodeObjects(question.Objects)
	if err != nil {
		return nil, err
	}
	w := &world{settings: settings, config: question.Config, objects: all, dns: question.DNS, podIDs: map[string]*identity.Identity{}, ports: newPorts()}
	for index, pod := range all.pods {
		if !hasEndpoint(pod) {
			continue
		}
		identityLabels, named := podMetadata(all.namespaces[pod.Namespace], pod)
		id := identity.NewIdentity(identity.NumericIdentity(1000+index), identityLabels)
		w.podIDs[pod.Namespace+"/"+pod.Name] = id
		w.addPorts(id, named)
	}
	return w, nil
}

// hasEndpoint: pods on the host network share the node's identity, and finished ones have none.
func hasEndpoint(pod *slim_corev1.Pod) bool {
	return !pod.Spec.HostNetwork && pod.Status.Phase != "Succeeded" && pod.Status.Phase != "Failed"
}

// peers hands out an identity for each address (and name known for it), as seen from one node.
type peers struct {
	world *world
	node  string
	set   *policySet
	known map[string]*identity.Identity
	next  identity.NumericIdentity
}

func (p *peers) of(address netip.Addr, host string) *identity.Identity {
	if pod := p.world.podAt(address); pod != nil {
		return p.podID(pod)
	}
	key := address.String() + " " + host
	if known, ok := p.known[key]; ok {
		return known
	}
	id := p.nodeAt(address, host)
	if id == nil {
		id = p.local(identity.IdentityScopeLocal, p.outside(address, host))
	}
	p.known[key] = id
	return id
}

func (p *peers) local(scope identity.NumericIdentity, set labels.Labels) *identity.Identity {
	p.next++
	return identity.NewIdentity(scope|p.next, set)
}

func (w *world) podAt(address netip.Addr) *slim_corev1.Pod {
	for _, pod := range w.objects.pods {
		if !hasEndpoint(pod) {
			continue
		}
		for _, ip := range pod.Status.PodIPs {
			if sameAddress(ip.IP, address) {
				return pod
			}
		}
	}
	return nil
}

func sameAddress(text string, address netip.Addr) bool {
	parsed, err := netip.ParseAddr(text)
	return err == nil && parsed == address
}

func (p *peers) isAPIServer(address netip.Addr) bool {
	return slices.ContainsFunc(p.world.objects.backends("default", "kubernetes"), func(text string) bool {
		return sameAddress(text, address)
	})
}

func (p *peers) nodeAt(address netip.Addr, host string) *identity.Identity {
	for _, node := range p.world.objects.nodes {
		own := node.addresses()
		if !slices.Contains(own, address) {
			continue
		}
		if node.Name == p.node {
			return p.hostIdentity(own, address, host)
		}
		return p.local(identity.IdentityScopeRemoteNode, p.remoteNode(node, address, host))
	}
	return nil
}

func (node *nodeObject) addresses() []netip.Addr {
	var all []netip.Addr
	for _, entry := range node.Status.Addresses {
		if address, err := netip.ParseAddr(entry.Address); err == nil && strings.HasSuffix(entry.Type, "IP") {
			all = append(all, address)
		}
	}
	return all
}

// hostIdentity is one for all addresses of the own node, whose labels it unites (pkg/ipcache, updateReservedHostLabels). Its number is
// fixed, but here each name known for it may be a case of its own.
func (p *peers) hostIdentity(own []netip.Addr, address netip.Addr, host string) *identity.Identity {
	set := labels.NewFrom(labels.LabelHost)
	for _, one := range own {
		if one != address {
			set.MergeLabels(p.onNode(one, ""))
		}
	}
	set.MergeLabels(p.onNode(address, host))
	return p.local(identity.IdentityScopeRemoteNode, set)
}

// remoteNode follows pkg/node/manager (nodeIdentityLabels).
func (p *peers) remoteNode(node *nodeObject, address netip.Addr, host string) labels.Labels {
	set := labels.NewFrom(labels.LabelRemoteNode)
	if option.Config.PerNodeLabelsEnabled() {
		own, _ := labelsfilter.FilterNodeLabels(labels.Map2Labels(node.Labels, labels.LabelSourceNode))
		set.MergeLabels(own)
		cluster := map[string]string{k8sconst.PolicyLabelCluster: p.world.settings.clusterName}
		set.MergeLabels(labels.Map2Labels(cluster, labels.LabelSourceK8s))
	}
	set.MergeLabels(p.onNode(address, host))
	return set
}

// onNode is what an address of a node keeps of its labels (pkg/ipcache, resolveLabels): those of prefixes, groups and names only if
// policy-cidr-match-mode says so.
func (p *peers) onNode(address netip.Addr, host string) labels.Labels {
	set := labels.Labels{}
	for key, label := range p.outside(address, host) {
		reserved := label.Source == labels.LabelSourceReserved
		if reserved && label.Key == labels.IDNameKubeAPIServer || !reserved && option.Config.PolicyCIDRMatchesNodes() {
			set[key] = label
		}
	}
	return set
}

func (p *peers) outside(address netip.Addr, host string) labels.Labels {
	set := p.addressLabels(address)
	if p.isAPIServer(address) {
		set.MergeLabels(labels.LabelKubeAPIServer)
	}
	if host == "" {
		return set
	}
	name := dns.FQDN(host)
	for _, selector := range p.set.names {
		if matcher, err := selector.ToRegex(); err == nil && matcher.MatchString(name) {
			label := selector.IdentityLabel()
			set[label.Key] = label
		}
	}
	return set
}

// addressLabels merges what is known of all prefixes around the address, longer ones first, as pkg/ipcache (mergeParentLabels) does.
func (p *peers) addressLabels(address netip.Addr) labels.Labels {
	set := labels.GetCIDRLabels(netip.PrefixFrom(address, address.BitLen()))
	for bits := address.BitLen(); bits >= 0; bits-- {
		parent, _ := address.Prefix(bits)
		for _, group := range p.set.groups {
			for _, text := range group.Spec.ExternalCIDRs {
				if prefix, err := netip.ParsePrefix(string(text)); err != nil || prefix.Masked() != parent {
					continue
				}
				for key, label := range groupLabels(group) {
					if _, taken := set[key]; !taken {
						set[key] = label
					}
				}
			}
		}
	}
	return set
}

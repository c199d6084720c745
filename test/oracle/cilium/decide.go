package main

import (
	"context"
	"fmt"
	"net/netip"

	envoypolicy "github.com/cilium/cilium/pkg/envoy/policy"
	"github.com/cilium/cilium/pkg/fqdn/dnsproxy"
	"github.com/cilium/cilium/pkg/fqdn/restore"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	slim_corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	testidentity "github.com/cilium/cilium/pkg/testutils/identity"
	testpolicy "github.com/cilium/cilium/pkg/testutils/policy"
	"github.com/cilium/cilium/pkg/u8proto"
)

// agent is the policy engine of one node.
type agent struct {
	world     *world
	peers     *peers
	repo      *policy.Repository
	manager   identitymanager.IDManager
	endpoints map[string]*endpoint
}

// secrets stands for a certificate manager that hands out references, the default since Cilium 1.17.
type secrets struct{}

func (secrets) GetTLSContext(context.Context, *api.TLSContext, string) (ca, public, private string, inline bool, err error) {
	return "", "", "", false, nil
}
func (secrets) GetSecretString(context.Context, *api.Secret, string) (string, error) { return "", nil }
func (secrets) PolicySecretSyncEnabled() bool                                        { return true }
func (secrets) SecretsOnlyFromSecretsNamespace() bool                                { return true }
func (secrets) GetSecretSyncNamespace() string                                       { return "cilium-secrets" }

func newAgent(world *world, node string, set *policySet, queries []query) (*agent, error) {
	a := &agent{world: world, endpoints: map[string]*endpoint{}, manager: identitymanager.NewIDManager(quiet)}
	a.peers = &peers{world: world, node: node, set: set, known: map[string]*identity.Identity{}}
	ids := identity.IdentityMap{}
	for _, pod := range world.objects.pods {
		if id := a.peers.podID(pod); id != nil {
			ids[id.ID] = id.LabelArray
		}
	}
	for _, query := range queries {
		for _, text := range query.Addresses {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, err
			}
			for _, host := range []string{"", query.Host} {
				id := a.peers.of(address, host)
				ids[id.ID] = id.LabelArray
			}
		}
	}
	translator := envoypolicy.NewEnvoyL7RulesTranslator(quiet, secrets{})
	a.repo = policy.NewPolicyRepository(quiet, ids, secrets{}, translator, a.manager, testpolicy.NewPolicyMetricsNoop())
	a.repo.GetSelectorCache().SetLocalIdentityNotifier(testidentity.NewDummyIdentityNotifier())
	fillRepository(a, ids, set.entries)
	return a, nil
}

// endpoint is one subject pod with its policy resolved; it is the policy's owner.
type endpoint struct {
	id       uint64
	identity *identity.Identity
	world    *world
	policy   *policy.EndpointPolicy
	parsers  map[uint16]policy.L7ParserType
	proxy    *dnsproxy.DNSProxy
	// unstable: two filters share one redirect, and which of them the proxy gets depends on the order of a map.
	unstable bool
	problem  error
}

func (a *agent) endpointOf(pod *slim_corev1.Pod) *endpoint {
	key := pod.Namespace + "/" + pod.Name
	if known, ok := a.endpoints[key]; ok {
		return known
	}
	e := &endpoint{unstable: a.peers.set.unstable, id: uint64(len(a.endpoints) + 1), identity: a.peers.podID(pod), world: a.world}
	a.endpoints[key] = e
	a.manager.Add(e.identity)
	resolved, err := selectorPolicy(a, e)
	if err != nil {
		e.problem = err
		return e
	}
	redirects := e.redirects(resolved)
	e.policy = resolved.DistillPolicy(quiet, e, redirects)
	_ = e.policy.Ready()
	e.policy.Detach(quiet)
	return e
}

// redirects gives every redirect a proxy port of its own and the DNS proxy its rules, as pkg/endpoint (addNewRedirects) does.
func (e *endpoint) redirects(resolved policy.SelectorPolicy) map[string]uint16 {
	ports := map[string]uint16{}
	filters := map[string]*policy.L4Filter{}
	e.parsers = map[uint16]policy.L7ParserType{}
	for filter, tuple := range resolved.RedirectFilters() {
		for _, port := range e.portsOf(resolved, filter) {
			id := policy.ProxyID(uint16(e.id), filter.Ingress, string(filter.Protocol), port, tuple.Policy.GetListener())
			if ports[id] != 0 {
				e.unstable = e.unstable || filters[id] != filter
				continue
			}
			filters[id] = filter
			ports[id] = uint16(10000 + len(ports))
			e.parsers[ports[id]] = tuple.Policy.L7Parser
			if tuple.Policy.L7Parser == policy.ParserTypeDNS && !filter.Ingress {
				e.allowNames(restore.MakeV2PortProto(port, filter.U8Proto), filter.PerSelectorPolicies)
			}
		}
	}
	return ports
}

func (e *endpoint) allowNames(port restore.PortProto, rules policy.L7DataMap) {
	if e.proxy == nil {
		e.proxy = newDNSProxy()
	}
	if _, err := e.proxy.UpdateAllowed(e.id, port, rules); err != nil && e.problem == nil {
		e.problem = err
	}
}

type verdict struct {
	// decision is allowed, explicit (a deny rule) or default (nothing allows it).
	decision string
	parser   policy.L7ParserType
}

func (e *endpoint) lookup(to *identity.Identity, port uint16, protocol u8proto.U8proto) verdict {
	key := policy.EgressKey().WithIdentity(to.ID).WithPortProto(protocol, port)
	entry, origin, found := e.policy.Lookup(key)
	switch {
	case !found || isDefaultDeny(origin):
		return verdict{decision: "default"}
	case entry.IsDeny():
		return verdict{decision: "explicit"}
	}
	return verdict{decision: "allowed", parser: e.parsers[entry.ProxyPort]}
}

func protocolOf(text string) (u8proto.U8proto, error) {
	protocol, err := u8proto.ParseProtocol(text)
	if err == nil && protocol == 0 {
		err = fmt.Errorf("%q is no protocol", text)
	}
	return protocol, err
}

package main

import (
	"strings"

	"github.com/cilium/dns"

	fqdndns "github.com/cilium/cilium/pkg/fqdn/dns"
	"github.com/cilium/cilium/pkg/fqdn/dnsproxy"
	"github.com/cilium/cilium/pkg/fqdn/matchpattern"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
)

// namesQuestion asks which names one selector admits, as an entry of toFQDNs and as one of rules.dns.
type namesQuestion struct {
	MatchName    string   `json:"matchName,omitempty"`
	MatchPattern string   `json:"matchPattern,omitempty"`
	Names        []string `json:"names"`
}

// namesAnswer has a 0 or 1 for each name.
type namesAnswer struct {
	Valid   bool   `json:"valid"`
	ToFQDNs string `json:"toFQDNs"`
	DNS     string `json:"dns"`
}

func answerNames(question *namesQuestion) namesAnswer {
	selector := api.FQDNSelector{MatchName: question.MatchName, MatchPattern: question.MatchPattern}
	answer := namesAnswer{Valid: isValid(selector)}
	if !answer.Valid {
		return answer
	}
	matcher, err := selector.ToRegex()
	// What the agent says to a selector that passed its check but does not compile is: it selects nothing.
	answer.ToFQDNs = marks(question.Names, func(name string) bool {
		return err == nil && matcher.MatchString(fqdndns.FQDN(name))
	})
	rules := &policy.PerSelectorPolicy{}
	rules.DNS = append(rules.DNS, api.PortRuleDNS(selector))
	pattern := dnsproxy.GeneratePattern(rules)
	proxy, err := compile(pattern)
	answer.DNS = marks(question.Names, func(name string) bool {
		return err == nil && (pattern == matchpattern.MatchAllAnchoredPattern || proxy.MatchString(strings.ToLower(dns.Fqdn(name))))
	})
	return answer
}

func marks(names []string, matches func(string) bool) string {
	result := make([]byte, len(names))
	for index, name := range names {
		result[index] = '0'
		if matches(name) {
			result[index] = '1'
		}
	}
	return string(result)
}

// isValid runs the agent's check of a whole rule, the only exported way to that of a selector.
func isValid(selector api.FQDNSelector) bool {
	rule := api.NewRule().WithEndpointSelector(api.WildcardEndpointSelector).WithEgressRules([]api.EgressRule{{ToFQDNs: api.FQDNSelectorSlice{selector}}})
	return rule.Sanitize() == nil
}

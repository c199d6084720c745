/** Where the selectors of Cilium were, before names had dialects; see `fqdn/selector.ts`. */
export { fqdnMatcher, matchFqdn, selectorProblem, selectorText } from './fqdn/selector.ts';

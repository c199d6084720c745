package main

import (
	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	"github.com/cilium/cilium/pkg/policy"
)

var _ policy.PolicyOwner = &endpoint{}

func (e *endpoint) GetID() uint64              { return e.id }
func (e *endpoint) PolicyDebug(string, ...any) {}
func (e *endpoint) IsHost() bool               { return false }
func (e *endpoint) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool {
	done := make(chan bool)
	close(done)
	return done
}

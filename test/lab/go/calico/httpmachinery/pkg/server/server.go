// Package server is an HTTP server of a list of endpoints.
package server

import (
	"context"
	"net"
	"net/http"

	"github.com/projectcalico/calico/lib/httpmachinery/pkg/apiutil"
)

type Router interface {
	Register([]apiutil.Endpoint) http.Handler
}

type Server struct {
	http  http.Server
	ended chan error
}

type Option func(*Server)

func WithAddr(address string) Option { return func(server *Server) { server.http.Addr = address } }

// WithTLSFiles changes nothing for whisker-backend, which is given a certificate and then serves without TLS.
func WithTLSFiles(_, _ string) Option { return func(*Server) {} }

func NewHTTPServer(router Router, endpoints []apiutil.Endpoint, options ...Option) (*Server, error) {
	server := &Server{ended: make(chan error, 1)}
	server.http.Handler = router.Register(endpoints)
	for _, option := range options {
		option(server)
	}
	return server, nil
}

func (s *Server) ListenAndServe(ctx context.Context) error {
	listener, err := net.Listen("tcp", s.http.Addr)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = s.http.Close() })
	go func() { s.ended <- s.http.Serve(listener) }()
	return nil
}

func (s *Server) WaitForShutdown() error { return <-s.ended }

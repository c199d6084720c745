// Package gorilla has the name of the router that Calico uses; the standard library's does the same for fixed paths.
package gorilla

import (
	"net/http"

	"github.com/projectcalico/calico/lib/httpmachinery/pkg/apiutil"
	"github.com/projectcalico/calico/lib/httpmachinery/pkg/server"
)

type router struct{}

func NewRouter() server.Router { return router{} }

func (router) Register(endpoints []apiutil.Endpoint) http.Handler {
	mux := http.NewServeMux()
	for _, endpoint := range endpoints {
		mux.Handle(endpoint.Method+" "+endpoint.Path, endpoint.Handler)
	}
	return mux
}

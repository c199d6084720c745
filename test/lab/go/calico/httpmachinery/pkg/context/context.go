// Package context is a request's context with its logger. See README.md of this module for why it is here.
package context

import (
	"context"

	"github.com/sirupsen/logrus"
)

type Context interface {
	context.Context
	Logger() *logrus.Entry
}

type request struct{ context.Context }

func (r request) Logger() *logrus.Entry { return logrus.WithContext(r.Context) }

func Of(ctx context.Context) Context { return request{ctx} }

package main

import (
	"context"
	"time"

	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// signalOn is a handler that wakes a loop on every event.
func signalOn(changed chan<- struct{}) cache.ResourceEventHandler {
	wake := func() {
		select {
		case changed <- struct{}{}:
		default: // it is awake already
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { wake() },
		UpdateFunc: func(any, any) { wake() },
		DeleteFunc: func(any) { wake() },
	}
}

// loop calls pass soon after each signal, once for those that come together, and at least once in every period.
func loop(ctx context.Context, changed <-chan struct{}, period time.Duration, pass func()) {
	for {
		pass()
		select {
		case <-ctx.Done():
			return
		case <-changed:
			time.Sleep(50 * time.Millisecond)
		case <-time.After(period):
		}
	}
}

func logger(ctx context.Context) klog.Logger { return klog.FromContext(ctx) }

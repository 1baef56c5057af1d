package main

import (
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	corelisters "k8s.io/client-go/listers/core/v1"
)

// faultsName is the ConfigMap of kube-system that holds the faults: `Kind.name` to `late:<seconds>`, `stuck`, `fail` or
// `flap`.
const faultsName = "sandbox-faults"

// faults are the objects that do not become ready as they should.
type faults struct{ configMaps corelisters.ConfigMapLister }

func newFaults(shared informers.SharedInformerFactory) faults {
	return faults{shared.Core().V1().ConfigMaps().Lister()}
}

// verdict is how an object behaves now.
type verdict int

const (
	healthy verdict = iota
	// waiting: nothing has happened to it yet.
	waiting
	// failing: its controller reports an error.
	failing
)

// of returns the verdict for an object that exists since `created`. A flapping object is healthy for two seconds, then
// fails for two.
func (f faults) of(kind, name string, created metav1.Time) verdict {
	configMap, err := f.configMaps.ConfigMaps(metav1.NamespaceSystem).Get(faultsName)
	if err != nil {
		return healthy
	}
	mode, seconds, _ := strings.Cut(configMap.Data[kind+"."+name], ":")
	age := time.Since(created.Time)
	switch mode {
	case "late":
		if wanted, err := strconv.Atoi(seconds); err == nil && age < time.Duration(wanted)*time.Second {
			return waiting
		}
	case "stuck":
		return waiting
	case "fail":
		return failing
	case "flap":
		if int(age.Seconds())%4 >= 2 {
			return failing
		}
	}
	return healthy
}

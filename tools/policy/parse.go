package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	ipcachetypes "github.com/cilium/cilium/pkg/ipcache/types"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	"github.com/cilium/cilium/pkg/policy/api"
)

const (
	ofNamespace = "CiliumNetworkPolicy"
	ofCluster   = "CiliumClusterwideNetworkPolicy"
)

// parse reads one policy as the agent's watcher does.
func parse(logger *slog.Logger, raw json.RawMessage) (ipcachetypes.ResourceID, api.Rules, error) {
	// The two kinds have the same fields.
	var object v2.CiliumNetworkPolicy
	if err := json.Unmarshal(raw, &object); err != nil {
		return "", nil, fmt.Errorf("a policy cannot be read: %w", err)
	}
	refused := func(format string, args ...any) (ipcachetypes.ResourceID, api.Rules, error) {
		return "", nil, fmt.Errorf("%s %q: %w", object.Kind, object.Name, fmt.Errorf(format, args...))
	}
	if object.APIVersion != "cilium.io/v2" {
		return refused("its apiVersion is %q, want cilium.io/v2", object.APIVersion)
	}
	if field := ignoredField(raw, object); field != "" {
		return refused("%s is no field that Cilium knows", field)
	}
	kind := ipcachetypes.ResourceKindCNP
	switch object.Kind {
	case ofNamespace:
		if object.Namespace == "" {
			return refused("it has no namespace, and Cilium would take it for one of the whole cluster: " +
				"say metadata.namespace")
		}
	case ofCluster:
		if object.Namespace != "" {
			return refused("it is for the whole cluster, and has the namespace %q: leave it out", object.Namespace)
		}
		kind = ipcachetypes.ResourceKindCCNP
	default:
		return refused("want a %s or a %s", ofNamespace, ofCluster)
	}
	rules, err := object.Parse(logger, clusterName)
	if err != nil {
		return refused("%w", err)
	}
	return ipcachetypes.NewResourceID(kind, object.Namespace, object.Name), rules, nil
}

// ignoredField names a field that was given and did not arrive, such as a misspelt one: in a selector it would select
// everybody. Cilium's decoder of selectors knows no strict mode.
func ignoredField(raw json.RawMessage, object v2.CiliumNetworkPolicy) string {
	arrived, err := json.Marshal(object)
	if err != nil {
		return err.Error()
	}
	var before, after any
	if json.Unmarshal(raw, &before) != nil || json.Unmarshal(arrived, &after) != nil {
		return "this"
	}
	return missing("", before, after)
}

func missing(path string, before, after any) string {
	switch before := before.(type) {
	case map[string]any:
		after, _ := after.(map[string]any)
		for key, value := range before {
			if lost := missing(path+"."+key, value, after[key]); lost != "" {
				return lost
			}
		}
	case []any:
		after, _ := after.([]any)
		for index, value := range before {
			if index >= len(after) {
				return fmt.Sprintf("%s[%d]", path, index)
			}
			if lost := missing(fmt.Sprintf("%s[%d]", path, index), value, after[index]); lost != "" {
				return lost
			}
		}
	default:
		if before != after {
			return strings.TrimPrefix(path, ".")
		}
	}
	return ""
}

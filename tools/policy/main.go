// Policy asks Cilium's own policy engine which packets a set of policies lets pass: the packages that the agent runs
// decide, and nothing here does. It reads cases from standard input, one JSON value after the other, and answers each
// on a line of its own, so that one process serves as many cases as a test has. A case is
//
//	{
//	  "policies": [CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy objects, as they are registered],
//	  "endpoints": {"a": {"namespace": "apps", "labels": {"app": "a"}, "serviceAccount": "a"}},
//	  "allowLocalhost": "always" (what an agent in Kubernetes does; the default) or "policy",
//	  "flows": [{"from": "a", "to": "reserved:world", "protocol": "TCP", "port": 8080}]
//	}
//
// and its answer {"decisions": [{"egress": "allowed", "ingress": "denied"}, ...]}, one decision for each flow, or
// {"error": "..."}. A half is left out where no agent decides it: one does at pods and at its own health endpoint, not
// at nodes and outside the cluster. A port is the one that the packet has when it arrives, the pod's and not the
// Service's, and ports have no names here. An address outside the cluster is "cidr:203.0.113.9". Peers by DNS name or
// Service match nobody.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/netip"
	"os"
	"strings"

	"github.com/cilium/cilium/pkg/crypto/certificatemanager"
	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	envoypolicy "github.com/cilium/cilium/pkg/envoy/policy"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	ipcachetypes "github.com/cilium/cilium/pkg/ipcache/types"
	corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	metav1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/apis/meta/v1"
	k8sutils "github.com/cilium/cilium/pkg/k8s/utils"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"
	policyutils "github.com/cilium/cilium/pkg/policy/utils"
	testidentity "github.com/cilium/cilium/pkg/testutils/identity"
	testpolicy "github.com/cilium/cilium/pkg/testutils/policy"
	"github.com/cilium/cilium/pkg/u8proto"
)

const (
	// Selectors and identities have to name the same cluster, or nothing matches.
	clusterName = "default"
	reserved    = "reserved:"
	address     = "cidr:"
	// The first number that stands for no identity of Cilium's own.
	firstPod = identity.NumericIdentity(1000)
)

type question struct {
	Policies       []json.RawMessage   `json:"policies"`
	Endpoints      map[string]endpoint `json:"endpoints"`
	AllowLocalhost string              `json:"allowLocalhost"`
	Flows          []flow              `json:"flows"`
}

type endpoint struct {
	Namespace      string            `json:"namespace"`
	Labels         map[string]string `json:"labels"`
	ServiceAccount string            `json:"serviceAccount"`
}

type flow struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Protocol string `json:"protocol"`
	Port     uint16 `json:"port"`
}

type decision struct {
	Egress  string `json:"egress,omitempty"`
	Ingress string `json:"ingress,omitempty"`
}

type answer struct {
	Decisions []decision `json:"decisions,omitempty"`
	Error     string     `json:"error,omitempty"`
}

func main() {
	// The engine warns of what it ignores; a test has to see that.
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if err := run(logger, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(logger *slog.Logger, in io.Reader, out io.Writer) error {
	if err := labelsfilter.ParseLabelPrefixCfg(logger, nil, nil, ""); err != nil {
		return err
	}
	policy.SetPolicyEnabled(option.DefaultEnforcement)
	api.InitEntities(clusterName)
	cases, answers := json.NewDecoder(in), json.NewEncoder(out)
	cases.DisallowUnknownFields()
	for {
		var asked question
		if err := cases.Decode(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("standard input is no case: %w", err)
		}
		var answered answer
		if decisions, err := decide(logger, asked); err != nil {
			answered.Error = err.Error()
		} else {
			answered.Decisions = decisions
		}
		if err := answers.Encode(answered); err != nil {
			return err
		}
	}
}

// decide loads a case into a policy repository of its own, as an agent does with what it watches, and asks it.
func decide(logger *slog.Logger, asked question) ([]decision, error) {
	switch asked.AllowLocalhost {
	case "":
		asked.AllowLocalhost = option.AllowLocalhostAlways
	case option.AllowLocalhostAlways, option.AllowLocalhostPolicy:
	default:
		return nil, fmt.Errorf("allowLocalhost is %q, want always or policy", asked.AllowLocalhost)
	}
	option.Config.UnsafeDaemonConfigOption.AllowLocalhost = asked.AllowLocalhost

	peers, known := identitiesOf(asked.Endpoints)
	if err := addAddresses(asked.Flows, peers, known); err != nil {
		return nil, err
	}
	translator := envoypolicy.NewEnvoyL7RulesTranslator(logger, certificatemanager.NewMockSecretManagerNotFound())
	repository := policy.NewPolicyRepository(logger, known, nil, translator,
		identitymanager.NewIDManager(logger), testpolicy.NewPolicyMetricsNoop())
	repository.GetSelectorCache().SetLocalIdentityNotifier(testidentity.NewDummyIdentityNotifier())
	repository.UpdateIdentities(known, nil)
	loaded := map[ipcachetypes.ResourceID]bool{}
	for _, raw := range asked.Policies {
		resource, rules, err := parse(logger, raw)
		if err != nil {
			return nil, err
		}
		if loaded[resource] {
			return nil, fmt.Errorf("%s is there twice, and the second would replace the first", resource)
		}
		loaded[resource] = true
		repository.ReplaceByResource(policyutils.RulesToPolicyEntries(rules), resource)
	}

	agents := agents{logger, repository, map[identity.NumericIdentity]*policy.EndpointPolicy{}}
	decisions := make([]decision, 0, len(asked.Flows))
	for _, each := range asked.Flows {
		from, to := peers[each.From], peers[each.To]
		if from == nil || to == nil {
			return nil, fmt.Errorf("a flow goes from %q to %q: want names of endpoints, %s<name> or %s<address>",
				each.From, each.To, reserved, address)
		}
		protocol, err := u8proto.ParseProtocol(each.Protocol)
		if err != nil || protocol == u8proto.ANY || each.Port == 0 {
			return nil, fmt.Errorf("a flow goes to port %d by %q: want a port and one protocol, such as TCP",
				each.Port, each.Protocol)
		}
		var decided decision
		key := policy.EgressKey().WithIdentity(to.ID).WithPortProto(protocol, each.Port)
		if decided.Egress, err = agents.verdict(from, key); err != nil {
			return nil, err
		}
		key = policy.IngressKey().WithIdentity(from.ID).WithPortProto(protocol, each.Port)
		if decided.Ingress, err = agents.verdict(to, key); err != nil {
			return nil, err
		}
		decisions = append(decisions, decided)
	}
	return decisions, nil
}

// identitiesOf gives each endpoint the identity that an agent gives a pod, beside Cilium's own.
func identitiesOf(endpoints map[string]endpoint) (map[string]*identity.Identity, identity.IdentityMap) {
	peers, known := map[string]*identity.Identity{}, identity.ListReservedIdentities()
	for number := range known {
		peers[reserved+number.String()] = identity.LookupReservedIdentity(number)
	}
	next := firstPod
	for name, each := range endpoints {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name:   each.Namespace,
			Labels: map[string]string{"kubernetes.io/metadata.name": each.Namespace},
		}}
		sanitized := k8sutils.SanitizePodLabels(each.Labels, namespace, each.ServiceAccount, clusterName)
		relevant, _ := labelsfilter.Filter(labels.Map2Labels(sanitized, labels.LabelSourceK8s))
		peers[name] = identity.NewIdentity(next, relevant)
		known[next] = peers[name].LabelArray
		next++
	}
	return peers, known
}

// addAddresses gives each address of a flow the identity that an agent gives an address outside the cluster which a
// policy names.
func addAddresses(flows []flow, peers map[string]*identity.Identity, known identity.IdentityMap) error {
	next := identity.MinLocalIdentity
	for _, each := range flows {
		for _, name := range []string{each.From, each.To} {
			text, found := strings.CutPrefix(name, address)
			if !found || peers[name] != nil {
				continue
			}
			parsed, err := netip.ParseAddr(text)
			if err != nil {
				return fmt.Errorf("a flow has the end %q: %w", name, err)
			}
			peers[name] = identity.NewIdentity(next, labels.GetCIDRLabels(netip.PrefixFrom(parsed, parsed.BitLen())))
			known[next] = peers[name].LabelArray
			next++
		}
	}
	return nil
}

// agents have what each endpoint's agent would write into its policy map, worked out once for all flows of a case:
// policy.LookupFlow takes the same steps anew for each.
type agents struct {
	logger     *slog.Logger
	repository *policy.Repository
	maps       map[identity.NumericIdentity]*policy.EndpointPolicy
}

// verdict looks a packet up there. It is empty where no agent decides: a node is an endpoint only with Cilium's host
// firewall, and what is outside never is.
func (a agents) verdict(at *identity.Identity, packet policy.Key) (string, error) {
	if at.ID.HasLocalScope() || at.ID < firstPod && at.ID != identity.ReservedIdentityHealth {
		return "", nil
	}
	if a.maps[at.ID] == nil {
		resolved, _, err := a.repository.ComputeSelectorPolicy(at)
		if err != nil {
			return "", fmt.Errorf("the policies of %s: %w", at.Labels, err)
		}
		// Where a proxy would listen for what it has to read in the traffic does not matter.
		proxies := map[string]uint16{policy.FallbackRedirectID: math.MaxUint16}
		a.maps[at.ID] = resolved.DistillPolicy(a.logger, owner(at.ID), proxies)
		a.maps[at.ID].Ready()
		a.maps[at.ID].Detach(a.logger)
		resolved.Supersede()
	}
	if entry, _, _ := a.maps[at.ID].Lookup(packet); entry.IsDeny() {
		return types.DecisionDenied.String(), nil
	}
	return types.DecisionAllowed.String(), nil
}

// owner stands for the endpoint that a policy map is made for: a pod, seen for the first time.
type owner identity.NumericIdentity

func (o owner) GetID() uint64                                                          { return uint64(o) }
func (owner) GetIngressNamedPort(string, u8proto.U8proto) uint16                       { return 0 }
func (owner) PolicyDebug(string, ...any)                                               {}
func (owner) IsHost() bool                                                             { return false }
func (owner) PreviousMapStateSizes() policy.MapStateSizes                              { return policy.MapStateSizes{} }
func (owner) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool { return nil }

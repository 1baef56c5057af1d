package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	appslisters "k8s.io/client-go/listers/apps/v1"
	batchlisters "k8s.io/client-go/listers/batch/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/klog/v2"
)

// operators report the status of the objects that the platform's operators reconcile, with the conditions, reasons and
// messages of the real ones. Each acts only while its own Deployment is available.
type operators struct {
	client        kubernetes.Interface
	dynamic       dynamic.Interface
	asCertManager dynamic.Interface // with the permissions of its ServiceAccount
	deployments   appslisters.DeploymentLister
	services      corelisters.ServiceLister
	secrets       corelisters.SecretLister
	configMaps    corelisters.ConfigMapLister
	namespaces    corelisters.NamespaceLister
	nodes         corelisters.NodeLister
	jobs          batchlisters.JobLister
	slices        cache.Store
	faults        faults
	cloud         *hetzner
	events        record.EventRecorder
	changed       chan struct{}
	acme          *authority

	stores map[schema.GroupVersionResource]cache.Store
}

// resource returns the kind's name in the API server's paths.
func resource(group, version, plural string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: group, Version: version, Resource: plural}
}

var (
	definitions    = resource("apiextensions.k8s.io", "v1", "customresourcedefinitions")
	ingresses      = resource("networking.k8s.io", "v1", "ingresses")
	ingressClasses = resource("networking.k8s.io", "v1", "ingressclasses")
	gatewayClasses = resource("gateway.networking.k8s.io", "v1", "gatewayclasses")
	gateways       = resource("gateway.networking.k8s.io", "v1", "gateways")
	httpRoutes     = resource("gateway.networking.k8s.io", "v1", "httproutes")
	issuers        = resource("cert-manager.io", "v1", "issuers")
	clusterIssuers = resource("cert-manager.io", "v1", "clusterissuers")
	certificates   = resource("cert-manager.io", "v1", "certificates")
	requests       = resource("cert-manager.io", "v1", "certificaterequests")
	orders         = resource("acme.cert-manager.io", "v1", "orders")
	challenges     = resource("acme.cert-manager.io", "v1", "challenges")
	bundles        = resource("trust.cert-manager.io", "v1alpha1", "bundles")

	watched = []schema.GroupVersionResource{ingresses, ingressClasses, gatewayClasses, gateways, httpRoutes, issuers,
		clusterIssuers, certificates, requests, bundles}
)

func newOperators(
	client kubernetes.Interface, dynamicClient, asCertManager dynamic.Interface, shared informers.SharedInformerFactory, faults faults,
	cloud *hetzner,
) (*operators, error) {
	core, apps := shared.Core().V1(), shared.Apps().V1()
	broadcaster := record.NewBroadcaster()
	broadcaster.StartRecordingToSink(&typedcore.EventSinkImpl{Interface: client.CoreV1().Events("")})
	acme, err := newAuthority("Sandbox ACME CA")
	if err != nil {
		return nil, err
	}
	o := &operators{
		client: client, dynamic: dynamicClient, asCertManager: asCertManager, deployments: apps.Deployments().Lister(),
		services: core.Services().Lister(), secrets: core.Secrets().Lister(), configMaps: core.ConfigMaps().Lister(),
		namespaces: core.Namespaces().Lister(), nodes: core.Nodes().Lister(), jobs: shared.Batch().V1().Jobs().Lister(),
		slices: shared.Discovery().V1().EndpointSlices().Informer().GetStore(), faults: faults, cloud: cloud, acme: acme,
		events:  broadcaster.NewRecorder(scheme.Scheme, v1.EventSource{Component: "sandbox"}),
		changed: make(chan struct{}, 1), stores: map[schema.GroupVersionResource]cache.Store{},
	}
	for _, informer := range []cache.SharedIndexInformer{
		apps.Deployments().Informer(), core.Services().Informer(), core.Secrets().Informer(),
		core.ConfigMaps().Informer(), core.Namespaces().Informer(), shared.Batch().V1().Jobs().Informer(), shared.Discovery().V1().EndpointSlices().Informer(),
	} {
		informer.AddEventHandler(signalOn(o.changed))
	}
	return o, nil
}

// run reconciles everything after every change, and each second for what depends on time.
func (o *operators) run(ctx context.Context) {
	o.watch(ctx, definitions)
	loop(ctx, o.changed, time.Second, func() {
		o.watchServed(ctx)
		o.hubble(ctx)
		o.certManager(ctx)
		o.trustManager(ctx)
		o.ingressControllers(ctx)
		o.cloudController(ctx)
	})
}

// watchServed watches the kinds that have become served since the last pass.
func (o *operators) watchServed(ctx context.Context) {
	established := map[string]bool{}
	for _, definition := range o.list(definitions) {
		if hasCondition(definition, "Established") {
			established[definition.GetName()] = true
		}
	}
	for _, kind := range watched {
		if _, known := o.stores[kind]; !known && (kind.Group == "networking.k8s.io" || established[kind.Resource+"."+kind.Group]) {
			o.watch(ctx, kind)
		}
	}
}

func (o *operators) watch(ctx context.Context, kind schema.GroupVersionResource) {
	informer := dynamicinformer.NewFilteredDynamicInformer(o.dynamic, kind, v1.NamespaceAll, 0, cache.Indexers{}, nil).Informer()
	informer.AddEventHandler(signalOn(o.changed))
	go informer.Run(ctx.Done())
	cache.WaitForCacheSync(ctx.Done(), informer.HasSynced)
	o.stores[kind] = informer.GetStore()
}

// list returns copies of the objects of a kind that are not being deleted; none while the kind is not served.
func (o *operators) list(kind schema.GroupVersionResource) []*unstructured.Unstructured {
	store, known := o.stores[kind]
	if !known {
		return nil
	}
	found := []*unstructured.Unstructured{}
	for _, item := range store.List() {
		if object := item.(*unstructured.Unstructured); object.GetDeletionTimestamp() == nil {
			found = append(found, object.DeepCopy())
		}
	}
	slices.SortFunc(found, func(a, b *unstructured.Unstructured) int {
		return strings.Compare(a.GetNamespace()+"/"+a.GetName(), b.GetNamespace()+"/"+b.GetName())
	})
	return found
}

func (o *operators) find(kind schema.GroupVersionResource, namespace, name string) *unstructured.Unstructured {
	for _, object := range o.list(kind) {
		if object.GetNamespace() == namespace && object.GetName() == name {
			return object
		}
	}
	return nil
}

// controller returns the arguments of an operator whose pods are available, and nil when there is none.
func (o *operators) controller(selector map[string]string) *operator {
	deployments, _ := o.deployments.List(labels.SelectorFromSet(selector))
	for _, deployment := range deployments {
		if deployment.Status.AvailableReplicas > 0 {
			return newOperator(deployment)
		}
	}
	return nil
}

// operator is an operator's Deployment.
type operator struct {
	namespace string
	args      []string
}

func newOperator(deployment *appsv1.Deployment) *operator {
	container := deployment.Spec.Template.Spec.Containers[0]
	return &operator{deployment.Namespace, append(slices.Clone(container.Command), container.Args...)}
}

// arg returns the value of a flag, which Traefik's are not case sensitive in.
func (o *operator) arg(flag string) string {
	for _, arg := range o.args {
		if name, value, _ := strings.Cut(arg, "="); strings.EqualFold(name, flag) {
			return strings.ReplaceAll(value, "$(POD_NAMESPACE)", o.namespace)
		}
	}
	return ""
}

// judge returns the verdict for an object.
func (o *operators) judge(object *unstructured.Unstructured) verdict {
	return o.faults.of(object.GetKind(), object.GetName(), object.GetCreationTimestamp())
}

// setStatus merges fields into an object's status, unless it has them.
func (o *operators) setStatus(ctx context.Context, kind schema.GroupVersionResource, object *unstructured.Unstructured, status map[string]any) {
	old, _, _ := unstructured.NestedMap(object.Object, "status")
	if conditions, ok := status["conditions"].([]any); ok {
		status["conditions"] = keepTransitions(old["conditions"], conditions)
	}
	merged := map[string]any{}
	for key, value := range old {
		merged[key] = value
	}
	for key, value := range status {
		merged[key] = value
	}
	if same(merged, old) {
		return
	}
	body, _ := json.Marshal(map[string]any{"status": status})
	_, err := o.dynamic.Resource(kind).Namespace(object.GetNamespace()).
		Patch(ctx, object.GetName(), types.MergePatchType, body, metav1.PatchOptions{FieldManager: "sandbox"}, "status")
	o.log(err)
}

// condition is a condition of the present; keepTransitions gives it its time.
func condition(kind string, status bool, reason, message string, generation int64) any {
	value := "False"
	if status {
		value = "True"
	}
	return map[string]any{"type": kind, "status": value, "reason": reason, "message": message,
		"observedGeneration": generation, "lastTransitionTime": time.Now().UTC().Format(time.RFC3339)}
}

// keepTransitions gives conditions whose status did not change the time of the old ones.
func keepTransitions(old any, conditions []any) []any {
	before, _ := old.([]any)
	for _, item := range conditions {
		for _, other := range before {
			a, b := item.(map[string]any), other.(map[string]any)
			if a["type"] == b["type"] && a["status"] == b["status"] {
				a["lastTransitionTime"] = b["lastTransitionTime"]
			}
		}
	}
	return conditions
}

func hasCondition(object *unstructured.Unstructured, kind string) bool {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	return slices.ContainsFunc(conditions, func(item any) bool {
		condition, _ := item.(map[string]any)
		return condition["type"] == kind && condition["status"] == "True"
	})
}

func text(object *unstructured.Unstructured, path ...string) string {
	value, _, _ := unstructured.NestedString(object.Object, path...)
	return value
}

// ingressController is how a controller is recognized, and where it takes the address from that it writes to a status.
type ingressController struct {
	selector         map[string]string
	class            string
	address, service string
	gateway          string
	gatewayAddress   string
	gatewayService   string
	gatewayServiceNs string
}

var ingressControllerKinds = []ingressController{
	{
		selector: map[string]string{"app.kubernetes.io/name": "traefik"}, class: "traefik.io/ingress-controller",
		address: "--providers.kubernetesingress.ingressendpoint.ip", service: "--providers.kubernetesingress.ingressendpoint.publishedservice",
		gateway: "traefik.io/gateway-controller", gatewayAddress: "--providers.kubernetesgateway.statusaddress.ip",
		gatewayService: "--providers.kubernetesgateway.statusaddress.service.name", gatewayServiceNs: "--providers.kubernetesgateway.statusaddress.service.namespace",
	},
	{
		selector: map[string]string{"app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller"},
		class:    "k8s.io/ingress-nginx", address: "--publish-status-address", service: "--publish-service",
	},
}

func (o *operators) ingressControllers(ctx context.Context) {
	for _, kind := range ingressControllerKinds {
		running := o.controller(kind.selector)
		if running == nil {
			continue
		}
		o.reportIngresses(ctx, kind, running)
		if kind.gateway != "" {
			o.reportGateways(ctx, kind, running)
		}
	}
}

// reportIngresses writes the controller's address to every Ingress of its class.
func (o *operators) reportIngresses(ctx context.Context, kind ingressController, running *operator) {
	addresses := o.addresses(running.arg(kind.address), running.arg(kind.service))
	for _, ingress := range o.list(ingresses) {
		class := o.find(ingressClasses, "", text(ingress, "spec", "ingressClassName"))
		if class == nil || text(class, "spec", "controller") != kind.class {
			continue
		}
		switch o.judge(ingress) {
		case failing:
			if kind.selector["app.kubernetes.io/component"] == "" {
				continue // Traefik reports errors in its log only
			}
			o.events.Event(ingress, v1.EventTypeWarning, "Rejected", "All hosts are taken by other resources")
		case healthy:
			if len(addresses) > 0 {
				o.setStatus(ctx, ingresses, ingress, map[string]any{"loadBalancer": map[string]any{"ingress": addresses}})
			}
		}
	}
}

// addresses are an address, or those of a Service `namespace/name` of type LoadBalancer.
func (o *operators) addresses(address, service string) []any {
	if address != "" {
		return []any{map[string]any{"ip": address}}
	}
	namespace, name, _ := strings.Cut(service, "/")
	found, err := o.services.Services(namespace).Get(name)
	if err != nil {
		return nil
	}
	addresses := []any{}
	for _, ingress := range found.Status.LoadBalancer.Ingress {
		if ingress.IP != "" {
			addresses = append(addresses, map[string]any{"ip": ingress.IP, "ipMode": "VIP"})
		} else {
			addresses = append(addresses, map[string]any{"hostname": ingress.Hostname})
		}
	}
	return addresses
}

// reportGateways accepts the classes, Gateways and HTTPRoutes of the controller.
func (o *operators) reportGateways(ctx context.Context, kind ingressController, running *operator) {
	classes := map[string]bool{}
	for _, class := range o.list(gatewayClasses) {
		if text(class, "spec", "controllerName") == kind.gateway {
			classes[class.GetName()] = true
			o.setStatus(ctx, gatewayClasses, class, map[string]any{"conditions": []any{
				condition("Accepted", true, "Handled", "Handled by Traefik controller", class.GetGeneration())}})
		}
	}
	service := ""
	if name := running.arg(kind.gatewayService); name != "" {
		service = running.arg(kind.gatewayServiceNs) + "/" + name
	}
	addresses := []any{}
	for _, address := range o.addresses(running.arg(kind.gatewayAddress), service) {
		addresses = append(addresses, map[string]any{"type": "IPAddress", "value": address.(map[string]any)["ip"]})
	}
	own := map[string]bool{}
	for _, gateway := range o.list(gateways) {
		if !classes[text(gateway, "spec", "gatewayClassName")] {
			continue
		}
		own[gateway.GetNamespace()+"/"+gateway.GetName()] = true
		switch generation := gateway.GetGeneration(); o.judge(gateway) {
		case healthy:
			o.setStatus(ctx, gateways, gateway, map[string]any{"addresses": addresses, "conditions": []any{
				condition("Accepted", true, "Accepted", "Gateway successfully scheduled", generation),
				condition("Programmed", true, "Programmed", "Gateway successfully scheduled", generation)}})
		case failing:
			o.setStatus(ctx, gateways, gateway, map[string]any{"conditions": []any{
				condition("Accepted", false, "ListenersNotValid", "All Listeners must be valid", generation),
				condition("Programmed", false, "ListenersNotValid", "All Listeners must be valid", generation)}})
		}
	}
	for _, route := range o.list(httpRoutes) {
		o.reportRoute(ctx, route, kind.gateway, own)
	}
}

func (o *operators) reportRoute(ctx context.Context, route *unstructured.Unstructured, controller string, gateways map[string]bool) {
	generation := route.GetGeneration()
	verdict := o.judge(route)
	references, _, _ := unstructured.NestedSlice(route.Object, "spec", "parentRefs")
	parents := []any{}
	for _, item := range references {
		reference := item.(map[string]any)
		namespace, given := reference["namespace"].(string)
		if !given {
			namespace = route.GetNamespace()
		}
		if !gateways[fmt.Sprintf("%s/%s", namespace, reference["name"])] || verdict == waiting {
			continue
		}
		accepted, reason, message := verdict == healthy, "Accepted", ""
		if !accepted {
			reason, message = "NoMatchingListenerHostname", "No listener accepts the hostnames of the route"
		}
		resolved, refReason, refMessage := true, "ResolvedRefs", ""
		if missing := o.missingBackend(route); missing != "" {
			resolved, refReason, refMessage = false, "BackendNotFound", fmt.Sprintf("Cannot load HTTPBackendRef %s: service not found", missing)
		}
		parents = append(parents, map[string]any{"parentRef": reference, "controllerName": controller, "conditions": []any{
			condition("Accepted", accepted, reason, message, generation),
			condition("ResolvedRefs", resolved, refReason, refMessage, generation)}})
	}
	if len(parents) == 0 {
		return
	}
	old, _, _ := unstructured.NestedSlice(route.Object, "status", "parents")
	for i, item := range parents {
		if i < len(old) {
			parent := item.(map[string]any)
			parent["conditions"] = keepTransitions(old[i].(map[string]any)["conditions"], parent["conditions"].([]any))
		}
	}
	o.setStatus(ctx, httpRoutes, route, map[string]any{"parents": parents})
}

// missingBackend is the first Service of a route that does not exist, as `namespace/name`.
func (o *operators) missingBackend(route *unstructured.Unstructured) string {
	rules, _, _ := unstructured.NestedSlice(route.Object, "spec", "rules")
	for _, rule := range rules {
		backends, _ := rule.(map[string]any)["backendRefs"].([]any)
		for _, item := range backends {
			backend := item.(map[string]any)
			namespace, given := backend["namespace"].(string)
			if !given {
				namespace = route.GetNamespace()
			}
			name, _ := backend["name"].(string)
			if kind, given := backend["kind"].(string); given && kind != "Service" {
				continue
			}
			if _, err := o.services.Services(namespace).Get(name); err != nil {
				return namespace + "/" + name
			}
		}
	}
	return ""
}

var conflict = regexp.MustCompile("object has been modified|not found")

// log notes an error that the next pass does not repair by itself.
func (o *operators) log(err error) {
	if err != nil && !conflict.MatchString(err.Error()) {
		klog.Background().Info("an operator's report was not accepted", "error", err.Error())
	}
}

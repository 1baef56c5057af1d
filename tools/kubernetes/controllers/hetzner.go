package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

const (
	annotationPrefix = "load-balancer.hetzner.cloud/"
	cleanupFinalizer = "service.kubernetes.io/load-balancer-cleanup"
	uidLabel         = "hcloud-ccm/service-uid"
)

// hetzner is the account of the emulated Hetzner Cloud.
type hetzner struct {
	url, token string
	// ports are the last node ports that were reported, as JSON.
	ports string
	// refused is the last error of each Service.
	refused map[string]string
}

type loadBalancer struct {
	ID     int64             `json:"id"`
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels"`
	Type   struct {
		Name string `json:"name"`
	} `json:"load_balancer_type"`
	PublicNet struct {
		IPv4, IPv6 struct {
			IP string `json:"ip"`
		}
	} `json:"public_net"`
	PrivateNet []struct {
		IP string `json:"ip"`
	} `json:"private_net"`
	Services []hetznerService `json:"services"`
	Targets  []hetznerTarget  `json:"targets"`
}

type hetznerTarget struct {
	Server struct {
		ID int64 `json:"id"`
	} `json:"server"`
}

type hetznerService struct {
	Protocol        string         `json:"protocol"`
	ListenPort      int32          `json:"listen_port"`
	DestinationPort int32          `json:"destination_port"`
	ProxyProtocol   bool           `json:"proxyprotocol"`
	HealthCheck     map[string]any `json:"health_check"`
}

// call sends a request and reads the answer into `into`.
func (h *hetzner) call(ctx context.Context, method, path string, body, into any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, h.url+path, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+h.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		problem := struct {
			Error struct{ Code, Message string } `json:"error"`
		}{}
		if json.Unmarshal(answer, &problem) == nil && problem.Error.Code != "" {
			return fmt.Errorf("%s (%s)", problem.Error.Message, problem.Error.Code)
		}
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

func (h *hetzner) find(ctx context.Context, name string) (*loadBalancer, error) {
	found := struct {
		LoadBalancers []loadBalancer `json:"load_balancers"`
	}{}
	err := h.call(ctx, "GET", "/hetzner/v1/load_balancers?name="+name, nil, &found)
	if err != nil || len(found.LoadBalancers) == 0 {
		return nil, err
	}
	return &found.LoadBalancers[0], nil
}

// server returns the network of a node and its address there.
func (h *hetzner) server(ctx context.Context, node *v1.Node) (network int64, address string, err error) {
	found := struct {
		Server struct {
			PrivateNet []struct {
				Network int64
				IP      string
			} `json:"private_net"`
		}
	}{}
	err = h.call(ctx, "GET", fmt.Sprintf("/hetzner/v1/servers/%d", serverID(node)), nil, &found)
	if err == nil && len(found.Server.PrivateNet) == 0 {
		err = fmt.Errorf("server %d is in no network", serverID(node))
	}
	if err != nil {
		return 0, "", err
	}
	return found.Server.PrivateNet[0].Network, found.Server.PrivateNet[0].IP, nil
}

func (h *hetzner) action(ctx context.Context, lb *loadBalancer, command string, body any) error {
	return h.call(ctx, "POST", fmt.Sprintf("/hetzner/v1/load_balancers/%d/actions/%s", lb.ID, command), body, nil)
}

// cloudController creates load balancers for Services of type LoadBalancer as Hetzner's cloud controller manager does, and
// reports at which ports the nodes answer, which a load balancer's health checks find out.
func (o *operators) cloudController(ctx context.Context) {
	if o.cloud.url == "" {
		return
	}
	o.addressNodes(ctx)
	services, _ := o.services.List(labels.Everything())
	for _, service := range services {
		if service.Spec.Type != v1.ServiceTypeLoadBalancer {
			continue
		}
		key := service.Namespace + "/" + service.Name
		err := o.reconcileService(ctx, service.DeepCopy())
		switch {
		case err == nil:
			delete(o.cloud.refused, key)
		case o.cloud.refused[key] != err.Error():
			if o.cloud.refused == nil {
				o.cloud.refused = map[string]string{}
			}
			o.cloud.refused[key] = err.Error()
			o.events.Eventf(service, v1.EventTypeWarning, "SyncLoadBalancerFailed", "Error syncing load balancer: failed to ensure load balancer: %v", err)
		}
	}
	o.reportNodePorts(ctx, services)
}

// addressNodes gives nodes the addresses of their servers, by which a node's pods in the host network are reached.
func (o *operators) addressNodes(ctx context.Context) {
	nodes, _ := o.nodes.List(labels.Everything())
	for _, node := range nodes {
		if len(node.Status.Addresses) > 0 {
			continue
		}
		_, address, err := o.cloud.server(ctx, node)
		if err != nil {
			continue // its cluster starts before the account is filled
		}
		copied := node.DeepCopy()
		copied.Status.Addresses = []v1.NodeAddress{{Type: v1.NodeInternalIP, Address: address}, {Type: v1.NodeHostName, Address: node.Name}}
		_, err = o.client.CoreV1().Nodes().UpdateStatus(ctx, copied, metav1.UpdateOptions{})
		o.log(err)
	}
}

func (o *operators) reconcileService(ctx context.Context, service *v1.Service) error {
	annotation := func(name string) string { return service.Annotations[annotationPrefix+name] }
	name := annotation("name")
	if name == "" {
		name = "a" + strings.ReplaceAll(string(service.UID), "-", "")
	}
	client := o.client.CoreV1().Services(service.Namespace)
	lb, err := o.cloud.find(ctx, name)
	if err != nil {
		return err
	}
	if service.DeletionTimestamp != nil {
		if lb != nil && lb.Labels[uidLabel] == string(service.UID) {
			if err := o.cloud.call(ctx, "DELETE", fmt.Sprintf("/hetzner/v1/load_balancers/%d", lb.ID), nil, nil); err != nil {
				return err
			}
		}
		service.Finalizers = slices.DeleteFunc(service.Finalizers, func(f string) bool { return f == cleanupFinalizer })
		_, err := client.Update(ctx, service, metav1.UpdateOptions{})
		return err
	}
	if !slices.Contains(service.Finalizers, cleanupFinalizer) {
		service.Finalizers = append(service.Finalizers, cleanupFinalizer)
		if service, err = client.Update(ctx, service, metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	switch o.faults.of("Service", service.Name, service.CreationTimestamp) {
	case waiting:
		return nil
	case failing:
		return fmt.Errorf("hcops/LoadBalancerOps.Create: load balancer limit exceeded (resource_limit_exceeded)")
	}
	if lb == nil {
		if lb, err = o.createLoadBalancer(ctx, name, service); err != nil {
			return err
		}
	}
	if err := o.updateLoadBalancer(ctx, lb, service); err != nil {
		return err
	}
	ingress := []v1.LoadBalancerIngress{}
	if hostname := annotation("hostname"); hostname != "" {
		ingress = append(ingress, v1.LoadBalancerIngress{Hostname: hostname})
	} else {
		vip := v1.LoadBalancerIPModeVIP
		add := func(ip string) { ingress = append(ingress, v1.LoadBalancerIngress{IP: ip, IPMode: &vip}) }
		if annotation("disable-public-network") != "true" {
			add(lb.PublicNet.IPv4.IP)
			if annotation("ipv6-disabled") != "true" {
				add(lb.PublicNet.IPv6.IP)
			}
		}
		if annotation("disable-private-ingress") != "true" {
			for _, network := range lb.PrivateNet {
				add(network.IP)
			}
		}
	}
	if equality.Semantic.DeepEqual(service.Status.LoadBalancer.Ingress, ingress) {
		return nil
	}
	service.Status.LoadBalancer.Ingress = ingress
	if _, err = client.UpdateStatus(ctx, service, metav1.UpdateOptions{}); err == nil {
		o.events.Event(service, v1.EventTypeNormal, "EnsuredLoadBalancer", "Ensured load balancer")
	}
	return err
}

func (o *operators) createLoadBalancer(ctx context.Context, name string, service *v1.Service) (*loadBalancer, error) {
	body := map[string]any{"name": name, "load_balancer_type": "lb11", "labels": map[string]string{uidLabel: string(service.UID)}}
	for annotation, field := range map[string]string{"type": "load_balancer_type", "location": "location", "network-zone": "network_zone"} {
		if value := service.Annotations[annotationPrefix+annotation]; value != "" {
			body[field] = value
		}
	}
	created := struct {
		LoadBalancer loadBalancer `json:"load_balancer"`
	}{}
	if err := o.cloud.call(ctx, "POST", "/hetzner/v1/load_balancers", body, &created); err != nil {
		return nil, err
	}
	lb := &created.LoadBalancer
	nodes, _ := o.nodes.List(labels.Everything())
	if len(nodes) == 0 {
		return lb, nil
	}
	network, _, err := o.cloud.server(ctx, nodes[0])
	if err != nil {
		return nil, err
	}
	attachment := map[string]any{"network": network}
	if ip := service.Annotations[annotationPrefix+"private-ipv4"]; ip != "" {
		attachment["ip"] = ip
	}
	if err := o.cloud.action(ctx, lb, "attach_to_network", attachment); err != nil {
		return nil, err
	}
	return o.cloud.find(ctx, name)
}

// updateLoadBalancer brings type, algorithm, name resolution, services and targets to what the Service says.
func (o *operators) updateLoadBalancer(ctx context.Context, lb *loadBalancer, service *v1.Service) error {
	annotation := func(name string) string { return service.Annotations[annotationPrefix+name] }
	if size := annotation("type"); size != "" && size != lb.Type.Name {
		if err := o.cloud.action(ctx, lb, "change_type", map[string]any{"load_balancer_type": size}); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(service.Status.LoadBalancer.Ingress, func(i v1.LoadBalancerIngress) bool { return i.IP == lb.PublicNet.IPv4.IP }) {
		for family, ip := range map[string]string{"ipv4-rdns": lb.PublicNet.IPv4.IP, "ipv6-rdns": lb.PublicNet.IPv6.IP} {
			if name := annotation(family); name != "" {
				if err := o.cloud.action(ctx, lb, "change_dns_ptr", map[string]any{"ip": ip, "dns_ptr": name}); err != nil {
					return err
				}
			}
		}
	}
	for _, port := range service.Spec.Ports {
		wanted := hetznerService{Protocol: "tcp", ListenPort: port.Port, DestinationPort: port.NodePort,
			ProxyProtocol: annotation("uses-proxyprotocol") == "true", HealthCheck: healthCheck(annotation, port.NodePort)}
		i := slices.IndexFunc(lb.Services, func(s hetznerService) bool { return s.ListenPort == port.Port })
		command := "add_service"
		if i >= 0 {
			command = "update_service"
			if covers(lb.Services[i], wanted) {
				continue
			}
		}
		if err := o.cloud.action(ctx, lb, command, wanted); err != nil {
			return err
		}
	}
	for _, old := range lb.Services {
		if !slices.ContainsFunc(service.Spec.Ports, func(p v1.ServicePort) bool { return p.Port == old.ListenPort }) {
			if err := o.cloud.action(ctx, lb, "delete_service", map[string]any{"listen_port": old.ListenPort}); err != nil {
				return err
			}
		}
	}
	nodes, _ := o.nodes.List(labels.Everything())
	for _, node := range nodes {
		id := serverID(node)
		known := slices.ContainsFunc(lb.Targets, func(t hetznerTarget) bool { return t.Server.ID == id })
		if id == 0 || known {
			continue
		}
		target := map[string]any{"type": "server", "server": map[string]any{"id": id}, "use_private_ip": annotation("use-private-ip") == "true"}
		if err := o.cloud.action(ctx, lb, "add_target", target); err != nil {
			return err
		}
	}
	return nil
}

func healthCheck(annotation func(string) string, nodePort int32) map[string]any {
	check := map[string]any{"protocol": "tcp", "port": nodePort}
	if protocol := annotation("health-check-protocol"); protocol != "" {
		check["protocol"] = protocol
	}
	if port, err := strconv.Atoi(annotation("health-check-port")); err == nil {
		check["port"] = port
	}
	if retries, err := strconv.Atoi(annotation("health-check-retries")); err == nil {
		check["retries"] = retries
	}
	for _, name := range []string{"interval", "timeout"} {
		if duration, err := time.ParseDuration(annotation("health-check-" + name)); err == nil {
			check[name] = int(duration.Seconds())
		}
	}
	if path := annotation("health-check-http-path"); path != "" {
		check["http"] = map[string]any{"path": path}
	}
	return check
}

// covers tells whether a service has everything that is wanted.
func covers(has, wanted hetznerService) bool {
	for key, value := range wanted.HealthCheck {
		if fmt.Sprint(has.HealthCheck[key]) != fmt.Sprint(value) && key != "http" {
			return false
		}
	}
	has.HealthCheck, wanted.HealthCheck = nil, nil
	return same(has, wanted)
}

// serverID is the node's id at Hetzner.
func serverID(node *v1.Node) int64 {
	id, _ := strconv.ParseInt(strings.TrimPrefix(node.Spec.ProviderID, "hcloud://"), 10, 64)
	return id
}

// reportNodePorts tells the emulated clouds at which ports each node answers: where a ready pod of the Service runs, or with
// the external traffic policy Cluster at every node.
func (o *operators) reportNodePorts(ctx context.Context, services []*v1.Service) {
	nodes, _ := o.nodes.List(labels.Everything())
	open := map[string][]int32{}
	for _, node := range nodes {
		ports := []int32{}
		for _, service := range services {
			if !o.answers(service, node) {
				continue
			}
			for _, port := range service.Spec.Ports {
				if port.NodePort != 0 {
					ports = append(ports, port.NodePort)
				}
			}
		}
		slices.Sort(ports)
		open[strconv.FormatInt(serverID(node), 10)] = ports
	}
	encoded, _ := json.Marshal(open)
	if string(encoded) == o.cloud.ports {
		return
	}
	if err := o.cloud.call(ctx, "PUT", "/sandbox/node-ports", open, nil); err != nil {
		o.log(err)
		return
	}
	o.cloud.ports = string(encoded)
}

func (o *operators) answers(service *v1.Service, node *v1.Node) bool {
	if !isReady(node) {
		return false
	}
	for _, item := range o.slices.List() {
		slice := item.(*discovery.EndpointSlice)
		if slice.Namespace != service.Namespace || slice.Labels[discovery.LabelServiceName] != service.Name {
			continue
		}
		for _, endpoint := range slice.Endpoints {
			ready := endpoint.Conditions.Ready != nil && *endpoint.Conditions.Ready
			local := endpoint.NodeName != nil && *endpoint.NodeName == node.Name
			if ready && (local || service.Spec.ExternalTrafficPolicy != v1.ServiceExternalTrafficPolicyLocal) {
				return true
			}
		}
	}
	return false
}

func isReady(node *v1.Node) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(c v1.NodeCondition) bool {
		return c.Type == v1.NodeReady && c.Status == v1.ConditionTrue
	})
}

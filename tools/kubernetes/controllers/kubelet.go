package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/klog/v2"
)

// jobSeconds is how long the containers of a Job run.
const jobSeconds = 1

// kubelet does for every node what its kubelet does, except running containers: it reports Pods as running and ready once
// everything that they mount exists, ends those of Jobs, and removes deleted ones. A node is ready when its CNI is, which
// is when an agent of Cilium runs on it.
type kubelet struct {
	client  kubernetes.Interface
	pods    corelisters.PodLister
	nodes   corelisters.NodeLister
	secrets corelisters.SecretLister
	configs corelisters.ConfigMapLister
	faults  faults
	events  record.EventRecorder
	changed chan struct{}
}

func newKubelet(client kubernetes.Interface, shared informers.SharedInformerFactory, faults faults) *kubelet {
	core := shared.Core().V1()
	broadcaster := record.NewBroadcaster()
	broadcaster.StartRecordingToSink(&typedcore.EventSinkImpl{Interface: client.CoreV1().Events("")})
	k := &kubelet{
		client: client, pods: core.Pods().Lister(), nodes: core.Nodes().Lister(), secrets: core.Secrets().Lister(),
		configs: core.ConfigMaps().Lister(), faults: faults, changed: make(chan struct{}, 1),
		events: broadcaster.NewRecorder(scheme.Scheme, v1.EventSource{Component: "kubelet"}),
	}
	core.Pods().Informer().AddEventHandler(signalOn(k.changed))
	core.Nodes().Informer().AddEventHandler(signalOn(k.changed))
	return k
}

// run reconciles all Nodes and Pods after every change, and each second for what depends on time or on other objects.
func (k *kubelet) run(ctx context.Context) {
	loop(ctx, k.changed, time.Second, func() {
		pods, _ := k.pods.List(labels.Everything())
		nodes, _ := k.nodes.List(labels.Everything())
		slices.SortFunc(nodes, func(a, b *v1.Node) int { return strings.Compare(a.Name, b.Name) })
		used := map[string]bool{}
		for _, pod := range pods {
			used[pod.Status.PodIP] = true
		}
		for _, node := range nodes {
			k.reportNode(ctx, node, pods)
		}
		for _, pod := range pods {
			if node := slices.IndexFunc(nodes, func(n *v1.Node) bool { return n.Name == pod.Spec.NodeName }); node >= 0 {
				k.reportPod(ctx, pod, nodes[node], used)
			}
		}
	})
}

// reportNode reports a node with its taint for a missing CNI.
func (k *kubelet) reportNode(ctx context.Context, node *v1.Node, pods []*v1.Pod) {
	ready := v1.ConditionTrue
	message := "kubelet is posting ready status"
	hasAgent := func(pod *v1.Pod) bool {
		return pod.Spec.NodeName == node.Name && pod.Labels["k8s-app"] == "cilium" && pod.Status.Phase == v1.PodRunning
	}
	if needsCilium(node) && !slices.ContainsFunc(pods, hasAgent) {
		ready = v1.ConditionFalse
		message = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"
	}
	if i := slices.IndexFunc(node.Status.Conditions, func(c v1.NodeCondition) bool { return c.Type == v1.NodeReady }); i >= 0 &&
		node.Status.Conditions[i].Status == ready {
		return
	}
	taints := slices.DeleteFunc(slices.Clone(node.Spec.Taints), func(t v1.Taint) bool { return t.Key == v1.TaintNodeNotReady })
	if ready == v1.ConditionFalse {
		taints = append(taints, v1.Taint{Key: v1.TaintNodeNotReady, Effect: v1.TaintEffectNoSchedule})
	}
	now := metav1.Now()
	reason := map[v1.ConditionStatus]string{v1.ConditionTrue: "KubeletReady", v1.ConditionFalse: "KubeletNotReady"}[ready]
	k.patch(ctx, "nodes", "", node.Name, "", map[string]any{"spec": map[string]any{"taints": taints}})
	k.patch(ctx, "nodes", "", node.Name, "status", map[string]any{"status": map[string]any{"conditions": []v1.NodeCondition{{
		Type: v1.NodeReady, Status: ready, Reason: reason, Message: message, LastHeartbeatTime: now, LastTransitionTime: now,
	}}}})
}

// needsCilium tells whether the node was set up without flannel, the CNI of k3s.
func needsCilium(node *v1.Node) bool {
	return strings.Contains(node.Annotations[nodeArgsAnnotation], "flannel-backend") || node.Labels[agentLabel] == "cilium"
}

const (
	nodeArgsAnnotation = "k3s.io/node-args"
	// agentLabel is set on agents, whose arguments do not name the CNI.
	agentLabel = "sandbox/cni"
)

// reportPod reports a Pod that is bound to a node.
func (k *kubelet) reportPod(ctx context.Context, pod *v1.Pod, node *v1.Node, used map[string]bool) {
	if pod.DeletionTimestamp != nil {
		zero := int64(0)
		k.log(k.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &zero}))
		return
	}
	if pod.Status.Phase == v1.PodSucceeded || pod.Status.Phase == v1.PodFailed {
		return
	}
	status := pod.Status.DeepCopy()
	now := metav1.Now()
	if status.StartTime == nil {
		status.StartTime = &now
	}
	kind, name := owner(pod)
	state := v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: *status.StartTime}}
	ready, restarts := true, int32(0)
	status.Phase = v1.PodRunning
	if internalIP(node) == "" {
		return // the cloud controller manager has not set it yet
	}
	missing := k.missing(pod)
	switch verdict := k.faults.of(kind, name, pod.CreationTimestamp); {
	case missing != nil:
		if status.ContainerStatuses == nil {
			k.events.Event(pod, v1.EventTypeWarning, missing.event, missing.message)
		}
		state = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: missing.reason, Message: missing.message}}
		status.Phase, ready = v1.PodPending, false
	case verdict == waiting && kind != "Job":
		image := pod.Spec.Containers[0].Image
		message := fmt.Sprintf("Back-off pulling image %q: ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image %q: not found", image, image)
		if status.ContainerStatuses == nil {
			k.events.Event(pod, v1.EventTypeWarning, "Failed", message)
		}
		state = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: message}}
		status.Phase, ready = v1.PodPending, false
	case verdict == failing && kind == "Job":
		state = v1.ContainerState{Terminated: &v1.ContainerStateTerminated{ExitCode: 1, Reason: "Error", FinishedAt: now}}
		status.Phase, ready = v1.PodFailed, false
	case verdict == failing:
		state = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: "CrashLoopBackOff",
			Message: fmt.Sprintf("back-off 10s restarting failed container=%s pod=%s", pod.Spec.Containers[0].Name, pod.Name)}}
		ready, restarts = false, 1
	case verdict == healthy && pod.Spec.RestartPolicy != v1.RestartPolicyAlways && time.Since(status.StartTime.Time) > jobSeconds*time.Second:
		state = v1.ContainerState{Terminated: &v1.ContainerStateTerminated{ExitCode: 0, Reason: "Completed", FinishedAt: now}}
		status.Phase, ready = v1.PodSucceeded, false
	}
	if status.Phase != v1.PodPending && status.PodIP == "" {
		status.HostIP = internalIP(node)
		status.HostIPs = []v1.HostIP{{IP: status.HostIP}}
		status.PodIP = status.HostIP
		if !pod.Spec.HostNetwork {
			status.PodIP = freeIP(node.Spec.PodCIDR, used)
		}
		status.PodIPs = []v1.PodIP{{IP: status.PodIP}}
	}
	status.ContainerStatuses = containerStatuses(pod.Spec.Containers, state, ready, restarts)
	status.InitContainerStatuses = initStatuses(pod.Spec.InitContainers, state, status.Phase)
	status.ObservedGeneration = pod.Generation
	setConditions(status, ready, now)
	if same(status, &pod.Status) {
		return
	}
	copied := pod.DeepCopy()
	copied.Status = *status
	_, err := k.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, copied, metav1.UpdateOptions{})
	k.log(err)
}

// owner returns the workload of a Pod: the Deployment rather than its ReplicaSet.
func owner(pod *v1.Pod) (kind, name string) {
	reference := metav1.GetControllerOf(pod)
	if reference == nil {
		return "Pod", pod.Name
	}
	if hash := pod.Labels["pod-template-hash"]; reference.Kind == "ReplicaSet" && hash != "" {
		return "Deployment", strings.TrimSuffix(reference.Name, "-"+hash)
	}
	return reference.Kind, reference.Name
}

// missingObject is an object that a Pod mounts or reads and that does not exist.
type missingObject struct{ event, reason, message string }

func (k *kubelet) missing(pod *v1.Pod) *missingObject {
	absent := func(what, name string, optional *bool) string {
		if name == "" || optional != nil && *optional {
			return ""
		}
		var err error
		if what == "secret" {
			_, err = k.secrets.Secrets(pod.Namespace).Get(name)
		} else {
			_, err = k.configs.ConfigMaps(pod.Namespace).Get(name)
		}
		if err == nil {
			return ""
		}
		return fmt.Sprintf("%s %q not found", what, name)
	}
	for _, volume := range pod.Spec.Volumes {
		reasons := []string{}
		if s := volume.Secret; s != nil {
			reasons = append(reasons, absent("secret", s.SecretName, s.Optional))
		}
		if c := volume.ConfigMap; c != nil {
			reasons = append(reasons, absent("configmap", c.Name, c.Optional))
		}
		if p := volume.Projected; p != nil {
			for _, source := range p.Sources {
				if s := source.Secret; s != nil {
					reasons = append(reasons, absent("secret", s.Name, s.Optional))
				}
				if c := source.ConfigMap; c != nil {
					reasons = append(reasons, absent("configmap", c.Name, c.Optional))
				}
			}
		}
		if reason := strings.Join(slices.DeleteFunc(reasons, func(r string) bool { return r == "" }), ", "); reason != "" {
			return &missingObject{"FailedMount", "ContainerCreating", fmt.Sprintf("MountVolume.SetUp failed for volume %q : %s", volume.Name, reason)}
		}
	}
	for _, container := range append(slices.Clone(pod.Spec.InitContainers), pod.Spec.Containers...) {
		for _, env := range container.Env {
			reason := ""
			if from := env.ValueFrom; from != nil && from.SecretKeyRef != nil {
				reason = absent("secret", from.SecretKeyRef.Name, from.SecretKeyRef.Optional)
			} else if from != nil && from.ConfigMapKeyRef != nil {
				reason = absent("configmap", from.ConfigMapKeyRef.Name, from.ConfigMapKeyRef.Optional)
			}
			if reason != "" {
				return &missingObject{"Failed", "CreateContainerConfigError", reason}
			}
		}
		for _, from := range container.EnvFrom {
			reason := ""
			if s := from.SecretRef; s != nil {
				reason = absent("secret", s.Name, s.Optional)
			} else if c := from.ConfigMapRef; c != nil {
				reason = absent("configmap", c.Name, c.Optional)
			}
			if reason != "" {
				return &missingObject{"Failed", "CreateContainerConfigError", reason}
			}
		}
	}
	return nil
}

func containerStatuses(containers []v1.Container, state v1.ContainerState, ready bool, restarts int32) []v1.ContainerStatus {
	statuses := []v1.ContainerStatus{}
	started := state.Running != nil
	for _, container := range containers {
		statuses = append(statuses, v1.ContainerStatus{
			Name: container.Name, Image: container.Image, State: state, Ready: ready, Started: &started, RestartCount: restarts,
		})
	}
	return statuses
}

// initStatuses are those of containers that have completed, or as sidecars run on.
func initStatuses(containers []v1.Container, state v1.ContainerState, phase v1.PodPhase) []v1.ContainerStatus {
	statuses := []v1.ContainerStatus{}
	for _, container := range containers {
		status := v1.ContainerStatus{Name: container.Name, Image: container.Image, State: state}
		if sidecar := container.RestartPolicy != nil; phase != v1.PodPending && !sidecar {
			status.State = v1.ContainerState{Terminated: &v1.ContainerStateTerminated{Reason: "Completed"}}
		}
		status.Ready = phase != v1.PodPending
		statuses = append(statuses, status)
	}
	return statuses
}

func setConditions(status *v1.PodStatus, ready bool, now metav1.Time) {
	is := func(value bool) v1.ConditionStatus {
		if value {
			return v1.ConditionTrue
		}
		return v1.ConditionFalse
	}
	for kind, value := range map[v1.PodConditionType]bool{
		v1.PodReadyToStartContainers: status.Phase != v1.PodPending, v1.PodInitialized: status.Phase != v1.PodPending,
		v1.ContainersReady: ready, v1.PodReady: ready,
	} {
		condition := v1.PodCondition{Type: kind, Status: is(value), LastTransitionTime: now}
		if !value && (kind == v1.PodReady || kind == v1.ContainersReady) {
			condition.Reason = "ContainersNotReady"
		}
		i := slices.IndexFunc(status.Conditions, func(c v1.PodCondition) bool { return c.Type == kind })
		switch {
		case i < 0:
			status.Conditions = append(status.Conditions, condition)
		case status.Conditions[i].Status != condition.Status:
			status.Conditions[i] = condition
		}
	}
	slices.SortFunc(status.Conditions, func(a, b v1.PodCondition) int { return strings.Compare(string(a.Type), string(b.Type)) })
}

func internalIP(node *v1.Node) string {
	for _, address := range node.Status.Addresses {
		if address.Type == v1.NodeInternalIP {
			return address.Address
		}
	}
	return ""
}

// freeIP returns the first address of the range that no Pod has, and marks it used.
func freeIP(cidr string, used map[string]bool) string {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return ""
	}
	// The first one is the node's own.
	for ip := prefix.Addr().Next().Next(); prefix.Contains(ip); ip = ip.Next() {
		if !used[ip.String()] {
			used[ip.String()] = true
			return ip.String()
		}
	}
	return ""
}

// same compares by JSON, which leaves out what is empty.
func same(a, b any) bool {
	left, _ := json.Marshal(a)
	right, _ := json.Marshal(b)
	return string(left) == string(right)
}

func (k *kubelet) patch(ctx context.Context, resource, namespace, name, subresource string, body any) {
	data, _ := json.Marshal(body)
	request := k.client.CoreV1().RESTClient().Patch(types.MergePatchType).NamespaceIfScoped(namespace, namespace != "").
		Resource(resource).Name(name).Body(data)
	if subresource != "" {
		request = request.SubResource(subresource)
	}
	k.log(request.Do(ctx).Error())
}

// log notes an error; the next pass tries again.
func (k *kubelet) log(err error) {
	if err != nil {
		klog.Background().Info("the kubelet's report was not accepted", "error", err.Error())
	}
}

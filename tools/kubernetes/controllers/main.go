// Controllers runs what an API server needs beside it to be a cluster: controllers of Kubernetes itself, its scheduler,
// kubelets of nodes that do not exist, and the status that the operators of the platform report. It is one program,
// because building kube-controller-manager, kube-scheduler and kwok from source takes minutes.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "the cluster to work on")
	port := flag.Int("port", 0, "where /healthz answers on 127.0.0.1")
	clouds := flag.String("clouds", "", "URL of the emulated clouds; its Hetzner token is in HCLOUD_TOKEN")
	pods := flag.Bool("pods", true, "whether pods are reported as running, and operators' objects as ready")
	flag.Parse()
	if err := run(*kubeconfig, *port, *pods, &hetzner{url: *clouds, token: os.Getenv("HCLOUD_TOKEN")}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kubeconfig string, port int, pods bool, cloud *hetzner) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()

	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 400, 2000
	// The name of those who write a field: managedFields tells controllers from what others created.
	config.UserAgent = "kube-controller-manager"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	if err := useFeaturesOf(client); err != nil {
		return err
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	asCertManager := rest.CopyConfig(config)
	asCertManager.Impersonate.UserName = "system:serviceaccount:cert-manager:cert-manager"
	certManager, err := dynamic.NewForConfig(asCertManager)
	if err != nil {
		return err
	}
	shared := informers.NewSharedInformerFactory(client, 0)

	startControllers, err := newControllers(ctx, config, client, metadataClient, shared)
	if err != nil {
		return err
	}
	startScheduler, err := newScheduler(ctx, config, client, dynamicClient, shared)
	if err != nil {
		return err
	}
	faults := newFaults(shared)
	kubelet := newKubelet(client, shared, faults)
	operators, err := newOperators(client, dynamicClient, certManager, shared, faults, cloud)
	if err != nil {
		return err
	}

	shared.Start(ctx.Done())
	shared.WaitForCacheSync(ctx.Done())
	startControllers()
	startScheduler()
	if pods {
		go kubelet.run(ctx)
		go operators.run(ctx)
	}

	http.HandleFunc("/healthz", func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprint(answer, "ok") })
	server := &http.Server{Addr: fmt.Sprintf("127.0.0.1:%d", port)}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// useFeaturesOf sets the feature gates to the defaults of the server's version: an older one lacks kinds of newer
// features, and the caches of those would wait for them for ever.
func useFeaturesOf(client kubernetes.Interface) error {
	info, err := client.Discovery().ServerVersion()
	if err != nil {
		return err
	}
	server, err := version.ParseGeneric(info.GitVersion)
	if err != nil {
		return err
	}
	return feature.DefaultMutableFeatureGate.SetEmulationVersion(version.MajorMinor(server.Major(), server.Minor()))
}

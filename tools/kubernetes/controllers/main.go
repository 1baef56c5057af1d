// Controllers gives deletion its meaning on an API server that has no other controllers: Kubernetes' own namespace
// controller empties and finalizes namespaces, and its own garbage collector ends foreground deletions.
// kube-controller-manager would do the same, for a minute and a half more of building.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/namespace"
)

const (
	workers = 10
	// How soon the garbage collector learns of a new kind. Until then a foreground deletion of that kind waits.
	// kube-controller-manager asks every 30 s, to spare a large cluster.
	syncPeriod = 2 * time.Second
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "the cluster to work on")
	port := flag.Int("port", 0, "where /healthz answers on 127.0.0.1")
	flag.Parse()
	if err := run(*kubeconfig, *port); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kubeconfig string, port int) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()

	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 400, 2000
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	shared := informers.NewSharedInformerFactory(client, 0)
	ofMetadata := metadatainformer.NewSharedInformerFactory(metadataClient, 0)

	namespaces := namespace.NewNamespaceController(ctx, client, metadataClient,
		client.Discovery().ServerPreferredNamespacedResources,
		shared.Core().V1().Namespaces(), 5*time.Minute, v1.FinalizerKubernetes)

	started := make(chan struct{})
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	collector, err := garbagecollector.NewGarbageCollector(ctx, client, metadataClient, mapper,
		garbagecollector.DefaultIgnoredResources(),
		informerfactory.NewInformerFactory(shared, ofMetadata), started)
	if err != nil {
		return err
	}

	shared.Start(ctx.Done())
	ofMetadata.Start(ctx.Done())
	close(started)
	go namespaces.Run(ctx, workers)
	go collector.Run(ctx, workers, time.Minute)
	go collector.Sync(ctx, client.Discovery(), syncPeriod)

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

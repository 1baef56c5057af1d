package main

import (
	"context"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apiserver/pkg/quota/v1/generic"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/kubernetes/pkg/controller/certificates/rootcacertpublisher"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"
	"k8s.io/kubernetes/pkg/controller/cronjob"
	"k8s.io/kubernetes/pkg/controller/daemon"
	"k8s.io/kubernetes/pkg/controller/deployment"
	"k8s.io/kubernetes/pkg/controller/endpoint"
	"k8s.io/kubernetes/pkg/controller/endpointslice"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/job"
	"k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controller/replicaset"
	"k8s.io/kubernetes/pkg/controller/resourcequota"
	"k8s.io/kubernetes/pkg/controller/serviceaccount"
	"k8s.io/kubernetes/pkg/controller/statefulset"
	"k8s.io/kubernetes/pkg/controller/ttlafterfinished"
	quota "k8s.io/kubernetes/pkg/quota/v1/install"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/profile"
)

const (
	workers = 5
	// How soon the garbage collector learns of a new kind. Until then a foreground deletion of that kind waits.
	// kube-controller-manager asks every 30 s, to spare a large cluster.
	syncPeriod = 2 * time.Second
)

// newControllers prepares the controllers of kube-controller-manager that workloads, Services, Namespaces and deletions
// need, with its defaults. The result starts them.
func newControllers(
	ctx context.Context, config *rest.Config, client kubernetes.Interface, metadataClient metadata.Interface,
	shared informers.SharedInformerFactory,
) (func(), error) {
	core, apps, batch := shared.Core().V1(), shared.Apps().V1(), shared.Batch().V1()

	accounts, err := serviceaccount.NewServiceAccountsController(logger(ctx), core.ServiceAccounts(), core.Namespaces(),
		client, serviceaccount.DefaultServiceAccountsControllerOptions())
	if err != nil {
		return nil, err
	}
	roots, err := rootcacertpublisher.NewPublisher(core.ConfigMaps(), core.Namespaces(), client, config.CAData)
	if err != nil {
		return nil, err
	}
	deployments, err := deployment.NewDeploymentController(ctx, apps.Deployments(), apps.ReplicaSets(), core.Pods(), client)
	if err != nil {
		return nil, err
	}
	daemons, err := daemon.NewDaemonSetsController(ctx, apps.DaemonSets(), apps.ControllerRevisions(), core.Pods(),
		core.Nodes(), client, flowcontrol.NewBackOff(time.Second, 15*time.Minute))
	if err != nil {
		return nil, err
	}
	jobs, err := job.NewController(ctx, client, core.Pods(), batch.Jobs(), nil, nil)
	if err != nil {
		return nil, err
	}
	cronJobs, err := cronjob.NewControllerV2(ctx, batch.Jobs(), batch.CronJobs(), client)
	if err != nil {
		return nil, err
	}
	run := []func(context.Context, int){
		accounts.Run,
		roots.Run,
		deployments.Run,
		daemons.Run,
		jobs.Run,
		cronJobs.Run,
		replicaset.NewReplicaSetController(ctx, apps.ReplicaSets(), core.Pods(), client, replicaset.BurstReplicas).Run,
		statefulset.NewStatefulSetController(ctx, core.Pods(), apps.StatefulSets(), core.PersistentVolumeClaims(),
			apps.ControllerRevisions(), client).Run,
		endpoint.NewEndpointController(ctx, core.Pods(), core.Services(), core.Endpoints(), client, 0).Run,
		endpointslice.NewController(ctx, core.Pods(), core.Services(), core.Nodes(),
			shared.Discovery().V1().EndpointSlices(), 100, client, 0).Run,
		clusterroleaggregation.NewClusterRoleAggregation(shared.Rbac().V1().ClusterRoles(), client.RbacV1()).Run,
		ttlafterfinished.New(ctx, batch.Jobs(), client).Run,
		namespace.NewNamespaceController(ctx, client, metadataClient, client.Discovery().ServerPreferredNamespacedResources,
			core.Namespaces(), 5*time.Minute, v1.FinalizerKubernetes).Run,
	}

	started := make(chan struct{})
	ofMetadata := metadatainformer.NewSharedInformerFactory(metadataClient, 0)
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	collector, err := garbagecollector.NewGarbageCollector(ctx, client, metadataClient, mapper,
		garbagecollector.DefaultIgnoredResources(), informerfactory.NewInformerFactory(shared, ofMetadata), started)
	if err != nil {
		return nil, err
	}
	quotaConfiguration, err := quota.NewQuotaConfigurationForControllers(
		generic.ListerFuncForResourceFunc(shared.ForResource), shared)
	if err != nil {
		return nil, err
	}
	resync := func() time.Duration { return 5 * time.Minute }
	quotas, err := resourcequota.NewController(ctx, &resourcequota.ControllerOptions{
		QuotaClient: client.CoreV1(), ResourceQuotaInformer: core.ResourceQuotas(), ResyncPeriod: resync,
		InformerFactory: informerfactory.NewInformerFactory(shared, ofMetadata), ReplenishmentResyncPeriod: resync,
		DiscoveryFunc:        client.Discovery().ServerPreferredNamespacedResources,
		IgnoredResourcesFunc: quotaConfiguration.IgnoredResources, InformersStarted: started,
		Registry: generic.NewRegistry(quotaConfiguration.Evaluators()), UpdateFilter: quota.DefaultUpdateFilter(),
	})
	if err != nil {
		return nil, err
	}
	return func() {
		ofMetadata.Start(ctx.Done())
		close(started)
		for _, controller := range run {
			go controller(ctx, workers)
		}
		go quotas.Run(ctx, workers)
		go quotas.Sync(ctx, client.Discovery().ServerPreferredNamespacedResources, 30*time.Second)
		go collector.Run(ctx, 2*workers, time.Minute)
		go collector.Sync(ctx, client.Discovery(), syncPeriod)
	}, nil
}

// newScheduler prepares kube-scheduler with its default profile. The result starts it.
func newScheduler(
	ctx context.Context, config *rest.Config, client kubernetes.Interface, dynamicClient dynamic.Interface,
	shared informers.SharedInformerFactory,
) (func(), error) {
	broadcaster := events.NewEventBroadcasterAdapter(client)
	recorders := profile.RecorderFactory(broadcaster.NewRecorder)
	dynamicInformers := dynamicinformer.NewFilteredDynamicSharedInformerFactory(dynamicClient, 0, v1.NamespaceAll, nil)
	sched, err := scheduler.New(ctx, client, shared, dynamicInformers, recorders, scheduler.WithKubeConfig(config))
	if err != nil {
		return nil, err
	}
	return func() {
		broadcaster.StartRecordingToSink(ctx.Done())
		dynamicInformers.Start(ctx.Done())
		dynamicInformers.WaitForCacheSync(ctx.Done())
		go func() {
			if err := sched.WaitForHandlersSync(ctx); err == nil {
				sched.Run(ctx)
			}
		}()
	}, nil
}

// Cert-manager runs cert-manager's own controllers, those that issue certificates through ACME and by CAs of the
// cluster's own. Its command lies in a module that is not published, so this main stands in for it: it takes the
// arguments that its chart gives it, and has its defaults.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/klog/v2"

	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/controller/acmechallenges"
	"github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	"github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/acme"
	"github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	"github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	"github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	"github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	"github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
)

// Of those that the command starts, all that ACME and the cluster's own CAs need.
var wanted = []string{
	acme.CRControllerName, acmechallenges.ControllerName, acmeorders.ControllerName, approver.ControllerName,
	ca.CRControllerName, clusterissuers.ControllerName, issuers.ControllerName, issuing.ControllerName,
	keymanager.ControllerName, readiness.ControllerName, requestmanager.ControllerName,
	revisionmanager.ControllerName, selfsigned.CRControllerName, trigger.ControllerName,
}

const workers = 5

func main() {
	options := controller.ContextOptions{
		KubernetesAPIQPS:   20,
		KubernetesAPIBurst: 50,
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverResourceRequestCPU:    resource.MustParse("10m"),
			HTTP01SolverResourceRequestMemory: resource.MustParse("64Mi"),
			HTTP01SolverResourceLimitsCPU:     resource.MustParse("100m"),
			HTTP01SolverResourceLimitsMemory:  resource.MustParse("64Mi"),
			ACMEHTTP01SolverRunAsNonRoot:      true,
		},
		IssuerOptions: controller.IssuerOptions{ClusterIssuerAmbientCredentials: true},
		CertificateOptions: controller.CertificateOptions{
			CopiedAnnotationPrefixes:                 []string{"*", "-kubectl.kubernetes.io/", "-fluxcd.io/", "-argocd.argoproj.io/"},
			CertificateRequestMinimumBackoffDuration: time.Hour,
			CertificateRequestMaximumBackoffDuration: 32 * time.Hour,
		},
	}
	// Named as in the command, with its defaults. What means nothing here is taken all the same.
	flags := flag.NewFlagSet("cert-manager", flag.ExitOnError)
	flags.StringVar(&options.Kubeconfig, "kubeconfig", "", "")
	flags.StringVar(&options.ClusterResourceNamespace, "cluster-resource-namespace", "kube-system", "")
	flags.StringVar(&options.HTTP01SolverImage, "acme-http01-solver-image", "", "")
	flags.IntVar(&options.MaxConcurrentChallenges, "max-concurrent-challenges", 60, "")
	flags.DurationVar(&options.DNS01CheckRetryPeriod, "dns01-check-retry-period", 10*time.Second, "")
	nameservers := flags.String("dns01-recursive-nameservers", "", "")
	only := flags.Bool("dns01-recursive-nameservers-only", false, "")
	flags.String("leader-election-namespace", "kube-system", "")
	verbosity := flags.String("v", "2", "")
	health := flags.String("healthz-listen-address", "127.0.0.1:9403", "")
	_ = flags.Parse(os.Args[1:])
	if *nameservers != "" {
		options.DNS01Nameservers = strings.Split(*nameservers, ",")
	}
	options.DNS01CheckAuthoritative = !*only

	level := flag.NewFlagSet("klog", flag.ExitOnError)
	klog.InitFlags(level)
	_ = level.Set("v", *verbosity)
	if err := run(options, *health); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(options controller.ContextOptions, health string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ctx = logf.NewContext(ctx, klog.Background())
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return err
	}
	shared, err := factory.Build()
	if err != nil {
		return err
	}

	var running []controller.Interface
	for name, construct := range controller.Known() {
		if !slices.Contains(wanted, name) {
			continue
		}
		made, err := construct(factory)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		running = append(running, made)
	}
	if len(running) != len(wanted) {
		return fmt.Errorf("%d controllers are known, want %d", len(running), len(wanted))
	}

	shared.SharedInformerFactory.Start(ctx.Done())
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	shared.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	var group sync.WaitGroup
	for _, each := range running {
		group.Go(func() {
			if err := each.Run(workers, ctx); err != nil {
				fmt.Fprintln(os.Stderr, err)
				stop()
			}
		})
	}

	server := &http.Server{Addr: health}
	http.HandleFunc("/livez", func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprint(answer, "ok") })
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	group.Wait()
	return nil
}

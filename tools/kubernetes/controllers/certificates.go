package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// specAnnotation holds the spec that a Secret was issued for.
const specAnnotation = "sandbox/issued-for"

// authority is a CA: its certificate and key.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
	// chain is what follows a leaf in tls.crt, as PEM: empty for a root.
	chain []byte
	root  []byte
}

func newAuthority(name string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Minute),
		NotAfter: time.Now().AddDate(10, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &authority{certificate: certificate, key: key, root: encode("CERTIFICATE", der)}, err
}

// certManager issues Certificates as cert-manager does, with real keys and signatures. Certificates of ACME issuers are
// signed at once by a CA of the sandbox: no challenge is answered.
func (o *operators) certManager(ctx context.Context) {
	running := o.controller(map[string]string{"app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller"})
	if running == nil {
		return
	}
	for _, kind := range []schema.GroupVersionResource{issuers, clusterIssuers} {
		for _, issuer := range o.list(kind) {
			o.reportIssuer(ctx, kind, issuer, running.namespace)
		}
	}
	for _, certificate := range o.list(certificates) {
		o.reportCertificate(ctx, certificate, running.namespace)
	}
}

// secretsOf is the namespace of an issuer's Secrets.
func secretsOf(issuer *unstructured.Unstructured, clusterNamespace string) string {
	if issuer.GetKind() == "ClusterIssuer" {
		return clusterNamespace
	}
	return issuer.GetNamespace()
}

func (o *operators) reportIssuer(ctx context.Context, kind schema.GroupVersionResource, issuer *unstructured.Unstructured, namespace string) {
	ready, reason, message := true, "IsReady", ""
	status := map[string]any{}
	secret := text(issuer, "spec", "ca", "secretName")
	_, isACME, _ := unstructured.NestedMap(issuer.Object, "spec", "acme")
	verdict := o.judge(issuer)
	switch {
	case verdict == waiting:
		return
	case verdict == failing && isACME:
		ready, reason = false, "ErrRegisterACMEAccount"
		message = "Failed to register ACME account: Get \"https://acme-v02.api.letsencrypt.org/directory\": dial tcp: lookup acme-v02.api.letsencrypt.org: i/o timeout"
	case verdict == failing:
		ready, reason, message = false, "ErrGetKeyPair", "Error getting keypair for CA issuer: error decoding certificate PEM block"
	case isACME:
		reason, message = "ACMEAccountRegistered", "The ACME account was registered with the ACME server"
		server, email := text(issuer, "spec", "acme", "server"), text(issuer, "spec", "acme", "email")
		status["acme"] = map[string]any{"uri": strings.TrimSuffix(server, "directory") + "acct/1", "lastRegisteredEmail": email}
		o.ensureAccountKey(ctx, secretsOf(issuer, namespace), text(issuer, "spec", "acme", "privateKeySecretRef", "name"))
	case secret != "":
		reason, message = "KeyPairVerified", "Signing CA verified"
		if _, err := o.readAuthority(secretsOf(issuer, namespace), secret); err != nil {
			ready, reason, message = false, "ErrGetKeyPair", fmt.Sprintf("Error getting keypair for CA issuer: %v", err)
		}
	}
	status["conditions"] = []any{condition("Ready", ready, reason, message, issuer.GetGeneration())}
	o.setStatus(ctx, kind, issuer, status)
}

func (o *operators) ensureAccountKey(ctx context.Context, namespace, name string) {
	if _, err := o.secrets.Secrets(namespace).Get(name); name == "" || err == nil {
		return
	}
	_, key := newKey("RSA")
	_, err := o.client.CoreV1().Secrets(namespace).Create(ctx, &v1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string][]byte{"tls.key": key},
	}, metav1.CreateOptions{})
	o.log(ignoreExists(err))
}

func (o *operators) readAuthority(namespace, name string) (*authority, error) {
	secret, err := o.secrets.Secrets(namespace).Get(name)
	if err != nil {
		return nil, err
	}
	block, rest := pem.Decode(secret.Data["tls.crt"])
	keyBlock, _ := pem.Decode(secret.Data["tls.key"])
	if block == nil || keyBlock == nil {
		return nil, errors.New("no data for \"tls.crt\" or \"tls.key\" in secret")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, err := parseKey(keyBlock.Bytes)
	if err != nil {
		return nil, err
	}
	root := secret.Data["ca.crt"]
	chain := []byte{}
	if !bytes.Equal(certificate.RawSubject, certificate.RawIssuer) {
		chain = append(pem.EncodeToMemory(block), rest...)
	}
	return &authority{certificate, key, chain, root}, nil
}

// reportCertificate issues a certificate, or reports why it is not issued.
func (o *operators) reportCertificate(ctx context.Context, certificate *unstructured.Unstructured, namespace string) {
	kind, name := text(certificate, "spec", "issuerRef", "kind"), text(certificate, "spec", "issuerRef", "name")
	var issuer *unstructured.Unstructured
	if kind == "ClusterIssuer" {
		issuer = o.find(clusterIssuers, "", name)
	} else {
		issuer = o.find(issuers, certificate.GetNamespace(), name)
	}
	wanted := fmt.Sprint(certificate.Object["spec"])
	secretName := text(certificate, "spec", "secretName")
	secret, err := o.secrets.Secrets(certificate.GetNamespace()).Get(secretName)
	isIssued := err == nil && secret.Annotations[specAnnotation] == wanted
	verdict := o.judge(certificate)
	if verdict == healthy && isIssued {
		o.reportIssued(ctx, certificate, secret)
		return
	}
	reason, problem := "DoesNotExist", ""
	_, isACME, _ := unstructured.NestedMap(objectOf(issuer), "spec", "acme")
	switch {
	case issuer == nil:
		problem = fmt.Sprintf("Referenced %q not found: %s.cert-manager.io %q not found", kind, strings.ToLower(kind), name)
	case !hasCondition(issuer, "Ready"):
		problem = "Referenced issuer does not have a Ready status condition"
	case isACME && verdict == healthy:
		problem = o.missingToken(issuer, namespace)
	}
	if problem == "" && verdict == healthy {
		o.issue(ctx, certificate, issuer, namespace, wanted)
		return
	}
	o.reportPending(ctx, certificate, problem, isACME, verdict)
	message := "Issuing certificate as Secret does not exist"
	conditions := []any{
		condition("Ready", false, reason, message, certificate.GetGeneration()),
		condition("Issuing", true, reason, message, certificate.GetGeneration()),
	}
	if verdict == failing {
		conditions[1] = condition("Issuing", false, "Failed",
			"The certificate request has failed to complete and will be retried: Failed to wait for order resource to become ready: order is in \"invalid\" state", certificate.GetGeneration())
	}
	o.setStatus(ctx, certificates, certificate, map[string]any{"conditions": conditions})
}

func objectOf(object *unstructured.Unstructured) map[string]any {
	if object == nil {
		return nil
	}
	return object.Object
}

// missingToken is why the first DNS-01 solver of an issuer cannot work.
func (o *operators) missingToken(issuer *unstructured.Unstructured, namespace string) string {
	solvers, _, _ := unstructured.NestedSlice(issuer.Object, "spec", "acme", "solvers")
	for _, solver := range solvers {
		name, _, _ := unstructured.NestedString(solver.(map[string]any), "dns01", "cloudflare", "apiTokenSecretRef", "name")
		if _, err := o.secrets.Secrets(secretsOf(issuer, namespace)).Get(name); name != "" && err != nil {
			return fmt.Sprintf("error getting cloudflare secret: secrets %q not found", name)
		}
	}
	return ""
}

// reportPending creates the CertificateRequest of a certificate that is not issued, and for ACME its Order and Challenge.
func (o *operators) reportPending(ctx context.Context, certificate *unstructured.Unstructured, problem string, isACME bool, verdict verdict) {
	name := certificate.GetName() + "-1"
	reference, _, _ := unstructured.NestedMap(certificate.Object, "spec", "issuerRef")
	message := problem
	if message == "" {
		message = fmt.Sprintf("Waiting on certificate issuance from order %s/%s: \"pending\"", certificate.GetNamespace(), name)
	}
	// Nothing reads the request: the certificate is signed without it.
	spec := map[string]any{"issuerRef": reference, "request": base64.StdEncoding.EncodeToString([]byte(name))}
	request := o.report(ctx, requests, "CertificateRequest", name, certificate, spec, map[string]any{"conditions": []any{
		condition("Approved", true, "cert-manager.io", "Certificate request has been approved by cert-manager.io", 1),
		condition("Ready", false, "Pending", message, 1)}})
	hosts, _, _ := unstructured.NestedStringSlice(certificate.Object, "spec", "dnsNames")
	if !isACME || len(hosts) == 0 || request == nil {
		return
	}
	state, reason := "pending", fmt.Sprintf("Waiting for DNS-01 challenge propagation: DNS record for %q not yet propagated", strings.TrimPrefix(hosts[0], "*."))
	if problem != "" {
		reason = problem
	}
	if verdict == failing {
		state = "invalid"
		reason = fmt.Sprintf("Error accepting authorization: acme: authorization error for %s: 403 urn:ietf:params:acme:error:unauthorized: Incorrect TXT record found at _acme-challenge.%s", hosts[0], strings.TrimPrefix(hosts[0], "*."))
	}
	order := o.report(ctx, orders, "Order", name, request, map[string]any{"issuerRef": reference, "request": spec["request"]},
		map[string]any{"state": state, "reason": reason})
	if order == nil {
		return
	}
	o.report(ctx, challenges, "Challenge", name, order, map[string]any{
		"issuerRef": reference, "type": "DNS-01", "dnsName": strings.TrimPrefix(hosts[0], "*."), "token": "sandbox", "key": "sandbox",
		"url": "https://acme.invalid/challenge/1", "authorizationURL": "https://acme.invalid/authorization/1",
		"solver": map[string]any{"dns01": map[string]any{"cloudflare": map[string]any{}}},
	}, map[string]any{"state": state, "reason": reason, "processing": true, "presented": true})
}

// report creates an object with its owner, spec and status as cert-manager, or changes its status. It returns nil if that is
// refused.
func (o *operators) report(
	ctx context.Context, kind schema.GroupVersionResource, kindName, name string, owner *unstructured.Unstructured,
	spec, status map[string]any,
) *unstructured.Unstructured {
	client := o.asCertManager.Resource(kind).Namespace(owner.GetNamespace())
	object, err := client.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		object = &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
		object.SetAPIVersion(kind.GroupVersion().String())
		object.SetKind(kindName)
		object.SetName(name)
		object.SetAnnotations(map[string]string{"cert-manager.io/certificate-name": strings.TrimSuffix(name, "-1")})
		object.SetOwnerReferences([]metav1.OwnerReference{*metav1.NewControllerRef(owner, owner.GroupVersionKind())})
		object, err = client.Create(ctx, object, metav1.CreateOptions{})
	}
	if err != nil {
		o.log(ignoreExists(err))
		return nil
	}
	o.setStatus(ctx, kind, object, status)
	return object
}

// issue signs a certificate and writes its Secret. The next pass reports it.
func (o *operators) issue(ctx context.Context, certificate, issuer *unstructured.Unstructured, namespace, wanted string) {
	signer := o.acme
	if secret := text(issuer, "spec", "ca", "secretName"); secret != "" {
		found, err := o.readAuthority(secretsOf(issuer, namespace), secret)
		if err != nil {
			return // the issuer reports it
		}
		signer = found
	} else if _, isSelfSigned, _ := unstructured.NestedMap(issuer.Object, "spec", "selfSigned"); isSelfSigned {
		signer = nil
	}
	hosts, _, _ := unstructured.NestedStringSlice(certificate.Object, "spec", "dnsNames")
	isCA, _, _ := unstructured.NestedBool(certificate.Object, "spec", "isCA")
	duration, err := time.ParseDuration(text(certificate, "spec", "duration"))
	if err != nil {
		duration = 90 * 24 * time.Hour
	}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: text(certificate, "spec", "commonName")}, DNSNames: hosts, NotAfter: time.Now().Add(duration),
		IsCA: isCA,
	}
	own, keyPEM, err := sign(template, signer, text(certificate, "spec", "privateKey", "algorithm"))
	if err != nil {
		o.log(err)
		return
	}
	root, chain := own, []byte{}
	if signer != nil {
		root, chain = signer.root, signer.chain
	}
	extra, _, _ := unstructured.NestedStringMap(certificate.Object, "spec", "secretTemplate", "labels")
	annotations := map[string]string{
		specAnnotation: wanted, "cert-manager.io/certificate-name": certificate.GetName(), "cert-manager.io/issuer-name": issuer.GetName(),
		"cert-manager.io/issuer-kind": issuer.GetKind(), "cert-manager.io/common-name": template.Subject.CommonName,
		"cert-manager.io/alt-names": strings.Join(hosts, ","),
	}
	secret := &v1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: text(certificate, "spec", "secretName"), Labels: map[string]string{"controller.cert-manager.io/fao": "true"}, Annotations: annotations},
		Type:       v1.SecretTypeTLS,
		Data:       map[string][]byte{"tls.crt": append(own, chain...), "tls.key": keyPEM},
	}
	// Let's Encrypt's root is in no Secret: whoever connects knows it.
	if signer != o.acme {
		secret.Data["ca.crt"] = root
	}
	for key, value := range extra {
		secret.Labels[key] = value
	}
	client := o.client.CoreV1().Secrets(certificate.GetNamespace())
	_, err = client.Create(ctx, secret, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		_, err = client.Update(ctx, secret, metav1.UpdateOptions{})
	}
	o.log(err)
}

// sign returns a certificate and its key as PEM; without a signer it signs itself.
func sign(template *x509.Certificate, signer *authority, algorithm string) (certificate, key []byte, err error) {
	own, key := newKey(algorithm)
	template.SerialNumber, template.NotBefore, template.BasicConstraintsValid = serial(), time.Now().Add(-time.Minute), true
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	if template.IsCA {
		template.KeyUsage |= x509.KeyUsageCertSign
	} else {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	}
	parent, parentKey := template, own
	if signer != nil {
		parent, parentKey = signer.certificate, signer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, own.Public(), parentKey)
	return encode("CERTIFICATE", der), key, err
}

// reportIssued reports a certificate's dates, as its Secret has them.
func (o *operators) reportIssued(ctx context.Context, certificate *unstructured.Unstructured, secret *v1.Secret) {
	// Only a certificate that was late or failed has one here.
	if request := o.find(requests, certificate.GetNamespace(), certificate.GetName()+"-1"); request != nil {
		o.log(o.dynamic.Resource(requests).Namespace(request.GetNamespace()).Delete(ctx, request.GetName(), metav1.DeleteOptions{}))
	}
	block, _ := pem.Decode(secret.Data["tls.crt"])
	if block == nil {
		return
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return
	}
	before, err := time.ParseDuration(text(certificate, "spec", "renewBefore"))
	if err != nil {
		before = parsed.NotAfter.Sub(parsed.NotBefore) / 3
	}
	show := func(at time.Time) string { return at.UTC().Format(time.RFC3339) }
	o.setStatus(ctx, certificates, certificate, map[string]any{
		"notBefore": show(parsed.NotBefore), "notAfter": show(parsed.NotAfter), "renewalTime": show(parsed.NotAfter.Add(-before)),
		"revision":   int64(1),
		"conditions": []any{condition("Ready", true, "Ready", "Certificate is up to date and has not expired", certificate.GetGeneration())},
	})
}

// hubble creates the Secrets of Hubble's Job once it has completed.
func (o *operators) hubble(ctx context.Context) {
	jobs, _ := o.jobs.Jobs(metav1.NamespaceSystem).List(labels.Everything())
	isDone := slices.ContainsFunc(jobs, func(job *batchv1.Job) bool {
		return strings.HasPrefix(job.Name, "hubble-generate-certs") && job.Status.Succeeded > 0
	})
	if !isDone {
		return
	}
	for name, host := range map[string]string{
		"hubble-server-certs": "*.default.hubble-grpc.cilium.io", "hubble-relay-client-certs": "*.hubble-relay.cilium.io",
	} {
		if _, err := o.secrets.Secrets(metav1.NamespaceSystem).Get(name); err == nil {
			continue
		}
		own, key, err := sign(&x509.Certificate{DNSNames: []string{host}, NotAfter: time.Now().AddDate(1, 0, 0)}, o.acme, "ECDSA")
		if err != nil {
			o.log(err)
			continue
		}
		_, err = o.client.CoreV1().Secrets(metav1.NamespaceSystem).Create(ctx, &v1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Type: v1.SecretTypeTLS,
			Data: map[string][]byte{"tls.crt": own, "tls.key": key, "ca.crt": o.acme.root},
		}, metav1.CreateOptions{})
		o.log(ignoreExists(err))
	}
}

// trustManager writes the ConfigMaps of Bundles.
func (o *operators) trustManager(ctx context.Context) {
	running := o.controller(map[string]string{"app.kubernetes.io/name": "trust-manager"})
	if running == nil {
		return
	}
	trust := running.arg("--trust-namespace")
	for _, bundle := range o.list(bundles) {
		verdict := o.judge(bundle)
		if verdict == waiting {
			continue
		}
		data, err := o.bundleData(bundle, trust)
		if verdict == failing {
			err = errors.New("bundle source was not found: secrets \"sandbox\" not found")
		}
		if err != nil {
			o.setStatus(ctx, bundles, bundle, map[string]any{"conditions": []any{
				condition("Synced", false, "SourceNotFound", err.Error(), bundle.GetGeneration())}})
			continue
		}
		if o.writeBundle(ctx, bundle, data) {
			o.setStatus(ctx, bundles, bundle, map[string]any{"conditions": []any{
				condition("Synced", true, "Synced", "Successfully synced Bundle to all namespaces", bundle.GetGeneration())}})
		}
	}
}

func (o *operators) bundleData(bundle *unstructured.Unstructured, namespace string) (string, error) {
	sources, _, _ := unstructured.NestedSlice(bundle.Object, "spec", "sources")
	parts := []string{}
	for _, item := range sources {
		source := item.(map[string]any)
		if inline, ok := source["inLine"].(string); ok {
			parts = append(parts, strings.TrimSpace(inline))
		}
		if reference, ok := source["secret"].(map[string]any); ok {
			secret, err := o.secrets.Secrets(namespace).Get(reference["name"].(string))
			if err != nil {
				return "", fmt.Errorf("bundle source was not found: %w", err)
			}
			parts = append(parts, strings.TrimSpace(string(secret.Data[reference["key"].(string)])))
		}
	}
	return strings.Join(parts, "\n") + "\n", nil
}

// writeBundle writes the ConfigMap in every selected namespace, and tells whether all were there already.
func (o *operators) writeBundle(ctx context.Context, bundle *unstructured.Unstructured, data string) bool {
	key := text(bundle, "spec", "target", "configMap", "key")
	matching, _, _ := unstructured.NestedStringMap(bundle.Object, "spec", "target", "namespaceSelector", "matchLabels")
	selected, _ := o.namespaces.List(labels.SelectorFromSet(matching))
	complete := true
	for _, namespace := range selected {
		if namespace.DeletionTimestamp != nil {
			continue
		}
		found, err := o.configMaps.ConfigMaps(namespace.Name).Get(bundle.GetName())
		if err == nil && found.Data[key] == data {
			continue
		}
		complete = false
		configMap := &v1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: bundle.GetName(), Labels: map[string]string{"trust.cert-manager.io/bundle": bundle.GetName()},
				OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(bundle, bundles.GroupVersion().WithKind("Bundle"))}},
			Data: map[string]string{key: data},
		}
		client := o.client.CoreV1().ConfigMaps(namespace.Name)
		if err == nil {
			_, err = client.Update(ctx, configMap, metav1.UpdateOptions{})
		} else {
			_, err = client.Create(ctx, configMap, metav1.CreateOptions{})
		}
		o.log(ignoreExists(err))
	}
	return complete
}

func newKey(algorithm string) (crypto.Signer, []byte) {
	var key crypto.Signer
	var err error
	if algorithm == "ECDSA" {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		panic(err) // no randomness
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err) // both kinds can be marshalled
	}
	return key, encode("PRIVATE KEY", der)
}

func parseKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return key.(crypto.Signer), nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	return x509.ParsePKCS1PrivateKey(der)
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func serial() *big.Int {
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // no randomness
	}
	return number
}

func ignoreExists(err error) error {
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { request as send, type Access } from "../../sandbox/cluster/access";
import {
  accessTo,
  assertChanged,
  emptySandbox,
  request,
  settingsOf,
  stackFile,
  start,
  succeeded,
} from "./start";

/** A namespace that the platform does not know, and one of another team, whose Ingresses are served. */
const [unknown, served] = ["unknown", "shop"];

/** The API server's answer to the creation of an object, which is not kept: `accepted`, or why it is refused. */
async function create(access: Access, namespace: string, object: object): Promise<string> {
  const { kind, apiVersion } = object as { readonly kind: string; readonly apiVersion: string };
  const group = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  const plural = kind === "Ingress" ? "ingresses" : `${kind.toLowerCase()}s`;
  const { status, body } = await send(access, `${group}/namespaces/${namespace}/${plural}?dryRun=All`, {
    method: "POST",
    body: JSON.stringify({ ...object, metadata: { name: "mine", namespace } }),
  });
  return status === 201 ? "accepted" : (JSON.parse(body) as { message: string }).message;
}

const backend = { service: { name: "mine", port: { number: 80 } } };
const ingress = (host?: string, ingressClassName = "traefik", at = "/") => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  spec: {
    ingressClassName,
    rules: [{ ...(host && { host }), http: { paths: [{ path: at, pathType: "Prefix", backend }] } }],
  },
});
const defaultBackend = {
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  spec: { ingressClassName: "traefik", defaultBackend: backend },
};
const ingressRoute = (...matches: string[]) => ({
  apiVersion: "traefik.io/v1alpha1",
  kind: "IngressRoute",
  spec: {
    routes: matches.map((match) => ({ match, kind: "Rule", services: [{ name: "mine", port: 80 }] })),
  },
});
const tcpRoute = (match: string) => ({
  apiVersion: "traefik.io/v1alpha1",
  kind: "IngressRouteTCP",
  spec: { routes: [{ match, services: [{ name: "mine", port: 80 }] }] },
});
const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};
const pod = (spec: object, securityContext: object = restricted, name = "mine") => ({
  apiVersion: "v1",
  kind: "Pod",
  spec: { containers: [{ name, image: "mine", securityContext }], ...spec },
});
/** Linkerd's init container, which sets up the iptables of its pod. */
const injected = {
  initContainers: [
    {
      name: "linkerd-init",
      image: "cr.l5d.io/linkerd/proxy-init",
      securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
    },
  ],
};
const issuerRef = (name: string, kind = "ClusterIssuer") => ({ kind, name });
const certificate = (issuer: object, ...dnsNames: string[]) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  spec: { secretName: "mine", issuerRef: issuer, dnsNames },
});
const certificateRequest = (issuer: object) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "CertificateRequest",
  spec: { request: Buffer.from("a CSR").toString("base64"), issuerRef: issuer, isCA: true },
});
const order = (issuer: object) => ({
  apiVersion: "acme.cert-manager.io/v1",
  kind: "Order",
  spec: { request: Buffer.from("a CSR").toString("base64"), issuerRef: issuer, dnsNames: ["example.com"] },
});

/** A host of the stack dev, and the suffix of others that a wildcard over it includes. */
const host = "api.dev.example.com";
const parent = ".dev.example.com";

/** An app with a wildcard host, below which every name is the platform's. */
const tenants = {
  image: "ghcr.io/org/tenants:v1.0.0",
  port: 8080,
  routes: [{ host: `*.tenants${parent}`, certificate: "own" }],
};

const meshIssuer = issuerRef("linkerd-identity-issuer");
const acmeIssuer = issuerRef("letsencrypt-prod");
const keptFromNode = /pods of apps get nothing of their node/;
const takes = /hosts: got .*, want hosts that the platform does not serve/;

describe("the API server's admission", () => {
  const folder = emptySandbox();
  const file = path.join(folder, "Pulumi.dev.yaml");
  const run = (command: "preview" | "up", namespaces: readonly string[], mesh: object = {}) => {
    const own = {
      ingress: { ...settingsOf("dev", "ingress"), namespaces },
      mesh,
      apps: { ...settingsOf("dev", "apps"), tenants },
    };
    fs.writeFileSync(file, stackFile("dev", own));
    return succeeded(start(command, "--stack", "dev", "--stack-file", file));
  };
  let admin: Access;
  before(async () => {
    // Starts the cluster, and creates nothing.
    await run("preview", []);
    for (const name of [unknown, served])
      await request("dev", "/api/v1/namespaces", "POST", { metadata: { name } });
    await run("up", [served]);
    admin = accessTo("dev");
  });

  /** What, where, the object, and the expected answer. */
  type Row = readonly [string, string, object, RegExp | "accepted"];
  const findUnexpected = async (all: readonly Row[]): Promise<string[]> => {
    const unexpected: string[] = [];
    for (const [what, namespace, object, expected] of all) {
      const answer = await create(admin, namespace, object);
      if (expected === "accepted" ? answer !== expected : !expected.test(answer))
        unexpected.push(`${(object as { kind: string }).kind} in ${namespace}: ${what}: ${answer}`);
    }
    return unexpected;
  };
  const rows: readonly Row[] = [
    ["a host of the platform", served, ingress(host), takes],
    ["in a namespace that is not served", unknown, ingress(host), takes],
    ["a longer path of it", served, ingress(host, "traefik", "/v1/login"), takes],
    ["of the class of the other controller", served, ingress(host, "nginx"), takes],
    ["a wildcard over it", served, ingress(`*${parent}`), takes],
    ["no host", served, ingress(), takes],
    ["a default backend", served, defaultBackend, takes],
    ["a host of its own", served, ingress("shop.example.org"), "accepted"],
    ["a wildcard over others", served, ingress(`*.shop${parent}`), "accepted"],
    ["a name below a wildcard of the platform", served, ingress(`one.tenants${parent}`), takes],
    ["a name further below", served, ingress(`a.one.tenants${parent}`), takes],
    ["that wildcard", served, ingress(`*.tenants${parent}`), takes],
    ["a name beside it", served, ingress(`tenants${parent}`), "accepted"],
    ["a name that ends alike", served, ingress(`one.other-tenants${parent}`), "accepted"],
    ["a controller of its own", unknown, ingress(host, "theirs"), "accepted"],
    ["an app's namespace", "development", ingress(host), "accepted"],
    ["a host of the platform", served, ingressRoute(`Host(\`${host}\`)`), takes],
    ["in other letters", served, ingressRoute(`Host(\`${host.toUpperCase()}\`)`), takes],
    ["with a trailing dot", served, ingressRoute(`Host(\`${host}.\`)`), takes],
    ["quotes", served, ingressRoute(`Host("${host}") && PathPrefix("/v1/login")`), takes],
    ["in a second route", served, ingressRoute("Host(`shop.example.org`)", `Host(\`${host}\`)`), takes],
    ["an alternative", served, ingressRoute(`Host(\`shop.example.org\`) || Host(\`${host}\`)`), takes],
    ["a pattern", served, ingressRoute("HostRegexp(`.*`)"), takes],
    ["no host", served, ingressRoute("PathPrefix(`/`)"), takes],
    [
      "a host of its own",
      served,
      ingressRoute("Host(`shop.example.org`) && PathPrefix(`/cart`)"),
      "accepted",
    ],
    ["every SNI", served, tcpRoute("HostSNI(`*`)"), takes],
    ["a host of the platform", served, tcpRoute(`HostSNI(\`${host}\`)`), takes],
    ["an SNI of its own", served, tcpRoute("HostSNI(`shop.example.org`)"), "accepted"],
    [
      "the mesh's root",
      unknown,
      certificate(meshIssuer, "traefik.traefik"),
      /issues in the namespace linkerd/,
    ],
    ["the mesh's root", "development", certificate(meshIssuer, "other"), /issues in the namespace linkerd/],
    ["the mesh's root", "linkerd", certificate(meshIssuer, "other"), "accepted"],
    [
      "the zone",
      unknown,
      certificate(acmeIssuer, `other${parent}`),
      /does not issue in the namespace unknown/,
    ],
    ["the zone", served, certificate(acmeIssuer, `other${parent}`), "accepted"],
    ["a host of the platform", served, certificate(acmeIssuer, host), takes],
    ["a wildcard over it", served, certificate(acmeIssuer, `*${parent}`), takes],
    ["a host of the platform", "development", certificate(acmeIssuer, host), "accepted"],
    ["a wildcard", "traefik", certificate(acmeIssuer, `*${parent}`), "accepted"],
    ["an issuer of its own", unknown, certificate(issuerRef("mine", "Issuer"), host), "accepted"],
    [
      "a CSR of its own",
      "development",
      certificateRequest(acmeIssuer),
      /takes requests from cert-manager only/,
    ],
    ["the mesh's root", "linkerd", certificateRequest(meshIssuer), /takes requests from cert-manager only/],
    ["a CSR of its own", served, order(acmeIssuer), /takes requests from cert-manager only/],
    ["an issuer of its own", unknown, certificateRequest(issuerRef("mine", "Issuer")), "accepted"],
  ];

  const podRows: readonly Row[] = [
    ["restricted", "development", pod({}), "accepted"],
    ["meshed", "development", pod(injected), "accepted"],
    ["root", "development", pod({}, {}), "accepted"],
    [
      "a port of Services",
      "development",
      pod({}, { capabilities: { add: ["NET_BIND_SERVICE"] } }),
      "accepted",
    ],
    [
      "the node's root",
      "development",
      pod({ volumes: [{ name: "root", hostPath: { path: "/" } }] }),
      keptFromNode,
    ],
    ["the node's network", "development", pod({ hostNetwork: true }), keptFromNode],
    ["the node's processes", "development", pod({ hostPID: true }), keptFromNode],
    ["privileged", "development", pod({}, { privileged: true }), keptFromNode],
    [
      "privileged init container",
      "development",
      pod({
        initContainers: [{ name: "linkerd-init", image: "mine", securityContext: { privileged: true } }],
      }),
      keptFromNode,
    ],
    ["NET_ADMIN", "development", pod({}, { capabilities: { add: ["NET_ADMIN"] } }), keptFromNode],
    [
      "SYS_ADMIN",
      "development",
      pod({}, { capabilities: { add: ["SYS_ADMIN"] } }, "linkerd-init"),
      keptFromNode,
    ],
    ["restricted", "cert-manager", pod({}), "accepted"],
    ["root", "cert-manager", pod({}, {}), /violates PodSecurity "restricted:latest"/],
    ["the node's root in another namespace", unknown, pod({ hostPID: true }), "accepted"],
  ];

  it("refuses pods that get a part of their node, in the apps' namespace and in cert-manager's", async () =>
    assert.deepEqual(await findUnexpected(podRows), []));

  it("refuses a container for debugging that gets a part of the node", async () => {
    const at = "/api/v1/namespaces/development/pods";
    await request("dev", at, "POST", { metadata: { name: "debugged" }, spec: pod({}).spec });
    const debug = (securityContext: object) =>
      request("dev", `${at}/debugged/ephemeralcontainers?dryRun=All`, "PATCH", {
        spec: { ephemeralContainers: [{ name: "debug", image: "mine", securityContext }] },
      });
    await debug(restricted);
    await assert.rejects(debug({ privileged: true }), keptFromNode);
    await request("dev", `${at}/debugged`, "DELETE");
  });

  it("refuses hosts of the platform and its issuers in namespaces of others, and nothing else", async () => {
    assert.deepEqual(await findUnexpected(rows), []);
  });

  it("leaves viz's Prometheus the metrics of containers alone of what the kubelets have", async () => {
    const account = { name: "prometheus", namespace: "linkerd-viz" };
    const at = `/api/v1/namespaces/${account.namespace}/serviceaccounts`;
    // The sandbox's chart may have it.
    await send(admin, at, { method: "POST", body: JSON.stringify({ metadata: account }) });
    await request("dev", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "POST", {
      metadata: { name: "as-by-the-chart" },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "system:kubelet-api-admin",
      },
      subjects: [{ kind: "ServiceAccount", ...account }],
    });
    const { status } = (await request("dev", `${at}/prometheus/token`, "POST", {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {},
    })) as { status: { token: string } };
    const [node] = ((await request("dev", "/api/v1/nodes")) as { items: { metadata: { name: string } }[] })
      .items;
    const read = async (path: string, token: string) =>
      (await send({ ...admin, token }, `/api/v1/nodes/${node?.metadata.name}/proxy${path}`)).body;
    const refused = /want \/metrics\/cadvisor/;
    for (const path of [
      "/exec/linkerd-viz/web/web",
      "/run/a/b/c",
      "/pods",
      "/metrics/cadvisor/../../pods",
      "",
    ])
      assert.match(await read(path, status.token), refused, path);
    assert.doesNotMatch(await read("/metrics/cadvisor", status.token), /forbidden|want/);
    assert.doesNotMatch(await read("/pods", admin.token), refused);
  });

  it("lets cert-manager request what the platform's Certificates ask for, and its own namespaces only", async () => {
    const account = "/api/v1/namespaces/cert-manager/serviceaccounts/cert-manager/token";
    const { status } = (await request("dev", account, "POST", {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {},
    })) as { status: { token: string } };
    const certManager = { ...admin, token: status.token };
    assert.equal(await create(certManager, "linkerd", certificateRequest(meshIssuer)), "accepted");
    assert.equal(await create(certManager, "traefik", certificateRequest(acmeIssuer)), "accepted");
    assert.equal(await create(certManager, "traefik", order(acmeIssuer)), "accepted");
    // Of a Certificate that was there before the policy.
    assert.match(
      await create(certManager, unknown, certificateRequest(meshIssuer)),
      /issues in the namespace linkerd/,
    );
  });

  it("refuses the hosts of a namespace's Ingress that becomes the platform's, and lets it be deleted", async () => {
    const at = `/apis/networking.k8s.io/v1/namespaces/${served}/ingresses`;
    const before = { ...ingress("shop.example.org"), metadata: { name: "changes" } };
    await request("dev", at, "POST", before);
    const patch = { spec: ingress(host).spec };
    await assert.rejects(request("dev", `${at}/changes`, "PATCH", patch), takes);
    await request("dev", `${at}/changes`, "DELETE");
  });

  it("changes nothing in a second up, and takes a namespace in and out", async () => {
    assertChanged(await run("up", [served]));
    assertChanged(await run("up", []), { update: 2, delete: 1 });
    const object = certificate(acmeIssuer, "shop.example.org");
    assert.match(await create(admin, served, object), /does not issue in the namespace shop/);
  });

  it("enforces restricted pods beside the apps with Linkerd's CNI plugin", async () => {
    await run("up", [], { cni: true });
    assert.equal(await create(admin, "development", pod({})), "accepted");
    for (const object of [pod({}, {}), pod(injected)])
      assert.match(await create(admin, "development", object), /violates PodSecurity "restricted:latest"/);
  });
});

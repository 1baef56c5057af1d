import * as assert from "node:assert/strict";

import { appLabels } from "../../components/app/deployment";
import { engineForSuite, runProd, type Flow, type Pod } from "./engine";

const namespace = "production";
const pod = (where: string, labels: Pod["labels"] = {}): Pod => ({ namespace: where, labels });
const named = (where: string, name: string, more: Pod["labels"] = {}): Pod =>
  pod(where, { "app.kubernetes.io/name": name, ...more });

/** Pods of every namespace of the platform, of another team, and of apps. */
const denied: Readonly<Record<string, Pod>> = {
  Traefik: named("traefik", "traefik"),
  "ingress-nginx": named("ingress-nginx", "ingress-nginx"),
  "cert-manager": named("cert-manager", "cert-manager", { "app.kubernetes.io/component": "controller" }),
  "external-dns": named("external-dns", "external-dns"),
  "Linkerd's control plane": pod("linkerd", { "linkerd.io/control-plane-component": "destination" }),
  viz: pod("linkerd-viz", { component: "web" }),
  CoreDNS: pod("kube-system", { "k8s-app": "kube-dns" }),
  "Hubble's UI": pod("kube-system", { "k8s-app": "hubble-ui" }),
  "a pod without labels": pod("kube-system"),
  stranger: pod("shop", { app: "cart" }),
  "a stranger with the driver's label": named("shop", "hcloud-csi"),
  "a stranger with a false namespace label": named("shop", "hcloud-csi", {
    "io.kubernetes.pod.namespace": "kube-system",
  }),
  "a pod with one of two allowed labels": pod("backup", { app: "agent" }),
  "a pod with another value of an allowed label": pod("backup", { app: "agent", tier: "front" }),
  "an allowed pod's twin elsewhere": pod("shop", { app: "agent", tier: "node" }),
  "an app": pod(namespace, appLabels("admin")),
  "an app with egress to everywhere": pod(namespace, appLabels("web-frontend")),
  "an existing app with egress to everywhere": pod("monitoring", { app: "exporter" }),
};

const allowed: Readonly<Record<string, Pod>> = {
  "the driver's node pod": named("kube-system", "hcloud-csi", { "app.kubernetes.io/component": "node" }),
  "the driver's controller": named("kube-system", "hcloud-csi", {
    "app.kubernetes.io/component": "controller",
  }),
  "an allowed pod": pod("backup", { app: "agent", tier: "node" }),
  "another allowed pod of that namespace": pod("backup", { app: "restore" }),
  "an allowed app": pod(namespace, appLabels("auth-service")),
};

const everywhere = [{ cidr: "0.0.0.0/0", ports: [80, 443] }];
const settings = {
  "cilium.metadata": {
    allow: [
      { namespace: "backup", labels: { app: "agent", tier: "node" } },
      { namespace: "backup", labels: { app: "restore" } },
      { namespace, labels: { app: "auth-service" } },
    ],
  },
  "apps.web-frontend.egress": everywhere,
  "apps.exporter": { existing: true, namespace: "monitoring", port: 9100, egress: everywhere },
};

describe("Cilium and addresses outside the cluster", () => {
  const engine = engineForSuite();

  /** The decisions about connections to these addresses, `a.b.c.d:port`, with a row for each pod. */
  async function ask(
    changes: Readonly<Record<string, unknown>>,
    from: Readonly<Record<string, Pod>>,
    to: readonly string[],
  ) {
    const { policies } = await runProd({ ...settings, ...changes });
    const flows = Object.keys(from).flatMap((name) =>
      to.map((each): Flow => {
        const [address, port] = each.split(":");
        return { from: name, to: `cidr:${address}`, protocol: "TCP", port: Number(port) };
      }),
    );
    const decisions = await engine.ask({ policies, endpoints: from, allowLocalhost: "policy", flows });
    return Object.fromEntries(
      Object.keys(from).map((name, row) => [
        name,
        to.filter((_, at) => decisions[row * to.length + at]?.egress === "allowed"),
      ]),
    );
  }

  const rows = (pods: Readonly<Record<string, Pod>>, to: readonly string[]) =>
    Object.fromEntries(Object.keys(pods).map((name) => [name, to]));
  const metadata = ["169.254.169.254:80", "169.254.169.254:443"];

  for (const clusterDefaultDeny of [false, true]) {
    const closed = { "cilium.clusterDefaultDeny": clusterDefaultDeny };
    const where = clusterDefaultDeny ? ", every namespace closed" : "";

    it(`denies the metadata service to every pod${where}`, async () => {
      assert.deepEqual(await ask(closed, denied, metadata), rows(denied, []));
    });

    it(`allows it to Hetzner's CSI driver and to the pods of metadata.allow${where}`, async () => {
      const found = await ask(closed, allowed, ["169.254.169.254:80"]);
      assert.deepEqual(found, rows(allowed, ["169.254.169.254:80"]));
    });

    it(`opens an egress to 0.0.0.0/0 to the internet only, at its ports${where}`, async () => {
      const { "an app with egress to everywhere": everywhereApp, "an app": other } = denied;
      assert.ok(everywhereApp && other);
      const found = await ask(closed, { everywhereApp, other }, [
        ...["203.0.113.9:443", "203.0.113.9:25", "192.168.7.1:80"],
        ...["169.254.1.1:80", "169.254.169.254:80", "10.0.0.99:443", "10.42.3.4:80", "10.43.0.1:443"],
      ]);
      assert.deepEqual(found, { everywhereApp: ["203.0.113.9:443", "192.168.7.1:80"], other: [] });
    });
  }

  it("closes nothing else: pods of open namespaces connect to any other address", async () => {
    const closed = ["production", "traefik", "cert-manager", "external-dns", "linkerd", "linkerd-viz"];
    const others = Object.fromEntries(
      Object.entries(denied).filter(
        ([, { namespace: where, labels }]) => !closed.includes(where) && labels["k8s-app"] !== "hubble-ui",
      ),
    );
    assert.ok(Object.keys(others).length > 7);
    const to = ["203.0.113.9:443", "10.0.0.99:10250", "169.254.1.1:53"];
    assert.deepEqual(await ask({}, others, to), rows(others, to));
  });

  it("allows the metadata service to the CSI driver alone without metadata.allow", async () => {
    const { "the driver's node pod": node, ...others } = allowed;
    assert.ok(node);
    const found = await ask({ "cilium.metadata": undefined }, { node, ...others }, ["169.254.169.254:80"]);
    const { "the driver's controller": controller, ...rest } = others;
    assert.ok(controller);
    assert.deepEqual(found, {
      node: ["169.254.169.254:80"],
      "the driver's controller": ["169.254.169.254:80"],
      ...rows(rest, []),
    });
  });

  it("decides nothing about connections from there to a node", async () => {
    const flows: Flow[] = [{ from: "cidr:203.0.113.9", to: "reserved:host", protocol: "TCP", port: 80 }];
    const [decision] = await engine.ask({ policies: [], endpoints: {}, allowLocalhost: "policy", flows });
    assert.deepEqual(decision, {});
  });
});

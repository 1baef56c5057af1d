import * as path from "node:path";

import { ensureCharts } from "../tools/charts";
import type { Access } from "./access";
import { auditArgs } from "./audit";
import { sendRequest } from "./client";
import {
  readServerCa,
  dropOldCertificate,
  ensureCredentials,
  writeKubeconfig,
  type Credentials,
} from "./credentials";
import { ensureDefinitions } from "./definitions";
import { ensureNodes, type ClusterNode } from "./nodes";
import {
  assertPortFree,
  isRunningAs,
  start,
  stop,
  waitUntilHealthy,
  type DaemonSpec,
} from "../daemon/daemon";
import { Clouds } from "../clouds/client";
import { cloudsPort, clusterPorts, sandboxDir, type ClusterPorts } from "../paths";
import { ensureTools, type Tools } from "../tools/tools";

/** A running cluster, as a client needs it. */
export interface Cluster {
  /** Path of a kubeconfig whose context, cluster and user are all called `sandbox-<stack>`. */
  readonly kubeconfig: string;
  readonly access: Access;
}

/** The advertised address of the API server. It must not be loopback, and is never used. */
const ADVERTISED = "192.0.2.1";

/**
 * Starts the cluster of a stack, or whichever of its three programs has ended, on the data it had. It is a real one but
 * for its nodes, which run no containers: pods are scheduled, addressed and reported as ready.
 *
 * @param nodes the nodes of the cluster. Default: unchanged.
 * @throws SandboxError when a tool cannot be built, a port is taken, or a program ends at its start.
 */
export async function startCluster(stack: string, nodes?: readonly ClusterNode[]): Promise<Cluster> {
  const tools = await ensureTools();
  await ensureCharts();
  const ports = clusterPorts(stack);
  const home = path.join(sandboxDir, stack);
  const credentials = ensureCredentials(home);
  const names = daemonNames(stack);
  const name = `sandbox-${stack}`;
  const server = `https://127.0.0.1:${ports.apiServer}`;
  const kubeconfig = path.join(home, "kubeconfig");

  await ensure(
    etcd(names.etcd, tools, ports, home),
    [ports.etcdClient, ports.etcdPeer],
    "the sandbox's etcd",
  );
  await waitUntilHealthy(names.etcd, () => ok(`http://127.0.0.1:${ports.etcdClient}/health`));

  const api = apiServer(names.apiServer, tools, ports, credentials, home);
  if (!isRunningAs(api)) dropOldCertificate(credentials);
  await ensure(api, [ports.apiServer], "the sandbox's API server");
  await waitUntilHealthy(names.apiServer, async () => {
    const ca = readServerCa(credentials);
    return ca !== undefined && (await ok(`${server}/readyz`, ca, credentials.token));
  });
  const ca = readServerCa(credentials) ?? "";
  writeKubeconfig(kubeconfig, name, server, ca, credentials.token);

  const access = { server, ca, token: credentials.token };
  await ensure(
    controllers(names.controllers, tools, ports, kubeconfig),
    [ports.controllers],
    "the sandbox's controllers",
  );
  await Promise.all([
    waitUntilHealthy(names.controllers, () => ok(`http://127.0.0.1:${ports.controllers}/healthz`)),
    ensureDefinitions(access),
    nodes && ensureNodes(access, nodes),
  ]);
  return { kubeconfig, access };
}

/** Starts it unless it runs. One that runs on other ports, or is of an older build, is ended first. */
async function ensure(spec: DaemonSpec, ports: readonly number[], what: string): Promise<void> {
  if (isRunningAs(spec)) return;
  await stop(spec.name);
  for (const port of ports) await assertPortFree(port, what);
  start(spec);
}

/** Ends the cluster's programs; what it holds stays on disk for the next start. */
export async function stopCluster(stack: string): Promise<void> {
  const names = daemonNames(stack);
  await stop(names.controllers);
  await stop(names.apiServer);
  await stop(names.etcd);
}

/** The daemons' names, in the order in which they start. */
function daemonNames(stack: string) {
  return {
    etcd: `etcd-${stack}`,
    apiServer: `kube-apiserver-${stack}`,
    controllers: `kube-controllers-${stack}`,
  };
}

function etcd(name: string, tools: Tools, ports: ClusterPorts, home: string): DaemonSpec {
  const client = `http://127.0.0.1:${ports.etcdClient}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  const args = [
    "--name=sandbox",
    `--data-dir=${path.join(home, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=sandbox=${peer}`,
    // Alone, it elects itself: no need to wait a second for others.
    "--heartbeat-interval=20",
    "--election-timeout=200",
    // Its data survives a kill of the process, if not a power failure; and it starts twice as fast.
    "--unsafe-no-fsync",
    "--auto-compaction-retention=1h",
    "--log-level=warn",
  ];
  return { name, command: tools.etcd, args };
}

function apiServer(
  name: string,
  tools: Tools,
  ports: ClusterPorts,
  credentials: Credentials,
  home: string,
): DaemonSpec {
  const args = [
    `--etcd-servers=http://127.0.0.1:${ports.etcdClient}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.apiServer}`,
    `--advertise-address=${ADVERTISED}`,
    "--endpoint-reconciler-type=none",
    `--cert-dir=${credentials.certDir}`,
    `--token-auth-file=${credentials.tokenFile}`,
    "--anonymous-auth=false",
    "--authorization-mode=RBAC",
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-signing-key-file=${credentials.signingKeyFile}`,
    `--service-account-key-file=${credentials.publicKeyFile}`,
    "--service-cluster-ip-range=10.43.0.0/16", // as k3s has it
    "--allow-privileged=true", // as k3s has it; Cilium's DaemonSet needs it
    // The charts register webhooks, and no pod answers them.
    "--disable-admission-plugins=MutatingAdmissionWebhook,ValidatingAdmissionWebhook",
    ...auditArgs(home),
  ];
  return { name, command: tools.kubeApiserver, args };
}

/** Kubernetes' controllers and scheduler, the kubelets of the nodes, and the status that operators report. */
function controllers(name: string, tools: Tools, ports: ClusterPorts, kubeconfig: string): DaemonSpec {
  const args = [
    `--kubeconfig=${kubeconfig}`,
    `--port=${ports.controllers}`,
    `--clouds=http://127.0.0.1:${cloudsPort}`,
    // Where real programs run in their place, as in tests/wire.
    ...(process.env.PLATFORM_SANDBOX_PODS === "off" ? ["--pods=false"] : []),
  ];
  // The cloud controller manager has the account's token, as in life.
  const env = { HCLOUD_TOKEN: new Clouds(sandboxDir, cloudsPort).accounts().hetzner };
  return { name, command: tools.controllers, args, env };
}

async function ok(url: string, ca?: string, token?: string): Promise<boolean> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { status } = await sendRequest({ url, options: { headers, ca } });
  return status === 200;
}

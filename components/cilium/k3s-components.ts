import type { ClusterInfo, NodeInfo } from "./cluster-info";

/** A component of k3s that conflicts with Cilium or with the ingress. */
interface K3sComponent {
  /** As the end of "runs ...". */
  readonly name: string;
  /** The flag that disables it, on every server. */
  readonly flag: string;
  readonly isDisabled: (args: K3sArgs) => boolean;
  /** Finds its traces in the cluster, for servers whose arguments are unknown, and for what it left behind. */
  readonly findEvidence: (cluster: ClusterInfo) => readonly string[];
}

const k3sComponents: readonly K3sComponent[] = [
  {
    name: "flannel",
    flag: "--flannel-backend=none",
    isDisabled: (args) => args.value("--flannel-backend") === "none",
    // The annotations remain when flannel is removed, so they prove nothing if the arguments are known.
    findEvidence: ({ nodes }) =>
      nodes
        .filter(({ flannel, k3sArgs }) => flannel && k3sArgs === undefined)
        .map(({ name }) => `its annotations on ${name}`),
  },
  {
    name: "its own network policy controller",
    flag: "--disable-network-policy",
    isDisabled: (args) => args.isSet("--disable-network-policy"),
    findEvidence: () => [],
  },
  {
    name: "kube-proxy",
    flag: "--disable-kube-proxy",
    isDisabled: (args) => args.isSet("--disable-kube-proxy"),
    findEvidence: () => [],
  },
  {
    name: "its own Traefik",
    flag: "--disable=traefik",
    isDisabled: (args) => args.disables("traefik"),
    findEvidence: ({ helmCharts }) =>
      helmCharts.filter((name) => name === "traefik").map((name) => `the HelmChart ${name}`),
  },
  {
    name: "its own load balancer",
    flag: "--disable=servicelb",
    isDisabled: (args) => args.disables("servicelb"),
    findEvidence: ({ daemonSets }) =>
      daemonSets.filter(({ name }) => name.startsWith("svclb-")).map(({ name }) => `the DaemonSet ${name}`),
  },
];

/** DaemonSets of kube-proxy and of other CNIs. */
const otherCnis = /^(kube-proxy|kube-flannel.*|calico-node|canal|weave-net|antrea-agent|kube-router)$/;

/**
 * Checks that nothing else in the cluster does Cilium's work.
 *
 * @returns A message for each component that does, with its remedy.
 */
export function checkK3s(cluster: ClusterInfo): string[] {
  const servers = findServers(cluster);
  const messages = k3sComponents.flatMap(({ name, flag, isDisabled, findEvidence }) => {
    const enabledOn = servers.filter(({ args }) => !isDisabled(args)).map(({ node }) => node);
    if (enabledOn.length > 0)
      return [`k3s on ${enabledOn.join(", ")} runs ${name}: start every server with ${flag}.`];
    const evidence = findEvidence(cluster);
    if (evidence.length === 0) return [];
    return [
      servers.length > 0
        ? `k3s no longer runs ${name}, but left it behind (${evidence.join(", ")}): delete it.`
        : `k3s runs ${name} (${evidence.join(", ")}): start every server with ${flag}.`,
    ];
  });
  const conflicting = cluster.daemonSets.map(({ name }) => name).filter((name) => otherCnis.test(name));
  if (conflicting.length > 0)
    messages.push(
      `Another CNI or kube-proxy is installed in kube-system (${conflicting.join(", ")}). Uninstall it and flush its ` +
        "iptables rules.",
    );
  return messages;
}

/**
 * Checks that k3s encrypts Secrets in its datastore. Servers whose arguments are unknown pass.
 *
 * @returns A message with the servers that do not, and the remedy.
 * @see https://docs.k3s.io/security/secrets-encryption
 */
export function checkSecretsEncryption(cluster: ClusterInfo): string[] {
  const unencrypted = findServers(cluster).filter(({ args }) => !args.isSet("--secrets-encryption"));
  if (unencrypted.length === 0) return [];
  return [
    `k3s on ${unencrypted.map(({ node }) => node).join(", ")} stores Secrets unencrypted, in its datastore and in each snapshot ` +
      "of it, among them the key of the mesh's trust anchor and the DNS token: start the servers with --secrets-encryption, " +
      "on a cluster in use as https://docs.k3s.io/cli/secrets-encrypt describes.",
  ];
}

/** The k3s servers whose arguments are known. */
const findServers = ({ nodes }: ClusterInfo) =>
  nodes.flatMap(({ name, k3sArgs }) =>
    k3sArgs?.[0] === "server" ? [{ node: name, args: new K3sArgs(k3sArgs) }] : [],
  );

/** The arguments of a k3s server, in which each value follows its flag. */
class K3sArgs {
  readonly #args: readonly string[];

  constructor(args: NonNullable<NodeInfo["k3sArgs"]>) {
    this.#args = args;
  }

  /** The value of a flag. The last one counts. */
  value(flag: string): string | undefined {
    const at = this.#args.lastIndexOf(flag);
    return at < 0 ? undefined : this.#args[at + 1];
  }

  /** Whether a boolean flag is present, and not `false`. */
  isSet(flag: string): boolean {
    return this.#args.includes(flag) && this.value(flag) !== "false";
  }

  /** Whether a packaged component is disabled by `--disable`. */
  disables(component: string): boolean {
    return this.#args.some(
      (arg, at) => this.#args[at - 1] === "--disable" && arg.split(",").includes(component),
    );
  }
}

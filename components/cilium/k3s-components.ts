import type { ClusterInfo, NodeInfo } from "./cluster-info";

/** What k3s brings along that Cilium does itself, or that would stand in the way of the ingress. */
interface K3sComponent {
  /** As the end of "runs ...". */
  readonly name: string;
  /** The flag that every server must be started with. */
  readonly flag: string;
  readonly isDisabled: (args: K3sArgs) => boolean;
  /** Signs of it in the cluster, for where the servers' arguments cannot be seen, or what has outlived them. */
  readonly findEvidence: (seen: ClusterInfo) => readonly string[];
}

const k3sComponents: readonly K3sComponent[] = [
  {
    name: "flannel",
    flag: "--flannel-backend=none",
    isDisabled: (args) => args.value("--flannel-backend") === "none",
    // The annotations stay when flannel goes, so they say nothing where the arguments do.
    findEvidence: ({ nodes }) =>
      nodes
        .filter(({ flannel, k3sArgs }) => flannel && k3sArgs === undefined)
        .map(({ name }) => `its annotations on ${name}`),
  },
  {
    name: "its own network policies",
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

/** Networks that are no part of k3s. */
const otherCnis = /^(kube-proxy|kube-flannel.*|calico-node|canal|weave-net|antrea-agent|kube-router)$/;

/** What of k3s, or beside it, does Cilium's work: what was seen, and the flag that ends it. */
export function checkK3s(seen: ClusterInfo): string[] {
  const servers = seen.nodes.flatMap(({ name, k3sArgs }) =>
    k3sArgs?.[0] === "server" ? [{ name, args: new K3sArgs(k3sArgs) }] : [],
  );
  const ofK3s = k3sComponents.flatMap(({ name, flag, isDisabled, findEvidence }) => {
    const running = servers.filter(({ args }) => !isDisabled(args)).map(({ name }) => name);
    if (running.length > 0)
      return [`k3s on ${running.join(", ")} runs ${name}: start every server with ${flag}.`];
    const found = findEvidence(seen);
    if (found.length === 0) return [];
    return [
      servers.length > 0
        ? `k3s no longer runs ${name}, but has left it behind (${found.join(", ")}): delete it.`
        : `k3s runs ${name} (${found.join(", ")}): start every server with ${flag}.`,
    ];
  });
  const conflictingCnis = seen.daemonSets.map(({ name }) => name).filter((name) => otherCnis.test(name));
  return [
    ...ofK3s,
    ...(conflictingCnis.length > 0
      ? [
          `${conflictingCnis.join(", ")} in kube-system does Cilium's work: take it away, and its rules off the nodes.`,
        ]
      : []),
  ];
}

/** The arguments of a server, which k3s tells with each value behind its flag. */
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

  /** Whether a flag that needs no value is there, and not `false`. */
  isSet(flag: string): boolean {
    return this.#args.includes(flag) && this.value(flag) !== "false";
  }

  /** Whether a component that k3s installs by itself is named among those that it is not to install. */
  disables(component: string): boolean {
    return this.#args.some(
      (arg, at) => this.#args[at - 1] === "--disable" && arg.split(",").includes(component),
    );
  }
}

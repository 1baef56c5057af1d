import type { SeenCluster, SeenNode } from "./cluster-info";

/** What k3s brings along that Cilium does itself, or that would stand in the way of the ingress. */
interface Part {
  /** As the end of "runs ...". */
  readonly what: string;
  /** The flag that every server must be started with. */
  readonly flag: string;
  readonly isOff: (args: K3sArgs) => boolean;
  /** Signs of it in the cluster, for where the servers' arguments cannot be seen, or what has outlived them. */
  readonly signs: (seen: SeenCluster) => readonly string[];
}

const parts: readonly Part[] = [
  {
    what: "flannel",
    flag: "--flannel-backend=none",
    isOff: (args) => args.value("--flannel-backend") === "none",
    // The annotations stay when flannel goes, so they say nothing where the arguments do.
    signs: ({ nodes }) =>
      nodes
        .filter(({ flannel, k3sArgs }) => flannel && k3sArgs === undefined)
        .map(({ name }) => `its annotations on ${name}`),
  },
  {
    what: "its own network policies",
    flag: "--disable-network-policy",
    isOff: (args) => args.isSet("--disable-network-policy"),
    signs: () => [],
  },
  {
    what: "kube-proxy",
    flag: "--disable-kube-proxy",
    isOff: (args) => args.isSet("--disable-kube-proxy"),
    signs: () => [],
  },
  {
    what: "its own Traefik",
    flag: "--disable=traefik",
    isOff: (args) => args.disables("traefik"),
    signs: ({ helmCharts }) =>
      helmCharts.filter((name) => name === "traefik").map((name) => `the HelmChart ${name}`),
  },
  {
    what: "its own load balancer",
    flag: "--disable=servicelb",
    isOff: (args) => args.disables("servicelb"),
    signs: ({ daemonSets }) =>
      daemonSets.filter(({ name }) => name.startsWith("svclb-")).map(({ name }) => `the DaemonSet ${name}`),
  },
];

/** Networks that are no part of k3s. */
const others = /^(kube-proxy|kube-flannel.*|calico-node|canal|weave-net|antrea-agent|kube-router)$/;

/** What of k3s, or beside it, does Cilium's work: what was seen, and the flag that ends it. */
export function k3sFindings(seen: SeenCluster): string[] {
  const servers = seen.nodes.flatMap(({ name, k3sArgs }) =>
    k3sArgs?.[0] === "server" ? [{ name, args: new K3sArgs(k3sArgs) }] : [],
  );
  const ofK3s = parts.flatMap(({ what, flag, isOff, signs }) => {
    const running = servers.filter(({ args }) => !isOff(args)).map(({ name }) => name);
    if (running.length > 0)
      return [`k3s on ${running.join(", ")} runs ${what}: start every server with ${flag}.`];
    const found = signs(seen);
    if (found.length === 0) return [];
    return [
      servers.length > 0
        ? `k3s no longer runs ${what}, but has left it behind (${found.join(", ")}): delete it.`
        : `k3s runs ${what} (${found.join(", ")}): start every server with ${flag}.`,
    ];
  });
  const strangers = seen.daemonSets.map(({ name }) => name).filter((name) => others.test(name));
  return [
    ...ofK3s,
    ...(strangers.length > 0
      ? [
          `${strangers.join(", ")} in kube-system does Cilium's work: take it away, and its rules off the nodes.`,
        ]
      : []),
  ];
}

/** The arguments of a server, which k3s tells with each value behind its flag. */
class K3sArgs {
  readonly #args: readonly string[];

  constructor(args: NonNullable<SeenNode["k3sArgs"]>) {
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

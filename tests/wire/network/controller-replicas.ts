import { isReady, NodePort, type Probe } from "./node-port";
import { podAddress } from "./network-addresses";
import type { BackgroundProcess } from "./background-process";

/** One copy of a controller, and the ports of the node it runs on. */
export interface Replica {
  readonly node: string;
  readonly nodePort: NodePort;
  readonly pod: string;
  readonly probe: Probe;
  readonly program: BackgroundProcess;
}

/** The configuration of a controller's replicas. */
export interface ReplicaTemplate {
  /** Starts a copy that listens on this address. */
  readonly start: (pod: string) => BackgroundProcess;
  /** Port on each node, to the port of the pod. */
  readonly nodePorts: Readonly<Record<number, number>>;
  /** Readiness probe. Traefik's `/ping` fails as soon as it is terminating. */
  readonly probe: Probe;
}

/**
 * The copies of one controller, one on each node: what Kubernetes does with a Deployment, a node after the other, with
 * `maxSurge: 1` and `maxUnavailable: 0`.
 */
export class ControllerReplicas {
  readonly #nodes: readonly string[];
  readonly #firstPod: number;
  readonly #copies = new Map<string, Replica>();
  #revision = 0;

  /** @param firstPod last number of its first pods' addresses; each version takes the next. */
  constructor(nodes: readonly string[], firstPod: number) {
    this.#nodes = nodes;
    this.#firstPod = firstPod;
  }

  /** In the order of the nodes. */
  get all(): readonly Replica[] {
    return this.#nodes.flatMap((node) => this.#copies.get(node) ?? []);
  }

  /** Puts a version in the place of the one before. Resolves when every copy is ready; those of before may still drain. */
  async roll({ start, nodePorts, probe }: ReplicaTemplate): Promise<void> {
    const slot = this.#firstPod + this.#revision++;
    for (const [index, node] of this.#nodes.entries()) {
      const pod = podAddress(index + 1, slot);
      const program = start(pod);
      await program.ready(() => isReady(pod, probe));
      const former = this.#copies.get(node);
      const door = former?.nodePort ?? new NodePort({ node, ports: nodePorts });
      await door.routeTo(pod, probe);
      this.#copies.set(node, { node, nodePort: door, pod, probe, program });
      former?.program.signal("SIGTERM");
    }
  }

  /** Asks all to end, as when the Deployment is deleted; their ports open no more once they are not ready. */
  async end(): Promise<void> {
    const ending = this.all;
    this.#copies.clear();
    for (const { program } of ending) program.signal("SIGTERM");
    await Promise.all(
      ending.map(async ({ program, nodePort: door }) => {
        await program.ended;
        door.close();
      }),
    );
  }

  /** The nodes lead to none of them for a while. */
  pause(): void {
    for (const { nodePort: door } of this.all) door.close();
  }

  async resume(): Promise<void> {
    await Promise.all(this.all.map(({ nodePort: door, pod, probe }) => door.routeTo(pod, probe)));
  }
}

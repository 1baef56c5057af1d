import { isReady, NodePort, type Probe } from "./node-port";
import { podAddress } from "./network-addresses";
import type { BackgroundProcess } from "./background-process";

/** One replica of a controller, and the node ports of its node. */
export interface Replica {
  readonly node: string;
  readonly nodePort: NodePort;
  readonly pod: string;
  readonly probe: Probe;
  readonly program: BackgroundProcess;
}

/** The configuration of a controller's replicas. */
export interface ReplicaTemplate {
  /** Starts a replica that listens on this address. */
  readonly start: (pod: string) => BackgroundProcess;
  /** Port on each node, to the port of the pod. */
  readonly nodePorts: Readonly<Record<number, number>>;
  /** Readiness probe. Traefik's `/ping` fails as soon as it is terminating. */
  readonly probe: Probe;
}

/**
 * The replicas of one controller, one on each node. They behave like a Deployment's with `maxSurge: 1` and
 * `maxUnavailable: 0`.
 */
export class ControllerReplicas {
  readonly #nodes: readonly string[];
  readonly #firstPod: number;
  readonly #replicas = new Map<string, Replica>();
  #revision = 0;

  /** @param firstPod last number of its first pods' addresses; each version takes the next. */
  constructor(nodes: readonly string[], firstPod: number) {
    this.#nodes = nodes;
    this.#firstPod = firstPod;
  }

  /** In the order of the nodes. */
  get all(): readonly Replica[] {
    return this.#nodes.flatMap((node) => this.#replicas.get(node) ?? []);
  }

  /** Replaces the previous version. Resolves when every replica is ready; previous ones may still drain. */
  async roll({ start, nodePorts, probe }: ReplicaTemplate): Promise<void> {
    const slot = this.#firstPod + this.#revision++;
    for (const [index, node] of this.#nodes.entries()) {
      const pod = podAddress(index + 1, slot);
      const program = start(pod);
      await program.ready(() => isReady(pod, probe));
      const former = this.#replicas.get(node);
      const nodePort = former?.nodePort ?? new NodePort({ node, ports: nodePorts });
      await nodePort.routeTo(pod, probe);
      this.#replicas.set(node, { node, nodePort, pod, probe, program });
      former?.program.signal("SIGTERM");
    }
  }

  /** Terminates all, like the deletion of the Deployment. Their node ports close when they are not ready. */
  async end(): Promise<void> {
    const ending = this.all;
    this.#replicas.clear();
    for (const { program } of ending) program.signal("SIGTERM");
    await Promise.all(
      ending.map(async ({ program, nodePort }) => {
        await program.ended;
        nodePort.close();
      }),
    );
  }

  /** Closes their node ports until {@link resume}. */
  pause(): void {
    for (const { nodePort } of this.all) nodePort.close();
  }

  async resume(): Promise<void> {
    await Promise.all(this.all.map(({ nodePort, pod, probe }) => nodePort.routeTo(pod, probe)));
  }
}

import * as path from "node:path";

import { controllers } from "../../components/ingress/controllers";
import { binDir } from "../../sandbox/paths";
import { HelmWaitShim } from "./network/helm-wait-shim";
import { ControllerReplicas, type ReplicaTemplate } from "./network/controller-replicas";
import { isReady } from "./network/node-port";
import { BackgroundProcess } from "./network/background-process";
import { apply, hetzner, kubeconfig, remove, readHelmValues, writeKubeconfigAs } from "./deployment";
import { nginx, traefik, type Runnable } from "./runnable";

/** Changes the values of a release. */
export type ChangeValues = (values: Record<string, unknown>) => unknown;

/**
 * The replicas of the controllers' releases. They are started, replaced one after the other, and ended when Helm installs,
 * upgrades or uninstalls a release.
 */
export class Controllers {
  readonly #logs: string;
  readonly #before: (namespace: string) => Promise<void>;
  readonly #runnable: ReadonlyMap<string, Runnable>;
  readonly #running = new Map<
    string,
    { readonly replicas: ControllerReplicas; readonly objects: readonly string[] }
  >();

  /**
   * @param logs where programs write to.
   * @param before what has to be there before a controller in this namespace starts.
   */
  constructor(logs: string, before: (namespace: string) => Promise<void>) {
    this.#logs = logs;
    this.#before = before;
    this.#runnable = new Map([
      [controllers.traefik.installation.identity.name, traefik],
      [controllers.nginx.installation.identity.name, nginx(path.join(logs, "nginx-default-certificate"))],
    ]);
  }

  /** Follows Helm's commands until the end of the process. @param folder one for this run only. */
  follow(folder: string): void {
    void new HelmWaitShim([...this.#runnable.keys()], folder).run((release) => this.#carryOut(release));
  }

  /** The replicas of a release. @throws it is not running. */
  replicas(release: string): ControllerReplicas {
    const found = this.#running.get(release);
    if (found === undefined) throw new Error(`${release} is not running`);
    return found.replicas;
  }

  /** An additional Traefik with other values, without a node port. @param pod its address. */
  async startTraefik(change: ChangeValues, pod: string): Promise<BackgroundProcess> {
    const version = this.#version("beside", traefik, change(await this.#traefikValues()));
    const program = version.start(pod);
    await program.ready(() => isReady(pod, version.probe));
    return program;
  }

  /** Replaces all of Traefik's replicas with one on the first node, with other values. @returns a function that undoes it. */
  async replaceTraefik(change: ChangeValues): Promise<() => Promise<void>> {
    const usual = this.replicas(controllers.traefik.installation.identity.name);
    const [first] = await nodeAddresses();
    const variant = new ControllerReplicas(first === undefined ? [] : [first], 200);
    usual.pause();
    await variant.roll(this.#version("twin", traefik, change(await this.#traefikValues())));
    return async () => {
      for (const { program, nodePort } of variant.all) {
        nodePort.close();
        await program.kill();
      }
      await usual.resume();
    };
  }

  async #traefikValues(): Promise<Record<string, unknown>> {
    return structuredClone(
      await readHelmValues(traefik.namespace, controllers.traefik.installation.identity.name),
    ) as Record<string, unknown>;
  }

  async #carryOut(release: string): Promise<void> {
    const runnable = this.#runnable.get(release);
    if (runnable === undefined) throw new Error(`${release} is not supported`);
    const running = this.#running.get(release);
    const values = await readHelmValues(runnable.namespace, release);
    if (values === undefined) {
      this.#running.delete(release);
      void running?.replicas.end();
      for (const at of running?.objects ?? []) await remove(at);
      return;
    }
    await this.#before(runnable.namespace);
    await runnable.prepare(values);
    const objects = runnable.objects(values);
    for (const [at, object] of Object.entries(objects)) await apply(at, object);
    const replicas = running?.replicas ?? new ControllerReplicas(await nodeAddresses(), runnable.firstPod);
    await replicas.roll(this.#version(release, runnable, values));
    this.#running.set(release, { replicas, objects: Object.keys(objects) });
  }

  #version(
    name: string,
    { flags, namespace, nodePorts, probe, serviceAccountName }: Runnable,
    values: unknown,
  ): ReplicaTemplate {
    const KUBECONFIG =
      serviceAccountName === undefined ? kubeconfig : writeKubeconfigAs(namespace, serviceAccountName);
    const command = path.join(binDir, "traefik");
    return {
      nodePorts: nodePorts(values),
      probe: probe(values),
      start: (pod) =>
        new BackgroundProcess(`${name}-${pod}`, this.#logs, command, flags(values, pod), {
          KUBECONFIG,
        }),
    };
  }
}

async function nodeAddresses(): Promise<readonly string[]> {
  const { servers } = (await hetzner("/servers")) as {
    servers: readonly { private_net: readonly { ip: string }[] }[];
  };
  return servers.map(({ private_net }) => private_net[0]?.ip ?? "");
}

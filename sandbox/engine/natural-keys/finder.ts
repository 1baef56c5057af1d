import type { KubeApi } from "../../cluster/kube-api";

/** Where things may have been made. */
export interface Places {
  /** An answer of the Hetzner API, as JSON; undefined when it is 404. */
  readonly hetzner: (path: string) => Promise<unknown>;
  /** The same of the Cloudflare API; with `DELETE` it takes away what is there. */
  readonly cloudflare: (path: string, method?: "DELETE") => Promise<unknown>;
  readonly kube: KubeApi;
  /** Takes away what a half-made Helm release left: its objects and its record. */
  readonly uninstall: (name: string, namespace: string) => Promise<void>;
}

/** The id of the thing in the form in which it is imported; undefined when there is no such thing. */
export type Find = (inputs: Inputs, places: Places) => Promise<string | undefined>;
export type Inputs = Readonly<Record<string, unknown>>;

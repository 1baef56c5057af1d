import type { Clouds } from "../clouds/client";
import { kubeApi } from "../cluster/kube-api";
import type { Places } from "./natural-keys";
import { uninstall } from "../plugins/kubernetes/helm";
import { SandboxError } from "../sandbox-error";

/**
 * The clouds and the cluster of a stack, through the same APIs that the providers use.
 *
 * @param kubeconfig its text; `file` names it in errors.
 */
export async function placesOf(clouds: Clouds, kubeconfig: string, file: string): Promise<Places> {
  const accounts = clouds.accounts();
  return {
    hetzner: (path) => json(`${clouds.hetznerUrl}${path}`, accounts.hetzner),
    cloudflare: (path, method) =>
      json(`${clouds.cloudflareUrl.replace(/\/$/, "")}${path}`, accounts.cloudflare, method),
    kube: await kubeApi(kubeconfig, file),
    uninstall: (name, namespace) => uninstall(kubeconfig, namespace, name),
  };
}

async function json(url: string, token: string, method = "GET"): Promise<unknown> {
  const response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new SandboxError(`${method} ${url} is answered with ${response.status}.`);
  return response.json();
}

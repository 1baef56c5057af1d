import { UNKNOWN, type InputError, type ResourceType, type Props, type FakeProvider } from "../fake-provider";
import { Client } from "./client";
import { getLoadBalancers, getServers } from "./functions";
import { loadBalancer } from "./load-balancer";
import { loadBalancerNetwork } from "./load-balancer-network";
import { loadBalancerService } from "./load-balancer-service";
import { loadBalancerTarget } from "./load-balancer-target";
import { rdns } from "./rdns";

const ARGS = new Set(["version", "pluginDownloadURL", "__internal"]);

/** The stand-in for the hcloud provider, over the sandbox's Hetzner Cloud API and nothing else. @param request for tests. */
export function hcloud(request: typeof fetch = fetch): FakeProvider {
  let configured: Client | undefined;
  const client = (): Client => {
    if (configured === undefined)
      throw new Error("the hcloud provider was not configured before its first use");
    return configured;
  };
  const kinds: Readonly<Record<string, ResourceType>> = {
    "hcloud:index/loadBalancer:LoadBalancer": loadBalancer(client),
    "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork": loadBalancerNetwork(client),
    "hcloud:index/loadBalancerService:LoadBalancerService": loadBalancerService(client),
    "hcloud:index/loadBalancerTarget:LoadBalancerTarget": loadBalancerTarget(client),
    "hcloud:index/rdns:Rdns": rdns(client),
  };

  return {
    name: "hcloud",
    version: "1.41.0",
    checkConfig: (args) => validateArgs(args),
    configure(args) {
      const [error] = validateArgs(args);
      if (error !== undefined) throw new Error(`hcloud provider: ${error.property}: ${error.reason}`);
      const { token, endpoint } = args as { readonly token: string; readonly endpoint: string };
      configured = new Client({ endpoint: endpoint.replace(/\/+$/, ""), token, fetch: request });
    },
    findType: (token) => kinds[token],
    async invoke(token, args) {
      if (token === "hcloud:index/getLoadBalancers:getLoadBalancers") return getLoadBalancers(client(), args);
      if (token === "hcloud:index/getServers:getServers") return getServers(client(), args);
      throw new Error(
        `the sandbox's stand-in for the hcloud provider has no function "${token}": ` +
          "add it in sandbox/plugins/hcloud, or run the real plugin with --plugins DIR",
      );
    },
  };
}

function validateArgs({ token = "", endpoint = "", ...rest }: Props): InputError[] {
  const errors = Object.keys(rest)
    .filter((key) => !ARGS.has(key))
    .map((property) => ({ property, reason: "the stand-in does not know this argument" }));
  if (token !== UNKNOWN && String(token).length !== 64)
    errors.push({
      property: "token",
      reason: "entered token is invalid (must be exactly 64 characters long)",
    });
  // Only the real plugin may create real load balancers.
  if (endpoint !== UNKNOWN && !/^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+(\/|$)/.test(String(endpoint)))
    errors.push({
      property: "endpoint",
      reason: `is "${String(endpoint)}", want the sandbox's http://127.0.0.1:<port>/hetzner/v1`,
    });
  return errors;
}

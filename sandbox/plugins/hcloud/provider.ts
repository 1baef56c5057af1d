import { UNKNOWN, type InputError, type ResourceType, type Props, type FakeProvider } from "../fake-provider";
import { Client } from "./client";
import { getLoadBalancers } from "./functions";
import { loadBalancer } from "./load-balancer";
import { loadBalancerNetwork } from "./load-balancer-network";
import { loadBalancerService } from "./load-balancer-service";
import { loadBalancerTarget } from "./load-balancer-target";
import { rdns } from "./rdns";

const ARGS = new Set(["token", "endpoint", "version", "pluginDownloadURL", "__internal"]);

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
      const { token, endpoint } = readAccess(args);
      configured = new Client({ endpoint: endpoint.replace(/\/+$/, ""), token, fetch: request });
    },
    findType: (token) => kinds[token],
    async invoke(token, args) {
      if (token === "hcloud:index/getLoadBalancers:getLoadBalancers") return getLoadBalancers(client(), args);
      throw new Error(
        `the sandbox's stand-in for the hcloud provider has no function "${token}": ` +
          "teach it in sandbox/plugins/hcloud, or run the real plugin with --plugins DIR",
      );
    },
  };
}

function readAccess(args: Props): { token: string; endpoint: string } {
  const text = (value: unknown, variable: string): string =>
    typeof value === "string" ? value : (process.env[variable] ?? "");
  return { token: text(args.token, "HCLOUD_TOKEN"), endpoint: text(args.endpoint, "HCLOUD_ENDPOINT") };
}

function validateArgs(args: Props): InputError[] {
  const { token, endpoint } = readAccess(args);
  const errors = Object.keys(args)
    .filter((key) => !ARGS.has(key))
    .map((property) => ({ property, reason: "the stand-in does not know this argument" }));
  if (token !== UNKNOWN && token.length !== 64)
    errors.push({
      property: "token",
      reason: "entered token is invalid (must be exactly 64 characters long)",
    });
  // Only the real plugin may create real load balancers.
  if (endpoint !== UNKNOWN && !/^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+(\/|$)/.test(endpoint))
    errors.push({
      property: "endpoint",
      reason: `is "${endpoint}", want the sandbox's http://127.0.0.1:<port>/hetzner/v1`,
    });
  return errors;
}

import { z } from "zod";

import type { Inputs, Places } from "./finder";

const text = z.union([z.string(), z.number()]).transform(String);
const balancer = z.looseObject({
  id: z.number(),
  public_net: z.looseObject({
    ipv4: z.looseObject({ ip: z.string().nullish(), dns_ptr: z.string().nullish() }).nullish(),
    ipv6: z.looseObject({ ip: z.string().nullish(), dns_ptr: z.string().nullish() }).nullish(),
  }),
  private_net: z.array(z.looseObject({ network: z.number() })),
  services: z.array(z.looseObject({ listen_port: z.number() })),
  targets: z.array(
    z.looseObject({
      type: z.string(),
      label_selector: z.looseObject({ selector: z.string() }).nullish(),
      server: z.looseObject({ id: z.number() }).nullish(),
      ip: z.looseObject({ ip: z.string() }).nullish(),
    }),
  ),
});

async function byId(id: unknown, { hetzner }: Places) {
  const answer = await hetzner(`/load_balancers/${text.parse(id)}`);
  return answer === undefined
    ? undefined
    : z.looseObject({ load_balancer: balancer }).parse(answer).load_balancer;
}

export async function loadBalancer(inputs: Inputs, { hetzner }: Places): Promise<string | undefined> {
  const { name } = z.looseObject({ name: z.string() }).parse(inputs);
  const answer = await hetzner(`/load_balancers?name=${encodeURIComponent(name)}`);
  const [found] = z.looseObject({ load_balancers: z.array(balancer) }).parse(answer).load_balancers;
  return found && String(found.id);
}

export async function attachment(inputs: Inputs, places: Places): Promise<string | undefined> {
  const { networkId } = inputs;
  if (networkId === undefined) return undefined;
  const found = await byId(inputs.loadBalancerId, places);
  const attached = found?.private_net.some(({ network }) => network === Number(networkId));
  return attached ? `${found?.id ?? ""}-${text.parse(networkId)}` : undefined;
}

export async function service(inputs: Inputs, places: Places): Promise<string | undefined> {
  const port = Number(inputs.listenPort ?? (inputs.protocol === "https" ? 443 : 80));
  const found = await byId(inputs.loadBalancerId, places);
  return found?.services.some(({ listen_port }) => listen_port === port) ? `${found.id}__${port}` : undefined;
}

export async function target(inputs: Inputs, places: Places): Promise<string | undefined> {
  const { type, labelSelector, serverId, ip } = inputs;
  const wanted = text.parse(labelSelector ?? serverId ?? ip);
  const found = await byId(inputs.loadBalancerId, places);
  const there = found?.targets.some(
    (one) =>
      one.type === type &&
      [one.label_selector?.selector, one.server?.id, one.ip?.ip].some(
        (identifier) => String(identifier) === wanted,
      ),
  );
  return there ? `${found?.id ?? ""}__${text.parse(type)}__${wanted}` : undefined;
}

export async function reverseDns(inputs: Inputs, places: Places): Promise<string | undefined> {
  if (inputs.loadBalancerId === undefined) return undefined;
  const found = await byId(inputs.loadBalancerId, places);
  const { ipv4, ipv6 } = found?.public_net ?? {};
  const set = [ipv4, ipv6].some((one) => one?.ip === inputs.ipAddress && one?.dns_ptr === inputs.dnsPtr);
  return set ? `l-${found?.id ?? ""}-${text.parse(inputs.ipAddress)}` : undefined;
}

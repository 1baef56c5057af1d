import { z } from "zod";

import type { ResourceType, Props } from "../fake-provider";
import { undefinedOn, type Client } from "./client";
import { toInputDeclaration, toReadResult, validateTypes } from "./inputs";

const schema = z.strictObject({
  ipAddress: z.union([z.ipv4(), z.ipv6()], "want an IP address"),
  dnsPtr: z.string().min(1),
  loadBalancerId: z.int(),
});

/**
 * `hcloud.Rdns` of a load balancer; its id, also in an import, is `l-<load balancer>-<address>`. Servers' and other
 * addresses are not supported: the sandbox's cloud has none.
 */
export function rdns(client: () => Client): ResourceType {
  const find = async (id: string): Promise<Props | undefined> => {
    const { loadBalancerId, ipAddress } = parseId(id);
    const net = (await client().loadBalancer(loadBalancerId))?.public_net;
    const address = net && [net.ipv4, net.ipv6].find(({ ip }) => ip === ipAddress);
    return address?.dns_ptr ? { loadBalancerId, ipAddress, dnsPtr: address.dns_ptr } : undefined;
  };
  const set = (lb: number, ip: string, dns_ptr: string | null): Promise<void> =>
    client().act(lb, "change_dns_ptr", { ip, dns_ptr });

  return {
    inputs: toInputDeclaration(schema),
    computed: [],
    replaceOn: ["ipAddress", "loadBalancerId"],
    validate: (inputs) => validateTypes(schema, inputs),

    async create(inputs) {
      const { loadBalancerId, ipAddress, dnsPtr } = schema.parse(inputs);
      await set(loadBalancerId, ipAddress, dnsPtr);
      return { id: `l-${loadBalancerId}-${ipAddress}`, outputs: {} };
    },
    async read(id, last) {
      const found = await find(id);
      return found && toReadResult(found, {}, last);
    },
    async update(_id, inputs) {
      const { loadBalancerId, ipAddress, dnsPtr } = schema.parse(inputs);
      await set(loadBalancerId, ipAddress, dnsPtr);
      return {};
    },
    async delete(id) {
      const { loadBalancerId, ipAddress } = parseId(id);
      await undefinedOn(["not_found"], set(loadBalancerId, ipAddress, null));
    },
  };
}

function parseId(id: string): { loadBalancerId: number; ipAddress: string } {
  const [, lb, ipAddress] = /^l-(\d+)-(.+)$/.exec(id) ?? [];
  if (ipAddress === undefined)
    throw new Error(`"${id}" is no id of an Rdns: want l-<load balancer>-<address>`);
  return { loadBalancerId: Number(lb), ipAddress };
}

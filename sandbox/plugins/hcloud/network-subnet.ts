import { z } from "zod";

import type { Kind, Props } from "../stand-in";
import { except, type Client } from "./client";
import { coerced, inputsOf, made, observed, typeFaults, whole } from "./inputs";

const schema = z.strictObject({
  networkId: whole,
  type: z.enum(["cloud", "server"]),
  networkZone: z.string(),
  ipRange: z.string(),
});

/** `hcloud.NetworkSubnet`, except of a vSwitch; its id, also in an import, is `<network>-<CIDR>`. */
export function networkSubnet(client: () => Client): Kind {
  const find = async (id: string): Promise<{ settings: Props; gateway: string } | undefined> => {
    const { networkId, ipRange } = partsOf(id);
    const subnet = (await client().network(networkId))?.subnets.find((one) => one.ip_range === ipRange);
    if (subnet === undefined) return undefined;
    const { type, network_zone, gateway } = subnet;
    return { settings: { networkId, ipRange, type, networkZone: network_zone }, gateway };
  };

  return {
    inputs: inputsOf(schema),
    computed: ["gateway"],
    replaceOn: ["networkId", "type", "networkZone", "ipRange"],
    withDefaults: (inputs) => coerced(schema, inputs),
    faults: (inputs) => typeFaults(schema, inputs),

    async create(inputs) {
      const { networkId, type, networkZone, ipRange } = schema.parse(inputs);
      const body = { type, network_zone: networkZone, ip_range: ipRange };
      await client().send("POST", `/networks/${networkId}/actions/add_subnet`, body);
      const id = `${networkId}-${ipRange}`;
      return made(id, inputs, async () => ({ gateway: (await find(id))?.gateway }));
    },
    async read(id, last) {
      const found = await find(id);
      return found && observed(found.settings, { gateway: found.gateway }, last);
    },
    // Every input replaces it: only a creation that was cut short comes here.
    async update(id) {
      return { gateway: (await find(id))?.gateway };
    },
    async delete(id) {
      const { networkId, ipRange } = partsOf(id);
      const body = { ip_range: ipRange };
      await except(
        ["not_found"],
        client().send("POST", `/networks/${networkId}/actions/delete_subnet`, body),
      );
    },
  };
}

function partsOf(id: string): { networkId: number; ipRange: string } {
  const [, networkId, ipRange] = /^(\d+)-(.+\/\d+)$/.exec(id) ?? [];
  if (ipRange === undefined) throw new Error(`"${id}" is no id of a NetworkSubnet: want <network>-<CIDR>`);
  return { networkId: Number(networkId), ipRange };
}

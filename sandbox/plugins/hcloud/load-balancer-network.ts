import { z } from "zod";

import type { ResourceType, Props } from "../fake-provider";
import { ApiError, undefinedOn, type Client } from "./client";
import { keepOldInputs, toInputDeclaration, toReadResult, validateTypes } from "./inputs";

/** Without `subnetId`, since such an attachment cannot be imported. */
const schema = z.strictObject({
  loadBalancerId: z.int(),
  networkId: z.int(),
  ip: z.ipv4().optional(),
  /** The real provider's default, the only value here. */
  enablePublicInterface: z.literal(true),
});

/** `hcloud.LoadBalancerNetwork`; its id, also in an import, is `<load balancer>-<network>`. */
export function loadBalancerNetwork(client: () => Client): ResourceType {
  const find = async (id: string): Promise<Props | undefined> => {
    const { loadBalancerId, networkId } = parseId(id);
    const lb = await client().loadBalancer(loadBalancerId);
    const attachment = lb?.private_net.find(({ network }) => network === networkId);
    return attachment && { loadBalancerId, networkId, ip: attachment.ip, enablePublicInterface: true };
  };

  return {
    inputs: toInputDeclaration(schema),
    computed: [],
    replaceOn: ["loadBalancerId", "networkId", "ip"],
    withDefaults: (inputs, _name, olds) =>
      keepOldInputs(
        { enablePublicInterface: true, ...inputs },
        olds,
        ["ip"],
        ["loadBalancerId", "networkId"],
      ),
    validate: (inputs) => validateTypes(schema, inputs),

    async create(inputs) {
      const { loadBalancerId, networkId, ip } = schema.parse(inputs);
      const id = `${loadBalancerId}-${networkId}`;
      try {
        await client().act(loadBalancerId, "attach_to_network", { network: networkId, ip });
      } catch (error) {
        // As the real provider: an attachment to the same network is taken for this one.
        const isAttached = error instanceof ApiError && error.code === "load_balancer_already_attached";
        if (!isAttached || (await find(id)) === undefined) throw error;
      }
      return { id, outputs: (await find(id)) ?? {} };
    },
    async read(id, last) {
      const found = await find(id);
      return found && toReadResult(found, {}, last);
    },
    update: () =>
      Promise.reject(new Error("a network attachment cannot be updated: every input replaces it")),
    async delete(id) {
      if ((await find(id)) === undefined) return;
      const { loadBalancerId, networkId } = parseId(id);
      await undefinedOn(
        ["not_found"],
        client().act(loadBalancerId, "detach_from_network", { network: networkId }),
      );
    },
  };
}

function parseId(id: string): { readonly loadBalancerId: number; readonly networkId: number } {
  const [, loadBalancer, network] = /^(\d+)-(\d+)$/.exec(id) ?? [];
  if (network === undefined)
    throw new Error(`"${id}" is no id of a LoadBalancerNetwork: want <load balancer>-<network>`);
  return { loadBalancerId: Number(loadBalancer), networkId: Number(network) };
}

import { z } from "zod";

import type { ResourceType, Props } from "../fake-provider";
import { ApiError, undefinedOn, type Attachment, type Client, type ShownLoadBalancer } from "./client";
import {
  keepOldInputs,
  coerceInputs,
  flag,
  toInputDeclaration,
  finishCreate,
  toReadResult,
  validateTypes,
  wholeNumber,
} from "./inputs";

const schema = z.strictObject({
  loadBalancerId: wholeNumber,
  networkId: wholeNumber.optional(),
  subnetId: z
    .string()
    .regex(/^\d+-[\d.]+\/\d+$/, "want <network id>-<CIDR>")
    .optional(),
  ip: z.ipv4().optional(),
  enablePublicInterface: flag.optional(),
});

/** `hcloud.LoadBalancerNetwork`; its id, also in an import, is `<load balancer>-<network>`. */
export function loadBalancerNetwork(client: () => Client): ResourceType {
  const find = async (id: string): Promise<Found | undefined> => {
    const [, lbId = "", network = ""] = /^(\d+)-(\d+)$/.exec(id) ?? [];
    if (network === "")
      throw new Error(`"${id}" is no id of a LoadBalancerNetwork: want <load balancer>-<network>`);
    const lb = await client().loadBalancer(lbId);
    const attachment = lb?.private_net.find((one) => String(one.network) === network);
    return lb && attachment && { lb, attachment };
  };
  const outputsOf = async (id: string): Promise<Props> => {
    const found = await find(id);
    if (found === undefined)
      throw new Error(`Attachment ${id} of a load balancer is gone: run "pulumi refresh".`);
    return toSettings(found);
  };

  return {
    inputs: toInputDeclaration(schema),
    computed: [],
    replaceOn: ["loadBalancerId", "networkId", "subnetId", "ip"],
    withDefaults: (inputs, _name, olds) => {
      const identity = ["loadBalancerId", "networkId", "subnetId"];
      return coerceInputs(
        schema,
        keepOldInputs({ enablePublicInterface: true, ...inputs }, olds, ["ip"], identity),
      );
    },
    validate: (inputs) => {
      const given = ["networkId", "subnetId"].filter((key) => inputs[key] !== undefined);
      if (given.length === 1) return validateTypes(schema, inputs);
      const reason = `give exactly one of networkId and subnetId, not ${given.length === 0 ? "none" : "both"}`;
      return [...validateTypes(schema, inputs), { property: "networkId", reason }];
    },

    async create(inputs) {
      const { loadBalancerId, networkId, subnetId, ip, enablePublicInterface } = schema.parse(inputs);
      const [, ofSubnet, ip_range] = /^(\d+)-(.+)$/.exec(subnetId ?? "") ?? [];
      const network = networkId ?? Number(ofSubnet);
      const id = `${loadBalancerId}-${network}`;
      try {
        await client().act(loadBalancerId, "attach_to_network", { network, ip, ip_range });
      } catch (error) {
        const attached = error instanceof ApiError && error.code === "load_balancer_already_attached";
        // As the real provider: an attachment to the same network is taken for this one.
        if (!attached || (await find(id)) === undefined) throw error;
      }
      return finishCreate(id, inputs, async () => {
        await setPublicInterface(client(), loadBalancerId, enablePublicInterface);
        return outputsOf(id);
      });
    },
    async read(id, last) {
      const found = await find(id);
      if (found === undefined) return undefined;
      const { subnetId } = last.inputs;
      const settings = toSettings(found);
      return toReadResult(subnetId === undefined ? settings : { ...settings, subnetId }, {}, last);
    },
    async update(id, inputs) {
      const { loadBalancerId, enablePublicInterface } = schema.parse(inputs);
      await setPublicInterface(client(), loadBalancerId, enablePublicInterface);
      return outputsOf(id);
    },
    async delete(id) {
      const found = await find(id);
      if (found === undefined) return;
      const { lb, attachment } = found;
      await undefinedOn(
        ["not_found"],
        client().act(lb.id, "detach_from_network", { network: attachment.network }),
      );
    },
  };
}

interface Found {
  readonly lb: ShownLoadBalancer;
  readonly attachment: Attachment;
}

function toSettings({ lb, attachment }: Found): Props {
  return {
    loadBalancerId: lb.id,
    networkId: attachment.network,
    ip: attachment.ip,
    enablePublicInterface: lb.public_net.enabled,
  };
}

async function setPublicInterface(client: Client, loadBalancer: number, enabled = true): Promise<void> {
  await client.act(loadBalancer, enabled ? "enable_public_interface" : "disable_public_interface");
}

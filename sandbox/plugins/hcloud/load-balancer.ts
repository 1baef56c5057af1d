import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import { UNKNOWN, type InputError, type ResourceType, type Props } from "../fake-provider";
import { undefinedOn, type Client, type ShownLoadBalancer } from "./client";
import { keepOldInputs, toInputDeclaration, finishCreate, toReadResult, validateTypes } from "./inputs";

const schema = z.strictObject({
  name: z.string(),
  loadBalancerType: z.string(),
  location: z.string().optional(),
  networkZone: z.string().optional(),
  algorithm: z.strictObject({ type: z.enum(["round_robin", "least_connections"]) }),
  labels: z.record(z.string(), z.string()),
  deleteProtection: z.boolean(),
});
const places = ["location", "networkZone"] as const;

interface Created {
  readonly load_balancer: { readonly id: number };
}

/** `hcloud.LoadBalancer`; its id, also in an import, is the load balancer's number. */
export function loadBalancer(client: () => Client): ResourceType {
  const outputsOf = async (id: string | number): Promise<Props> => {
    const lb = await client().loadBalancer(id);
    if (lb === undefined) throw new Error(`Load balancer ${id} is gone: run "pulumi refresh".`);
    return { ...toSettings(lb), ...toComputed(lb) };
  };

  return {
    inputs: toInputDeclaration(schema),
    computed: ["ipv4", "ipv6", "networkId", "networkIp", "targets"],
    replaceOn: places,
    // The real provider's default for a name that the program chooses: two cannot have it.
    deleteBeforeReplace: () => true,
    withDefaults: (inputs, _name, olds) => keepOldInputs(inputs, olds, places, places),
    validate: (inputs) => [...validateTypes(schema, inputs), ...validateLabels(inputs)],

    async create(inputs) {
      const { loadBalancerType, networkZone, deleteProtection, ...rest } = schema.parse(inputs);
      const body = { ...rest, load_balancer_type: loadBalancerType, network_zone: networkZone };
      const { load_balancer: lb } = await client().call<Created>("POST", "/load_balancers", body);
      return finishCreate(String(lb.id), inputs, async () => {
        if (deleteProtection) await client().act(lb.id, "change_protection", { delete: true });
        return outputsOf(lb.id);
      });
    },
    async read(id, last) {
      const lb = await client().loadBalancer(id);
      return lb && toReadResult(toSettings(lb), toComputed(lb), last);
    },
    async update(id, inputs) {
      const wanted = schema.parse(inputs);
      const has = await outputsOf(id);
      const change = (key: keyof typeof wanted) => !isDeepStrictEqual(wanted[key], has[key]);
      if (change("name")) await client().call("PUT", `/load_balancers/${id}`, { name: wanted.name });
      if (change("loadBalancerType"))
        await client().act(id, "change_type", { load_balancer_type: wanted.loadBalancerType });
      if (change("algorithm")) await client().act(id, "change_algorithm", wanted.algorithm);
      if (change("labels")) await client().call("PUT", `/load_balancers/${id}`, { labels: wanted.labels });
      if (change("deleteProtection"))
        await client().act(id, "change_protection", { delete: wanted.deleteProtection });
      return outputsOf(id);
    },
    async delete(id) {
      await undefinedOn(["not_found"], client().call("DELETE", `/load_balancers/${id}`));
    },
  };
}

const name = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
const labelKey = new RegExp(`^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,252}/)?${name}$`);
const labelValue = new RegExp(`^(?:${name})?$`);

/** Labels that Hetzner would refuse; the real provider finds them in a preview already. */
function validateLabels({ labels = {} }: Props): InputError[] {
  if (labels === UNKNOWN) return [];
  return Object.entries(labels as Props).flatMap(([key, value]) => {
    const isValue = value === UNKNOWN || labelValue.test(String(value));
    if (labelKey.test(key) && isValue) return [];
    const what = isValue ? `key '${key}'` : `value '${String(value)}' (key: ${key})`;
    return [{ property: "labels", reason: `label ${what} is not correctly formatted` }];
  });
}

/** The inputs of a load balancer. */
export function toSettings(lb: ShownLoadBalancer): Props {
  return {
    name: lb.name,
    loadBalancerType: lb.load_balancer_type.name,
    location: lb.location.name,
    networkZone: lb.location.network_zone,
    algorithm: lb.algorithm,
    labels: lb.labels,
    deleteProtection: lb.protection.delete,
  };
}

/** The outputs that are no inputs. */
export function toComputed(lb: ShownLoadBalancer): Props {
  const [attachment] = lb.private_net;
  return {
    ipv4: lb.public_net.ipv4.ip,
    ipv6: lb.public_net.ipv6.ip,
    networkId: attachment?.network,
    networkIp: attachment?.ip,
    targets: lb.targets.map((target) =>
      target.type === "server" ? { type: target.type, serverId: target.server.id } : { type: target.type },
    ),
  };
}

import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import { UNKNOWN, type InputError, type ResourceType, type Props } from "../fake-provider";
import { undefinedOn, type Client, type ShownLoadBalancer } from "./client";
import {
  keepOldInputs,
  coerceInputs,
  flag,
  hasProgramName,
  toInputDeclaration,
  finishCreate,
  withName,
  toReadResult,
  validateTypes,
} from "./inputs";

const schema = z.strictObject({
  name: z.string().optional(),
  loadBalancerType: z.string(),
  location: z.string().optional(),
  networkZone: z.string().optional(),
  algorithm: z
    .strictObject({ type: z.enum(["round_robin", "least_connections"]).default("round_robin") })
    .optional(),
  labels: z.record(z.string(), z.string()).optional(),
  deleteProtection: flag.optional(),
});

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
    replaceOn: ["location", "networkZone"],
    deleteBeforeReplace: hasProgramName,
    withDefaults: (inputs, name, olds) => {
      const places = ["location", "networkZone"];
      const kept = keepOldInputs(
        withoutEmptyLabels(inputs, olds),
        olds,
        ["algorithm", "labels", ...places],
        places,
      );
      return coerceInputs(schema, { deleteProtection: false, ...withName(kept, name, olds) });
    },
    validate: (inputs) => [...validateTypes(schema, inputs), ...validateLabels(inputs)],

    async create(inputs) {
      const { loadBalancerType, networkZone, deleteProtection, ...rest } = schema.parse(inputs);
      const body = { ...rest, load_balancer_type: loadBalancerType, network_zone: networkZone };
      const { load_balancer: lb } = await client().send<Created>("POST", "/load_balancers", body);
      return finishCreate(String(lb.id), inputs, async () => {
        if (deleteProtection === true) await client().act(lb.id, "change_protection", { delete: true });
        return outputsOf(lb.id);
      });
    },
    async read(id, last) {
      const lb = await client().loadBalancer(id);
      return lb && toReadResult(toSettings(lb), toComputed(lb), last, ["algorithm"]);
    },
    async update(id, inputs) {
      const wanted = schema.parse(inputs);
      const has = await outputsOf(id);
      const change = (key: keyof typeof wanted) =>
        wanted[key] !== undefined && !isDeepStrictEqual(wanted[key], has[key]);
      if (change("name")) await client().send("PUT", `/load_balancers/${id}`, { name: wanted.name });
      if (change("loadBalancerType"))
        await client().act(id, "change_type", { load_balancer_type: wanted.loadBalancerType });
      if (change("algorithm")) await client().act(id, "change_algorithm", wanted.algorithm);
      if (change("labels")) await client().send("PUT", `/load_balancers/${id}`, { labels: wanted.labels });
      if (change("deleteProtection"))
        await client().act(id, "change_protection", { delete: wanted.deleteProtection });
      return outputsOf(id);
    },
    async delete(id) {
      await undefinedOn(["not_found"], client().send("DELETE", `/load_balancers/${id}`));
    },
  };
}

/** Omits empty labels unless the old inputs had labels: the real provider sees no difference then. */
function withoutEmptyLabels({ labels, ...rest }: Props, olds: Props | undefined): Props {
  const count = (value: unknown) => Object.keys(value ?? {}).length;
  const isNothing = labels === undefined || (count(labels) === 0 && count(olds?.labels) === 0);
  return isNothing ? rest : { labels, ...rest };
}

const name = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
const labelKey = new RegExp(`^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,252}/)?${name}$`);
const labelValue = new RegExp(`^(?:${name})?$`);

/** Labels that Hetzner would refuse; the real provider finds them in a preview already. */
function validateLabels({ labels }: Props): InputError[] {
  if (labels === UNKNOWN) return [];
  return Object.entries(labels ?? {}).flatMap(([key, value]: [string, unknown]) => [
    ...(labelKey.test(key)
      ? []
      : [{ property: "labels", reason: `label key '${key}' is not correctly formatted` }]),
    ...(value === UNKNOWN || labelValue.test(String(value))
      ? []
      : [
          {
            property: "labels",
            reason: `label value '${String(value)}' (key: ${key}) is not correctly formatted`,
          },
        ]),
  ]);
}

function toSettings(lb: ShownLoadBalancer): Props {
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

function toComputed(lb: ShownLoadBalancer): Props {
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

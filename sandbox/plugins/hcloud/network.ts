import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import type { Kind, Props } from "../stand-in";
import { except, type Client, type Network } from "./client";
import { carried, coerced, flag, hasChosenName, inputsOf, made, named, observed, typeFaults } from "./inputs";
import { malformedLabels } from "./load-balancer";

const schema = z.strictObject({
  name: z.string().optional(),
  ipRange: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
  deleteProtection: flag.optional(),
  exposeRoutesToVswitch: flag.optional(),
});

/** `hcloud.Network`; its id, also in an import, is the network's number. */
export function network(client: () => Client): Kind {
  const outputsOf = async (id: string | number): Promise<Props> => {
    const found = await client().network(id);
    if (found === undefined) throw new Error(`Network ${id} is gone: run "pulumi refresh".`);
    return settingsOf(found);
  };

  return {
    inputs: inputsOf(schema),
    computed: [],
    replaceOn: ["ipRange"],
    deleteBeforeReplace: hasChosenName,
    withDefaults: (inputs, name, olds) => {
      const kept = carried(inputs, olds, ["labels"], []);
      const defaults = { deleteProtection: false, exposeRoutesToVswitch: false };
      return coerced(schema, { ...defaults, ...named(kept, name, olds) });
    },
    faults: (inputs) => [...typeFaults(schema, inputs), ...malformedLabels(inputs)],

    async create(inputs) {
      const { name, ipRange, labels, deleteProtection, exposeRoutesToVswitch } = schema.parse(inputs);
      const body = { name, ip_range: ipRange, labels, expose_routes_to_vswitch: exposeRoutesToVswitch };
      const { id } = (await client().send<{ network: { id: number } }>("POST", "/networks", body)).network;
      return made(String(id), inputs, async () => {
        if (deleteProtection === true) await protect(client(), id, true);
        return outputsOf(id);
      });
    },
    async read(id, last) {
      const found = await client().network(id);
      return found && observed(settingsOf(found), {}, last);
    },
    async update(id, inputs) {
      const { name, labels, deleteProtection, exposeRoutesToVswitch } = schema.parse(inputs);
      const body = { name, labels, expose_routes_to_vswitch: exposeRoutesToVswitch };
      await client().send("PUT", `/networks/${id}`, body);
      const has = await outputsOf(id);
      if (!isDeepStrictEqual(has.deleteProtection, deleteProtection))
        await protect(client(), id, deleteProtection ?? false);
      return outputsOf(id);
    },
    async delete(id) {
      await except(["not_found"], client().send("DELETE", `/networks/${id}`));
    },
  };
}

function settingsOf(live: Network): Props {
  return {
    name: live.name,
    ipRange: live.ip_range,
    labels: live.labels,
    deleteProtection: live.protection.delete,
    exposeRoutesToVswitch: live.expose_routes_to_vswitch,
  };
}

async function protect(client: Client, id: number | string, on: boolean): Promise<void> {
  await client.send("POST", `/networks/${id}/actions/change_protection`, { delete: on });
}
